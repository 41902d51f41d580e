// SPDX-License-Identifier: Apache-2.0
// What a client says it takes, and what it has already.
#include <algorithm>
#include <boost/beast/core/string.hpp>

#include "net/http.h"

namespace mailreeve::net {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view next(std::string_view& list, char separator) {
  const auto end = list.find(separator);
  const auto part = trimmed(list.substr(0, end));
  list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  return part;
}

bool same(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

/// "q=0", "q=0.0", "q=0.000": not acceptable (RFC 9110 12.4.2).
bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto parameter = next(parameters, ';');
    if (parameter.size() < 3 || !same(parameter.substr(0, 2), "q=")) continue;
    return parameter[2] == '0' && parameter.find_first_of("123456789") == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool accepts_encoding(const HttpRequest& request, std::string_view coding) {
  bool by_star = false;
  auto list = request.header("accept-encoding");
  while (!list.empty()) {
    auto entry = next(list, ',');
    const auto name = next(entry, ';');
    if (same(name, coding)) return !is_refused(entry);
    if (name == "*") by_star = !is_refused(entry);
  }
  return by_star;
}

bool has_etag(const HttpRequest& request, std::string_view etag) {
  auto list = request.header("if-none-match");
  while (!list.empty()) {
    auto entry = next(list, ',');
    if (entry == "*") return true;
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry == etag) return true;
  }
  return false;
}

}  // namespace mailreeve::net
