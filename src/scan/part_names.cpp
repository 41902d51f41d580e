// SPDX-License-Identifier: Apache-2.0
#include "scan/part_names.h"

#include <algorithm>
#include <set>

#include "mail/header.h"
#include "scan/file_type.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {
constexpr std::size_t name_octets = 1'000;
}

bool are_alike(const std::vector<std::string>& names) {
  std::set<std::string_view> categories;
  for (const auto& name : names) {
    if (!has_encoded_word(name)) categories.insert(category_of_name(name));
  }
  return categories.size() < 2;
}

std::vector<std::string> name_in_location(std::string_view value) {
  std::string location;
  for (const char c : mail::unfolded(value)) {
    if (c > ' ' && c != '"' && c != '<' && c != '>') location += c;
  }
  auto name = std::string_view{location}.substr(0, location.find_first_of("?#"));
  if (const auto host = name.find("://"); host != std::string_view::npos) {
    const auto path = name.find('/', host + 3);
    if (path == std::string_view::npos) return {};
    name.remove_prefix(path);
  }
  name.remove_prefix(std::min(name.rfind('/') + 1, name.size()));
  if (name.find('.') == std::string_view::npos || name.find(':') != std::string_view::npos) return {};
  return {decode_words(name.substr(0, name_octets), name_octets)};
}

bool is_page_part(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("image/") || type.starts_with("font/") ||
         type.starts_with("multipart") || type.starts_with("message/") || type.find("javascript") != type.npos;
}

}  // namespace mailreeve::scan
