// SPDX-License-Identifier: Apache-2.0
// The openspf suite for RFC 7208, case by case.
#include "auth/spf.h"
#include "support/run.h"
#include "support/suite.h"

namespace mailreeve::auth {
namespace {

using support::text_at;

class SpfSuite : public ::testing::TestWithParam<support::json::value> {};

TEST_P(SpfSuite, HasOneOfTheExpectedResults) {
  const auto& row = GetParam();
  const auto resolver = support::zone_of(row);
  ASSERT_TRUE(resolver);
  const auto& input = row.at("input");
  const auto client = IpAddress::parse(text_at(input, "ip"));
  ASSERT_TRUE(client);
  SpfOptions options;
  options.default_explanation = text_at(row, "default_explanation");
  const SpfQuestion question{*client, text_at(input, "helo"), text_at(input, "mailfrom"), text_at(row, "receiver")};
  const auto outcome = support::run(check_spf(*resolver, question, SpfIdentity::mail_from, options));
  std::vector<std::string> expected;
  for (const auto& result : row.at("expected").as_array()) expected.emplace_back(result.as_string());
  EXPECT_TRUE(std::ranges::find(expected, name(outcome.result)) != expected.end())
      << name(outcome.result) << " instead of " << fmt::format("{}", fmt::join(expected, " or ")) << ": "
      << outcome.problem << "\n"
      << text_at(row, "description") << "\n"
      << row.at("zone");
  const auto explanation = text_at(row, "explanation");
  if (!explanation.empty()) EXPECT_EQ(outcome.explanation, explanation);
}

std::string name_of(const ::testing::TestParamInfo<support::json::value>& info) {
  return support::case_name(info.param, info.index);
}

INSTANTIATE_TEST_SUITE_P(Rfc7208, SpfSuite, ::testing::ValuesIn(support::read_suite("spf/cases.jsonl")), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SpfSuite);

TEST(SpfSuites, AreThere) {
  if (support::read_suite("spf/cases.jsonl").empty()) GTEST_SKIP() << "no suite spf in " MAILREEVE_SUITES_DIR;
}

}  // namespace
}  // namespace mailreeve::auth
