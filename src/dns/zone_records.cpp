// SPDX-License-Identifier: Apache-2.0
#include "dns/zone_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dns/wire.h"

namespace mailreeve::dns {
namespace {

constexpr std::uint64_t longest_ttl = 0x7fffffff;

template <class Number>
std::optional<Number> number(std::string_view word) {
  Number value = 0;
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != word.data() + word.size()) return std::nullopt;
  return value;
}

template <class Number>
void append(std::string& out, Number value) {
  for (auto shift = static_cast<int>(sizeof value) * 8; shift > 0;) {
    shift -= 8;
    out += static_cast<char>(value >> shift & 255);
  }
}

std::optional<std::string> address_data(Type type, std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return std::nullopt;
  // An IPv4-mapped address is IPv4 to us; as AAAA data it is written out here.
  const bool mapped = address->is_v4() && type == Type::aaaa && text.find(':') != std::string_view::npos;
  if (address->is_v4() != (type == Type::a) && !mapped) return std::nullopt;
  std::string out;
  if (mapped) out = std::string(10, '\0') + "\xff\xff";
  out.append(reinterpret_cast<const char*>(address->data()), address->bits() / 8);
  return out;
}

std::optional<std::string> hexadecimal(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned octet = 0;
    const auto* end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, octet, 16).ptr != end) return std::nullopt;
    out += static_cast<char>(octet);
  }
  return out;
}

/// RFC 6698 2.2: usage, selector, matching type, and the rest in hexadecimal, blanks allowed.
std::optional<std::string> tlsa_data(std::span<const ZoneToken> data) {
  if (data.size() < 4) return std::nullopt;
  std::string out;
  for (const auto& piece : data.first(3)) {
    const auto value = number<std::uint8_t>(piece.text);
    if (!value) return std::nullopt;
    append(out, *value);
  }
  std::string text;
  for (const auto& piece : data.subspan(3)) text += piece.text;
  const auto rest = hexadecimal(text);
  if (!rest || rest->empty()) return std::nullopt;
  return out + *rest;
}

/// RFC 1035 3.3.13: two names, the serial number, and four times.
std::optional<std::string> soa_data(std::span<const ZoneToken> data,
                                    const std::function<std::string(std::string_view)>& absolute) {
  if (data.size() != 7) return std::nullopt;
  std::string out;
  for (const auto& piece : data.first(2)) {
    const auto name = write_name(absolute(piece.text));
    if (!name) return std::nullopt;
    out += *name;
  }
  const auto serial = number<std::uint32_t>(data[2].text);
  if (!serial) return std::nullopt;
  append(out, *serial);
  for (const auto& piece : data.subspan(3)) {
    const auto time = parse_ttl(piece.text);
    if (!time) return std::nullopt;
    append(out, static_cast<std::uint32_t>(time->count()));
  }
  return out;
}

std::optional<std::string> mx_data(std::span<const ZoneToken> data,
                                   const std::function<std::string(std::string_view)>& absolute) {
  if (data.size() != 2) return std::nullopt;
  const auto preference = number<std::uint16_t>(data[0].text);
  const auto host = write_name(absolute(data[1].text));
  if (!preference || !host) return std::nullopt;
  std::string out;
  append(out, *preference);
  return out + *host;
}

std::string_view needs(Type type) {
  switch (type) {
    case Type::a:
    case Type::aaaa:
      return "an address";
    case Type::mx:
      return "a preference and a host";
    case Type::txt:
      return "a text";
    case Type::soa:
      return "two names, a serial number and four times";
    case Type::tlsa:
      return "three numbers and hexadecimal data";
    default:
      return "a name";
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_ttl(std::string_view word) {
  if (word.empty() || word.size() > 20) return std::nullopt;
  std::uint64_t total = 0;
  std::uint64_t value = 0;
  bool has_digit = false;
  for (const char c : word) {
    if (c >= '0' && c <= '9') {
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
      has_digit = true;
      if (value > longest_ttl) return std::nullopt;
      continue;
    }
    constexpr std::pair<char, std::uint64_t> units[] = {
        {'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}, {'w', 604'800}};
    const auto* unit = std::ranges::find(units, static_cast<char>(c | 32), &std::pair<char, std::uint64_t>::first);
    if (unit == std::end(units) || !has_digit) return std::nullopt;
    total += value * unit->second;
    value = 0;
    has_digit = false;
  }
  total += value;
  if (total > longest_ttl) return std::nullopt;
  return std::chrono::seconds{total};
}

Result<std::string> zone_record(Type type, std::span<const ZoneToken> data,
                                const std::function<std::string(std::string_view)>& absolute) {
  std::optional<std::string> out;
  switch (type) {
    case Type::a:
    case Type::aaaa:
      if (data.size() == 1) out = address_data(type, data[0].text);
      break;
    case Type::mx:
      out = mx_data(data, absolute);
      break;
    case Type::txt:
      if (!data.empty()) out.emplace();
      for (const auto& piece : data) *out += write_text(piece.text);
      break;
    case Type::soa:
      out = soa_data(data, absolute);
      break;
    case Type::tlsa:
      out = tlsa_data(data);
      break;
    case Type::ptr:
    case Type::ns:
    case Type::cname:
      if (data.size() == 1) out = write_name(absolute(data[0].text));
      break;
  }
  if (!out) return fail(ErrorKind::invalid, fmt::format("{} needs {}", name(type), needs(type)));
  return std::move(*out);
}

}  // namespace mailreeve::dns
