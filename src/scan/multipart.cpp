// SPDX-License-Identifier: Apache-2.0
#include "scan/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace mailreeve::scan {
namespace {

std::string_view find(std::string_view text, std::string_view what) {
  const auto* at = static_cast<const char*>(::memmem(text.data(), text.size(), what.data(), what.size()));
  return at == nullptr ? std::string_view{} : text.substr(static_cast<std::size_t>(at - text.data()));
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Parts split_multipart(std::string_view body, std::string_view boundary, Strictness strictness, std::size_t& left) {
  Parts parts;
  const auto needle = fmt::format("\n--{}", boundary);
  std::size_t start = std::string_view::npos;  // of what stands behind the boundary before
  std::size_t at = 0;
  bool first = true;
  bool is_part = false;       // what stands behind the boundary before
  bool ends_at_once = false;  // the part before is empty: to some, its boundaries are one, and what follows is the part
  while (left > 0) {
    --left;
    std::size_t line = 0;
    if (first && body.starts_with(std::string_view{needle}.substr(1))) {
      line = 0;
    } else {
      const auto found = find(body.substr(at), needle);
      if (found.data() == nullptr) break;
      line = static_cast<std::size_t>(found.data() - body.data()) + 1;
    }
    first = false;
    auto behind = line + needle.size() - 1;
    const auto end = std::min(body.find('\n', behind), body.size());
    auto rest = body.substr(behind, end - behind);
    const auto cr = rest.find('\r');
    if (cr != std::string_view::npos && cr + 1 < rest.size()) parts.bare_cr = true;
    const bool closes = rest.starts_with("--");
    if (closes) rest.remove_prefix(2);
    const auto junk = rest.find_first_not_of(" \t\r");
    if (junk != std::string_view::npos &&
        strictness == Strictness::whole_line) {  // a longer boundary that begins alike
      at = behind;
      continue;
    }
    const auto text =
        start == std::string_view::npos ? std::string_view{} : without_line_end(body.substr(start, line - start));
    if (is_part) {
      (parts.closed ? parts.behind_the_end : parts.bodies).push_back(text);
      ends_at_once = text.empty() && closes;
    } else if (parts.closed) {
      if (!is_blank(text)) parts.behind_the_end.push_back(text);
    } else {
      parts.preamble = without_line_end(body.substr(0, line));
    }
    parts.closed = parts.closed || closes;
    is_part = !closes;
    start = std::min(end + 1, body.size());
    at = std::min(end, body.size());
    if (at >= body.size()) break;
  }
  if (start == std::string_view::npos) return parts;
  const auto rest = body.substr(start);
  if (is_part) {
    (parts.closed ? parts.behind_the_end : parts.bodies).push_back(rest);
  } else if (ends_at_once && !is_blank(rest)) {
    parts.behind_the_end.push_back(rest);
  } else {
    parts.epilogue = rest;
  }
  return parts;
}

}  // namespace mailreeve::scan
