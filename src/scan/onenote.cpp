// SPDX-License-Identifier: Apache-2.0
#include "scan/onenote.h"

#include <algorithm>
#include <cstring>

#include "scan/charset.h"
#include "scan/octets.h"

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

constexpr auto file_data = "\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac"sv;
constexpr auto name_property = "\x9c\x1d\x00\x1c"sv;  // EmbeddedFileName
constexpr std::size_t names_limit = 100;
constexpr std::size_t name_octets = 520;  // UTF-16 of a path as Windows takes it
constexpr std::size_t property_set = 512;

std::size_t position_of(std::string_view text, std::string_view what, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const auto* at = static_cast<const char*>(::memmem(text.data() + from, text.size() - from, what.data(), what.size()));
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(at - text.data());
}

/// What is told to be a string, and looks like the name of a file. Property sets tell their properties first and their
/// values then: where the value stands depends on all others before it.
std::string name_near(std::string_view bytes) {
  for (std::size_t at = 0; at + 6 < std::min(bytes.size(), property_set); ++at) {
    Octets in{bytes.substr(at)};
    const auto size = in.number(4);
    if (size < 6 || size > name_octets || size % 2 != 0) continue;
    const auto value = in.take(size);
    if (in.ended()) continue;
    auto name = to_utf8(value, "utf-16le", name_octets * 2).utf8;
    while (name.ends_with('\0')) name.pop_back();
    const bool printable = name.find("\xef\xbf\xbd") == std::string::npos &&
                           std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < ' '; });
    const auto dot = name.rfind('.');
    if (printable && dot != std::string::npos && dot > 0 && name.size() - dot <= 20) return name;
  }
  return {};
}

}  // namespace

OneNoteLook read_onenote(std::string_view bytes, std::size_t most) {
  OneNoteLook look;
  for (auto at = position_of(bytes, file_data, 0); at != std::string_view::npos && look.files.size() < most;
       at = position_of(bytes, file_data, at + file_data.size())) {
    Octets in{bytes.substr(at + file_data.size())};
    const std::uint64_t low = in.number(4);
    const auto size = static_cast<std::uint64_t>(in.number(4)) << 32 | low;
    in.take(12);
    if (size > in.left()) look.broken = true;
    look.files.push_back(in.take(static_cast<std::size_t>(std::min<std::uint64_t>(size, in.left()))));
  }
  std::size_t tried = 0;
  for (auto at = position_of(bytes, name_property, 0); at != std::string_view::npos && tried++ < names_limit;
       at = position_of(bytes, name_property, at + 1)) {
    auto name = name_near(bytes.substr(at + name_property.size()));
    if (!name.empty() && std::ranges::find(look.names, name) == look.names.end()) look.names.push_back(std::move(name));
  }
  return look;
}

}  // namespace mailreeve::scan
