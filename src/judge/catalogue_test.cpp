// SPDX-License-Identifier: Apache-2.0
#include "judge/catalogue.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "judge/checks/all.h"
#include "judge/declared.h"

namespace mailreeve::judge {
namespace {

TEST(Catalogue, ThePageIsWhatTheDeclarationsSay) {
  std::ifstream file{std::string{MAILREEVE_SOURCE_DIR} + "/docs/checks.md"};
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), checks_as_markdown()) << "run: mailreeve checks --markdown > docs/checks.md";
}

TEST(Catalogue, NamesEveryCheckAndFinding) {
  const auto page = checks_as_markdown();
  for (const auto* info : all_checks()) {
    EXPECT_THAT(page, testing::HasSubstr(fmt::format("\n## {}\n", info->name)));
    for (const auto& kind : info->findings) EXPECT_THAT(page, testing::HasSubstr(fmt::format("| `{}` |", kind.code)));
  }
  for (const auto& kind : findings_beside_checks()) EXPECT_THAT(page, testing::HasSubstr(kind.code));
}

TEST(Catalogue, JsonHoldsTheSame) {
  const auto parsed = boost::json::parse(checks_as_json());
  const auto& checks = parsed.at("checks").as_array();
  ASSERT_EQ(checks.size(), all_checks().size());
  const auto& info = *all_checks().front();
  EXPECT_EQ(checks[0].at("name").as_string(), info.name);
  EXPECT_EQ(checks[0].at("default").as_bool(), info.on_by_default);
  EXPECT_EQ(checks[0].at("findings").as_array().size(), info.findings.size());
  EXPECT_EQ(parsed.at("beside").as_array().size(), findings_beside_checks().size());
  const auto one = boost::json::parse(checks_as_json({&info}));
  EXPECT_EQ(one.at("checks").as_array().size(), 1U);
}

TEST(Catalogue, WeightsReadAsPeopleWriteThem) {
  EXPECT_EQ(weight_text({"a", 3.0, ""}), "+3.0");
  EXPECT_EQ(weight_text({"a", -0.2, ""}), "-0.2");
  EXPECT_EQ(weight_text({"a", 0, ""}), "0");
  EXPECT_EQ(weight_text({"dnsbl.*", 0, ""}), "as set");
}

}  // namespace
}  // namespace mailreeve::judge
