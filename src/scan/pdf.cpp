// SPDX-License-Identifier: Apache-2.0
#include "scan/pdf.h"

#include <algorithm>

#include "mail/characters.h"
#include "scan/inflate.h"

namespace mailreeve::scan {
namespace {

constexpr int stream_count = 500;
constexpr std::size_t unpacked_limit = 16U << 20;
constexpr std::size_t one_stream = 4U << 20;
constexpr std::size_t uri_limit = 200;
constexpr std::size_t uri_octets = 2'000;

int hex_value(char c) {
  const char low = mail::to_lower(c);
  if (mail::is_digit(c)) return c - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool ends_name(char c) {
  return std::string_view{"()<>[]{}/% \t\r\n\f"}.find(c) != std::string_view::npos || c == '\0';
}

/// A name behind its slash, with #xx undone (7.3.5): /J#61vaScript is /JavaScript.
std::string read_name(std::string_view text, std::size_t& at) {
  std::string name;
  while (at < text.size() && !ends_name(text[at]) && name.size() < 128) {
    const int high = text[at] == '#' && at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[at + 2]) : -1;
    if (low >= 0) {
      name += static_cast<char>(high * 16 + low);
      at += 3;
    } else {
      name += text[at++];
    }
  }
  return name;
}

/// "(...)" with escapes (7.3.4.2), or "<hex>".
std::string read_string(std::string_view text, std::size_t at) {
  std::string out;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\r' || text[at] == '\n')) ++at;
  if (at >= text.size()) return out;
  if (text[at] == '<') {
    int high = -1;
    for (++at; at < text.size() && text[at] != '>' && out.size() < uri_octets; ++at) {
      const int value = hex_value(text[at]);
      if (value < 0) continue;
      if (high < 0) {
        high = value;
      } else {
        out += static_cast<char>(high * 16 + value);
        high = -1;
      }
    }
    return out;
  }
  if (text[at] != '(') return out;
  int depth = 1;
  for (++at; at < text.size() && out.size() < uri_octets; ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      out += text[++at];
      continue;
    }
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) break;
    out += c;
  }
  return out;
}

void look_at_objects(std::string_view text, PdfLook& look) {
  for (auto at = text.find('/'); at != std::string_view::npos; at = text.find('/', at)) {
    ++at;
    const auto name = read_name(text, at);
    if (name == "JavaScript" || name == "JS") look.javascript = true;
    if (name == "Launch") look.launch = true;
    if (name == "OpenAction" || name == "AA") look.open_action = true;
    if (name == "EmbeddedFile" || name == "EmbeddedFiles" || name == "RichMedia") look.embedded = true;
    if (name == "Encrypt") look.encrypted = true;
    if (name == "XFA" || name == "SubmitForm") look.form = true;
    if (name == "URI" && look.uris.size() < uri_limit) {
      auto uri = read_string(text, at);
      if (!uri.empty() && std::ranges::find(look.uris, uri) == look.uris.end()) look.uris.push_back(std::move(uri));
    }
  }
}

/// Where the octets of the stream begin whose dictionary holds `at` (7.3.8.1); npos when none does.
std::size_t stream_behind(std::string_view bytes, std::size_t at) {
  constexpr std::size_t dictionary = 4'096;
  auto start = bytes.substr(0, std::min(bytes.size(), at + dictionary)).find("stream", at);
  if (start == std::string_view::npos) return start;
  start += 6;
  if (start < bytes.size() && bytes[start] == '\r') ++start;
  if (start < bytes.size() && bytes[start] == '\n') ++start;
  return start;
}

}  // namespace

PdfLook look_at_pdf(std::string_view bytes) {
  PdfLook look;
  look_at_objects(bytes, look);
  // Objects may stand in streams (7.5.7); their dictionaries name /ObjStm just before "stream".
  std::size_t unpacked = 0;
  int count = 0;
  for (auto at = bytes.find("/ObjStm");
       at != std::string_view::npos && count++ < stream_count && unpacked < unpacked_limit;
       at = bytes.find("/ObjStm", at + 1)) {
    const auto start = stream_behind(bytes, at);
    if (start == std::string_view::npos) continue;
    const auto objects = inflated(bytes.substr(start), one_stream);
    unpacked += objects.size();
    look_at_objects(objects, look);
  }
  return look;
}

}  // namespace mailreeve::scan
