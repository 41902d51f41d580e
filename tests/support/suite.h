// SPDX-License-Identifier: Apache-2.0
// The outside suites, read where they lie; and a DNS that answers what a case's `zone` says.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/json.hpp>
#include <fstream>

#include "dns/resolver.h"

namespace testing::internal {

/// A case is named by its id; its whole text would fill the log.
template <>
class UniversalPrinter<boost::json::value> {
 public:
  static void Print(const boost::json::value& value, std::ostream* out) {
    const auto* id = value.is_object() ? value.as_object().if_contains("id") : nullptr;
    *out << (id != nullptr && id->is_string() ? std::string_view{id->as_string()} : std::string_view{"a case"});
  }
};

}  // namespace testing::internal

namespace mailreeve::support {

namespace json = boost::json;

/// One row a line; empty when the folder of suites is not there.
inline std::vector<json::value> read_suite(const std::string& name) {
  std::vector<json::value> rows;
  std::ifstream file{std::string{MAILREEVE_SUITES_DIR} + "/" + name};
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) rows.push_back(json::parse(line));
  return rows;
}

inline std::string decode_base64(std::string_view base64) {
  namespace codec = boost::beast::detail::base64;
  std::string bytes(codec::decoded_size(base64.size()), '\0');
  bytes.resize(codec::decode(bytes.data(), base64.data(), base64.size()).first);
  return bytes;
}

/// "" when it is missing or null.
inline std::string text_at(const json::value& row, std::string_view key) {
  const auto* value = row.as_object().if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

/// A row as the name of a test: letters and digits only, with its place in front so that it is unique.
inline std::string case_name(const json::value& row, std::size_t index) {
  auto name = fmt::format("{:03}_{}", index, text_at(row, "id"));
  for (auto& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

/// Every octet that means something in a zone file, escaped.
inline std::string zone_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
    out += plain ? std::string(1, c) : fmt::format("\\{:03}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

inline std::unique_ptr<dns::Resolver> zone_of(const json::value& row) {
  std::string zone;
  for (const auto& record : row.at("zone").as_array()) {
    const auto type = text_at(record, "type");
    const auto owner = zone_text(text_at(record, "name")) + ".";
    if (type == "SPF") continue;  // withdrawn (RFC 7208 3.1)
    if (const auto error = text_at(record, "error"); !error.empty()) {
      zone += fmt::format("{} {} {}\n", owner, error, type == "*" ? "" : type);
      continue;
    }
    const auto* wire = record.as_object().if_contains("wire_b64");
    std::string data;
    if (type == "TXT") {
      for (const auto& piece : wire != nullptr ? wire->as_array() : record.at("value").as_array()) {
        const auto text = std::string{piece.as_string()};
        data += '"' + zone_text(wire != nullptr ? decode_base64(text) : text) + "\" ";
      }
      if (data.empty()) data = "\"\"";
    } else {
      if (type == "MX") data = fmt::format("{} ", record.at("pref").as_int64());
      data += text_at(record, "value");
      if (type == "MX" || type == "PTR" || type == "CNAME") data += data.ends_with('.') ? "" : ".";
    }
    zone += fmt::format("{} {} {}\n", owner, type, data);
  }
  auto resolver = dns::zone_resolver_from(zone);
  EXPECT_TRUE(resolver) << resolver.error().text << "\n" << zone;
  return resolver ? std::move(*resolver) : nullptr;
}

}  // namespace mailreeve::support
