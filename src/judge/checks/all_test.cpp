// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/all.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "judge/list_watch.h"

namespace mailreeve::judge {
namespace {

class AllChecks : public testing::Test {
 protected:
  std::set<std::string_view> on(const CheckOptions& options) {
    std::set<std::string_view> names;
    for (const auto& check : make_checks(options, lists_)) names.insert(check->info().name);
    return names;
  }
  std::unique_ptr<Logger> log_ = make_silent_logger();
  SystemClock clock_;
  ListWatch lists_{*log_, clock_};
};

TEST_F(AllChecks, DefaultsAreAsDeclared) {
  const auto names = on({});
  for (const auto* info : all_checks()) EXPECT_EQ(names.contains(info->name), info->on_by_default) << info->name;
  EXPECT_FALSE(names.contains("callout"));
  EXPECT_FALSE(names.contains("connect-back"));
}

TEST_F(AllChecks, AreTurnedOnAndOffByName) {
  CheckOptions options;
  options.disabled = {"helo", "spf"};
  options.enabled = {"callout"};
  const auto names = on(options);
  EXPECT_FALSE(names.contains("helo"));
  EXPECT_FALSE(names.contains("spf"));
  EXPECT_TRUE(names.contains("callout"));
  EXPECT_TRUE(names.contains("rdns"));
}

TEST_F(AllChecks, DeclarationsAreWholeAndDistinct) {
  std::set<std::string_view> names, codes;
  for (const auto* info : all_checks()) {
    EXPECT_TRUE(names.insert(info->name).second) << info->name;
    EXPECT_TRUE(info->question.ends_with('?')) << info->name;
    EXPECT_FALSE(info->findings.empty()) << info->name;
    for (const auto& kind : info->findings) {
      EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
      EXPECT_FALSE(kind.code.empty());
      EXPECT_TRUE(kind.meaning.ends_with('.')) << kind.code;
      EXPECT_FALSE(kind.meaning.contains('\n')) << kind.code;
      if (kind.code.ends_with(".temperror")) {
        EXPECT_LE(kind.weight, 0.0) << kind.code << ": unknown is not bad";
      }
    }
  }
}

TEST_F(AllChecks, StandInTheOrderOfTheirStages) {
  const auto& all = all_checks();
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, [](const auto* info) { return info->stage; }));
}

}  // namespace
}  // namespace mailreeve::judge
