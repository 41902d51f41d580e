// SPDX-License-Identifier: Apache-2.0
#include "scan/zip_directory.h"

#include <fmt/format.h>

#include <map>

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t member_limit = 20'000;
constexpr std::size_t other_limit = 1'000;
constexpr std::string_view local_mark = "PK\x03\x04"sv;
constexpr std::string_view central_mark = "PK\x01\x02"sv;
constexpr std::string_view end_mark = "PK\x05\x06"sv;
constexpr std::size_t local_size = 30;
constexpr std::size_t central_size = 46;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

struct Entry {
  std::string name;
  std::uint32_t method = 0;
  std::uint32_t packed = 0;
  std::uint32_t offset = 0;
};

std::vector<Entry> central_entries(std::string_view bytes, std::size_t at) {
  std::vector<Entry> entries;
  while (at + central_size <= bytes.size() && bytes.substr(at, 4) == central_mark && entries.size() < member_limit) {
    const auto name = number(bytes, at + 28, 2);
    const auto skip = central_size + name + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
    entries.push_back({std::string{bytes.substr(at + central_size, name)}, number(bytes, at + 10, 2),
                       number(bytes, at + 20, 4), number(bytes, at + 42, 4)});
    at += skip;
  }
  return entries;
}

/// Is this octet one of the member's own?
bool is_inside(std::string_view bytes, const std::pair<const std::size_t, std::size_t>& member, std::size_t at) {
  const auto begin =
      member.first + local_size + number(bytes, member.first + 26, 2) + number(bytes, member.first + 28, 2);
  return at >= begin && at < begin + member.second;
}

}  // namespace

ZipLook look_at_zip(std::string_view bytes) {
  ZipLook look;
  const auto told = [&](std::string problem) {
    if (look.problem.empty()) look.problem = std::move(problem);
  };
  const auto other = [&](std::string name) {
    if (!name.empty() && look.other_names.size() < other_limit) look.other_names.push_back(std::move(name));
  };
  const auto end = bytes.rfind(end_mark);
  if (end == std::string_view::npos || end + 22 > bytes.size()) {
    told("it has no list of its files at the end");
    return look;
  }
  const auto size = number(bytes, end + 12, 4);
  const auto said = number(bytes, end + 16, 4);
  // ZIP64 keeps the numbers elsewhere; libarchive reads them, and both lists are compared from the marks alone.
  if (size == 0xffffffff || said == 0xffffffff) return look;
  const auto start = end >= size ? end - size : bytes.size();
  const auto shift = start >= said ? start - said : 0;
  if (shift != 0) told(fmt::format("{} octets stand before it", shift));
  std::map<std::size_t, std::size_t> known;  // where each begins, and how long it is packed
  const auto entries = central_entries(bytes, start);
  if (entries.size() != number(bytes, end + 10, 2) && entries.size() < member_limit)
    told("its list of files has another length than it says");
  for (const auto& entry : entries) {
    look.names.push_back(entry.name);
    const auto at = static_cast<std::size_t>(entry.offset) + shift;
    if (at + local_size > bytes.size() || bytes.substr(at, 4) != local_mark) {
      told(fmt::format("{} is not where its list says", entry.name));
      continue;
    }
    if (!known.emplace(at, entry.packed).second)
      told(fmt::format("{} shares its octets with another file", entry.name));
    const auto name = bytes.substr(at + local_size, number(bytes, at + 26, 2));
    if (name != entry.name) {
      told(fmt::format("{} is called {} in its own header", entry.name, name));
      other(std::string{name});
    }
    if (number(bytes, at + 8, 2) != entry.method) told(fmt::format("{} is packed in two ways at once", entry.name));
  }
  if (entries.size() >= member_limit) return look;  // what is listed beyond it would look unlisted
  // Members that no list names: programs that read from the front show them. What lies inside a listed one is its own.
  for (auto at = bytes.find(local_mark);
       at != std::string_view::npos && at < start && at + local_size <= bytes.size();) {
    const auto name = number(bytes, at + 26, 2);
    const auto listed = known.find(at);
    auto next = at + local_mark.size();
    if (listed != known.end()) {
      next = at + local_size + name + number(bytes, at + 28, 2) + listed->second;
    } else if (name > 0 && name < 1000) {
      told(fmt::format("{} stands in no list", bytes.substr(at + local_size, name)));
      other(std::string{bytes.substr(at + local_size, name)});
    }
    at = bytes.find(local_mark, next);
  }
  // Another list of files: programs differ in which they take. One inside a member is that archive's own.
  int looked = 0;
  for (auto at = bytes.find(end_mark); at != std::string_view::npos && at < end && looked++ < 1'000;
       at = bytes.find(end_mark, at + 1)) {
    const auto member = known.upper_bound(at);
    const bool inside = member != known.begin() && is_inside(bytes, *std::prev(member), at);
    if (!inside) told("it has several lists of its files");
  }
  return look;
}

}  // namespace mailreeve::scan
