// SPDX-License-Identifier: Apache-2.0
#include "mail/notice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "base/digest.h"
#include "mail/characters.h"
#include "mail/date.h"

namespace mailreeve::mail {
namespace {

constexpr std::size_t plain_subject = 60;  // octets; with the field's name it fits a line
constexpr std::size_t word_octets = 42;    // of an encoded word before base64
constexpr std::size_t longest_line = 76;   // RFC 2045 6.7 (5)

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

/// What breaks lines or hides text has no place in a field.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? ' ' : c;
  return out;
}

std::string part(std::string_view type, std::string_view content) {
  return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}", type,
                     quoted_printable(content));
}

/// The text, and the same as HTML where there is one.
std::string text_parts(const Notice& notice, const std::string& boundary) {
  if (notice.html.empty()) return part("text/plain", notice.text);
  return fmt::format(
      "Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n--{}\r\n{}\r\n--{}\r\n{}\r\n--{}--\r\n",
      boundary, boundary, part("text/plain", notice.text), boundary, part("text/html", notice.html), boundary);
}

std::string file_part(const NoticeFile& file) {
  auto out = fmt::format(
      "Content-Type: {}; name=\"{}\"\r\nContent-Disposition: attachment; filename=\"{}\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n",
      file.type, file.name, file.name);
  const auto text = to_base64(file.bytes);
  for (std::size_t at = 0; at < text.size(); at += longest_line) {
    out += std::string_view{text}.substr(at, longest_line);
    out += "\r\n";
  }
  return out;
}

std::string address_field(std::string_view name, const Mailbox& address, std::string_view shown) {
  if (shown.empty()) return fmt::format("{}: <{}>\r\n", name, address.text());
  const auto words = encode_unstructured(shown);
  // Encoded words stand bare in a phrase, other text in quotes (RFC 2047 5 (3)).
  if (words.starts_with("=?")) return fmt::format("{}: {}\r\n <{}>\r\n", name, words, address.text());
  std::string quoted;
  for (const char c : words) quoted += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
  return fmt::format("{}: \"{}\" <{}>\r\n", name, quoted, address.text());
}

}  // namespace

std::string encode_unstructured(std::string_view utf8) {
  auto text = one_line(utf8);
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
  if (plain && text.size() <= plain_subject && text.find("=?") == std::string::npos) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(at + word_octets, text.size());
    while (end < text.size() && end > at + 1 && is_continuation(text[end])) --end;
    if (!out.empty()) out += "\r\n ";
    out += fmt::format("=?utf-8?B?{}?=", to_base64(std::string_view{text}.substr(at, end - at)));
    at = end;
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() > longest_line - 1) {  // a soft break needs one octet
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool blank = c == ' ' || c == '\t';
    // "From " and a lone dot at the start of a line are changed by some on the way.
    const bool fragile = column == 0 && (c == '.' || (c == 'F' && text.substr(i).starts_with("From ")));
    const bool literal = (c >= '!' && c <= '~' && c != '=' && !fragile) || (blank && !ends_line);
    if (literal) {
      put({&c, 1});
    } else {
      put(fmt::format("={:02X}", static_cast<unsigned char>(c)));
    }
  }
  if (!text.empty() && !text.ends_with('\n')) out += "\r\n";
  return out;
}

std::string compose(const Notice& notice) {
  std::string out;
  out += fmt::format("Date: {}\r\n", rfc5322_date(notice.date));
  out += address_field("From", notice.from, notice.from_name);
  out += address_field("To", notice.to, {});
  out += fmt::format("Subject: {}\r\n", encode_unstructured(notice.subject));
  out += fmt::format("Message-ID: <{}@{}>\r\n", notice.id, notice.host);
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  // A line of quoted-printable, or of base64, never holds "=_".
  const auto hash = sha256_of(notice.id + '@' + notice.host);
  const auto boundary = fmt::format("=_{}", hex(std::span{hash}.first(16)));
  if (!notice.attached) return out + text_parts(notice, boundary + "a");
  out += fmt::format("Content-Type: multipart/mixed;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{}\r\n{}\r\n--{}\r\n{}\r\n--{}--\r\n", boundary, text_parts(notice, boundary + "a"), boundary,
                     file_part(*notice.attached), boundary);
  return out;
}

}  // namespace mailreeve::mail
