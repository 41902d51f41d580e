// SPDX-License-Identifier: Apache-2.0
#include "dns/wire.h"

namespace mailreeve::dns {
namespace {

constexpr std::size_t label_limit = 63;
constexpr std::size_t name_limit = 255;

}  // namespace

std::optional<std::string> read_host_name(std::string_view rdata) {
  std::string name;
  std::size_t at = 0;
  while (at < rdata.size()) {
    const std::size_t length = static_cast<unsigned char>(rdata[at++]);
    if (length == 0) return name;
    if (length > label_limit || at + length > rdata.size() || at + length > name_limit) return std::nullopt;
    if (!name.empty()) name += '.';
    for (const char c : rdata.substr(at, length)) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      const bool fine =
          (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '-' || lower == '_';
      if (!fine) return std::nullopt;
      name += lower;
    }
    at += length;
  }
  return std::nullopt;
}

std::optional<MailExchanger> read_mail_exchanger(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  const auto preference =
      static_cast<std::uint16_t>(static_cast<unsigned char>(rdata[0]) << 8 | static_cast<unsigned char>(rdata[1]));
  auto host = read_host_name(rdata.substr(2));
  if (!host) return std::nullopt;
  return MailExchanger{preference, std::move(*host)};
}

}  // namespace mailreeve::dns
