// SPDX-License-Identifier: Apache-2.0
// mail-parser's messages: whatever that program shows of one, some reading of ours holds too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scan/charset.h"
#include "scan/parameters.h"
#include "scan/structure.h"

namespace mailreeve::scan {
namespace {

namespace bj = boost::json;
namespace fs = std::filesystem;

const fs::path resources = fs::path{MAILREEVE_SUITES_DIR} / "mime/mail-parser/resources";

std::string read_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > ' ') out += c;
  }
  return out;
}

struct Case {
  std::string name;
  fs::path message, expected;
  bool crlf = false;
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

std::vector<Case> cases() {
  std::vector<Case> all;
  if (!fs::exists(resources)) return all;
  for (const auto& entry : fs::recursive_directory_iterator{resources / "eml"}) {
    if (entry.path().extension() != ".eml") continue;
    auto stem = entry.path();
    stem.replace_extension();
    const auto name = stem.parent_path().filename().string() + "_" + stem.filename().string();
    all.push_back({name, entry.path(), stem.string() + ".json", false});
    all.push_back({name + "_crlf", entry.path(), stem.string() + ".crlf.json", true});
  }
  std::ranges::sort(all, {}, &Case::name);
  return all;
}

// What mail-parser alone reads so; why it hides nothing from us.
struct Difference {
  std::string_view message, why;
};
constexpr Difference differences[] = {
    {"malformed_016", "a line that begins like an outer boundary ends a part: it is looked at with what follows"},
    {"thirdparty_002", "letters behind the padding: the same octets, another number of replacement characters"},
    {"thirdparty_005", "a boundary in the middle of a line: the text is looked at with it"},
};

class MimeSuite : public testing::TestWithParam<Case> {
 protected:
  static std::vector<std::string> shown_by_us(const Structure& structure) {
    std::vector<std::string> all;
    for (const auto& entity : structure.entities) {
      if (!entity.is_leaf) continue;
      for (const auto coding : entity.codings) {
        for (const auto& bytes : decode(entity.body, coding, 64U << 20).bytes) {
          all.push_back(without_blanks(bytes));
          all.push_back(without_blanks(to_utf8(bytes, entity.charset, 64U << 20).utf8));
          all.push_back(without_blanks(to_utf8(bytes, "utf-8", 64U << 20).utf8));
        }
      }
    }
    return all;
  }

  static void expect_shown(const bj::object& message, const std::vector<std::string>& ours) {
    for (const auto& part : message.at("parts").as_array()) {
      for (const auto& [kind, body] : part.as_object().at("body").as_object()) {
        std::string wanted;
        if (kind == "Message") {
          expect_shown(body.as_object(), ours);
          continue;
        }
        if (kind == "Text" || kind == "Html") {
          wanted = std::string_view{body.as_string()};
        } else if (kind == "Binary" || kind == "InlineBinary") {
          for (const auto& octet : body.as_array()) wanted += static_cast<char>(octet.to_number<int>());
        } else {
          continue;
        }
        wanted = without_blanks(wanted);
        const bool found = wanted.empty() || std::ranges::find(ours, wanted) != ours.end();
        EXPECT_TRUE(found) << kind << ": " << wanted.substr(0, 300);
      }
    }
  }
};

TEST_P(MimeSuite, WhatOthersShowIsLookedAt) {
  const auto& one = GetParam();
  for (const auto& difference : differences) {
    if (one.name.starts_with(difference.message)) GTEST_SKIP() << difference.why;
  }
  auto message = read_file(one.message);
  if (one.crlf) {
    std::string out;
    for (const char c : message) {
      if (c == '\n' && !out.ends_with('\r')) out += '\r';
      out += c;
    }
    message = out;
  }
  Notes notes{200};
  const auto structure = read_structure(message, {}, notes);
  expect_shown(bj::parse(read_file(one.expected)).as_object(), shown_by_us(structure));
}

INSTANTIATE_TEST_SUITE_P(MailParser, MimeSuite, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MimeSuite);

TEST(MimeSuiteFolder, IsThere) {
  if (!fs::exists(resources)) GTEST_SKIP() << "no " << resources << ": the messages of mail-parser are not tried";
}

std::string suite_text(const bj::value& value) {
  return value.is_string() ? std::string{value.as_string()} : std::string{};
}

TEST(MimeSuiteHeaders, ContentTypesAreReadAsOthersReadThem) {
  if (!fs::exists(resources)) GTEST_SKIP() << "no " << resources;
  int count = 0;
  for (const auto& one : bj::parse(read_file(resources / "content_type.json")).as_array()) {
    const auto& expected = one.as_object().at("expected");
    if (!expected.is_object()) continue;
    const auto header = suite_text(one.as_object().at("header"));
    const auto list = parse_parameters(header);
    const auto type = suite_text(expected.as_object().at("c_type"));
    const auto& subtype = expected.as_object().at("c_subtype");
    std::string wanted = type;
    if (subtype.is_string()) wanted += "/" + suite_text(subtype);
    std::ranges::transform(wanted, wanted.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_TRUE(list.value == wanted || list.value == wanted + "/") << header << list.value;
    ++count;
    const auto* attributes = expected.as_object().if_contains("attributes");
    if (attributes == nullptr || !attributes->is_array()) continue;
    for (const auto& attribute : attributes->as_array()) {
      const bool is_pair = attribute.is_array();
      auto name = suite_text(is_pair ? attribute.as_array().at(0) : attribute.as_object().at("name"));
      const auto value = suite_text(is_pair ? attribute.as_array().at(1) : attribute.as_object().at("value"));
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (name.ends_with("-language") || name.ends_with("*")) continue;  // of no use here
      // Asterisks that mean nothing in RFC 2231; and charsets with one apostrophe alone.
      const bool is_odd =
          header.find("malicious/attempt") != std::string::npos || header.find("=iso-8859-1'%20") != std::string::npos;
      if (is_odd) continue;
      std::vector<std::string> readings;
      for (const auto& reading : readings_of(list, name)) readings.push_back(without_blanks(reading));
      EXPECT_THAT(readings, testing::Contains(without_blanks(value))) << header << '\n' << name;
    }
  }
  EXPECT_GT(count, 30);
}

}  // namespace
}  // namespace mailreeve::scan
