// SPDX-License-Identifier: Apache-2.0
#include "dns/wire.h"

namespace mailreeve::dns {
namespace {

constexpr std::size_t label_limit = 63;
constexpr std::size_t name_limit = 255;

bool is_host_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }
bool is_name_character(char c) { return c > ' ' && c < 0x7f && c != '.' && c != '\\' && c != '"'; }

std::optional<std::string> read_name(std::string_view rdata, bool (*may_stand)(char)) {
  std::string name;
  std::size_t at = 0;
  while (at < rdata.size()) {
    const std::size_t length = static_cast<unsigned char>(rdata[at++]);
    if (length == 0) return name;
    if (length > label_limit || at + length > rdata.size() || at + length > name_limit) return std::nullopt;
    if (!name.empty()) name += '.';
    for (const char c : rdata.substr(at, length)) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (!may_stand(lower)) return std::nullopt;
      name += lower;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_host_name(std::string_view rdata) { return read_name(rdata, is_host_character); }

std::optional<MailExchanger> read_mail_exchanger(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  const auto preference =
      static_cast<std::uint16_t>(static_cast<unsigned char>(rdata[0]) << 8 | static_cast<unsigned char>(rdata[1]));
  auto host = read_name(rdata.substr(2), is_name_character);
  if (!host) return std::nullopt;
  return MailExchanger{preference, std::move(*host)};
}

std::optional<std::string> read_text(std::string_view rdata) {
  if (rdata.empty()) return std::nullopt;
  std::string text;
  for (std::size_t at = 0; at < rdata.size();) {
    const std::size_t length = static_cast<unsigned char>(rdata[at++]);
    if (at + length > rdata.size()) return std::nullopt;
    text += rdata.substr(at, length);
    at += length;
  }
  return text;
}

std::optional<std::string> write_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string wire;
  while (!name.empty()) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (label.empty() || label.size() > label_limit) return std::nullopt;
    wire += static_cast<char>(label.size());
    wire += label;
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
    if (name.empty()) return std::nullopt;
  }
  wire += '\0';
  if (wire.size() > name_limit) return std::nullopt;
  return wire;
}

std::string write_text(std::string_view text) {
  constexpr std::size_t string_limit = 255;
  std::string wire;
  do {
    const auto piece = text.substr(0, string_limit);
    wire += static_cast<char>(piece.size());
    wire += piece;
    text.remove_prefix(piece.size());
  } while (!text.empty());
  return wire;
}

}  // namespace mailreeve::dns
