// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "cli/commands.h"
#include "judge/checks/all.h"

namespace mailreeve::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Ran {
  int code;
  std::string out, err;
};

Ran checks(std::map<std::string, std::string> given) {
  std::ostringstream out, err;
  const int code = checks_command().run(Arguments{std::move(given)}, out, err);
  return {code, out.str(), err.str()};
}

TEST(ChecksCommand, ListsEveryCheckAndFinding) {
  const auto ran = checks({});
  EXPECT_EQ(ran.code, exit_ok);
  for (const auto* info : judge::all_checks()) {
    EXPECT_THAT(ran.out, HasSubstr(std::string{info->question}));
    for (const auto& kind : info->findings) EXPECT_THAT(ran.out, HasSubstr(std::string{kind.code}));
  }
  EXPECT_THAT(ran.out, HasSubstr("harvest.unknown-recipients"));
}

TEST(ChecksCommand, ShowsOneCheckByItsNameOrByAFindingOfIt) {
  for (const auto* name : {"spf", "spf.fail"}) {
    const auto ran = checks({{"NAME", name}});
    EXPECT_EQ(ran.code, exit_ok);
    EXPECT_THAT(ran.out, StartsWith("spf "));
    EXPECT_THAT(ran.out, Not(HasSubstr("pregreet")));
  }
}

TEST(ChecksCommand, PrintsJson) {
  const auto all = boost::json::parse(checks({{"--json", ""}}).out);
  EXPECT_EQ(all.at("checks").as_array().size(), judge::all_checks().size());
  EXPECT_FALSE(all.at("beside").as_array().empty());
  const auto one = boost::json::parse(checks({{"--json", ""}, {"NAME", "pregreet"}}).out);
  ASSERT_EQ(one.at("checks").as_array().size(), 1U);
  EXPECT_EQ(one.at("checks").at(0).at("findings").at(0).at("code").as_string(), "pregreet");
}

TEST(ChecksCommand, ThePageIsWhatItPrints) {
  std::ifstream file{std::string{MAILREEVE_SOURCE_DIR} + "/docs/checks.md"};
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), checks({{"--markdown", ""}}).out) << "run: mailreeve checks --markdown > docs/checks.md";
}

TEST(ChecksCommand, RefusesAnUnknownName) {
  const auto ran = checks({{"NAME", "sfp"}});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr("sfp"));
}

}  // namespace
}  // namespace mailreeve::cli
