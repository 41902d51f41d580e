// SPDX-License-Identifier: Apache-2.0
// ValiMail's ARC suite, case by case. Of its 24 cases of sealing 7 are run by nobody: they want rsa-sha1, or header
// lists that only their author's program made; see the list below.
#include <set>

#include "auth/arc.h"
#include "auth/tag_list.h"
#include "support/run.h"
#include "support/suite.h"

namespace mailreeve::auth {
namespace {

using support::text_at;

std::vector<support::json::value> cases(std::string_view op) {
  auto rows = support::read_suite("arc/cases.jsonl");
  std::erase_if(rows, [&](const auto& row) {
    return text_at(row, "op") != op || text_at(row, "id").starts_with("arc-sign-unused/");
  });
  return rows;
}

std::string name_of(const ::testing::TestParamInfo<support::json::value>& info) {
  return support::case_name(info.param, info.index);
}

MessageDigest digest_of(const std::string& text) {
  MessageDigest message;
  message.feed(text);
  message.finish();
  return message;
}

const WallTime now{std::chrono::seconds{1'780'000'000}};

class ArcValidation : public ::testing::TestWithParam<support::json::value> {};

TEST_P(ArcValidation, FindsTheChainAsExpected) {
  const auto& row = GetParam();
  const auto resolver = support::zone_of(row);
  const auto message = digest_of(support::decode_base64(text_at(row.at("input"), "message_b64")));
  const auto outcome = support::run(verify_arc(message, *resolver, now));
  bool fits = false;
  for (const auto& one : row.at("expected").as_array()) fits = fits || one.as_string() == name(outcome.result);
  EXPECT_TRUE(fits) << name(outcome.result) << " instead of " << row.at("expected") << ": " << outcome.reason << "\n"
                    << text_at(row, "description");
}

INSTANTIATE_TEST_SUITE_P(Cases, ArcValidation, ::testing::ValuesIn(cases("validate")), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ArcValidation);

class ArcSealing : public ::testing::TestWithParam<support::json::value> {};

std::set<std::string> tags_of(std::string_view value) {
  std::set<std::string> tags;
  for (const auto part : split(value, ';')) tags.insert(without_blanks(part));
  tags.erase("");
  return tags;
}

TEST_P(ArcSealing, AddsTheExpectedSet) {
  const auto& row = GetParam();
  const auto& input = row.at("input");
  const auto resolver = support::zone_of(row);
  const auto text = support::decode_base64(text_at(input, "message_b64"));
  const auto chain = support::run(verify_arc(digest_of(text), *resolver, now));
  const auto key = SigningKey::from_pem(text_at(input, "private_key_pem"));
  ASSERT_TRUE(key) << key.error().text;
  ArcSealOptions options;
  options.domain = text_at(input, "domain");
  options.selector = text_at(input, "selector");
  options.authserv_id = text_at(input, "authserv_id");
  for (const auto field : split(text_at(input, "headers"), ':')) options.fields.emplace_back(field);
  options.signed_at = WallTime{std::chrono::seconds{input.at("timestamp").as_int64()}};
  const auto sealed = seal_arc(text, chain.result, *key, options);
  const mail::Header header{sealed ? *sealed : std::string{}};
  for (const auto& [name, expected] : row.at("expected").as_object()) {
    const auto* field = header.first(std::string_view{name});
    const auto wanted = std::string{expected.as_string()};
    EXPECT_EQ(field == nullptr ? std::set<std::string>{} : tags_of(field->value), tags_of(wanted))
        << name << (sealed ? "" : ": " + sealed.error().text);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ArcSealing, ::testing::ValuesIn(cases("sign")), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ArcSealing);

TEST(ArcSuites, AreThere) {
  if (cases("validate").empty()) GTEST_SKIP() << "no suite arc in " MAILREEVE_SUITES_DIR;
}

}  // namespace
}  // namespace mailreeve::auth
