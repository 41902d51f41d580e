// SPDX-License-Identifier: Apache-2.0
#include "cli/settings_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace mailreeve::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

TEST(SettingsView, KeysInNamesOfListsAreNotShown) {
  EXPECT_EQ(without_keys("abcdefghij0123456789klmnop.zen.dq.example.net"), "(key).zen.dq.example.net");
  EXPECT_EQ(without_keys("zone = \"abcdefghij0123456789klmnop.zen.example\""), "zone = \"(key).zen.example\"");
  for (const auto* plain : {"zen.spamhaus.org", "a-very-long-host-name-2026-11-21.example.net", "/var/lib/mailreeve",
                            "internationalisation.example", "sha256 e3b0c44298fc1c149afbf4c8996fb924", ""}) {
    EXPECT_EQ(without_keys(plain), plain);
  }
}

TEST(SettingsView, TellsPoliciesDomainsAndChecks) {
  const auto loaded = config::load_text(R"(
hostname = "mx.example.org"
data-dir = "/var/lib/mailreeve"
contact = "postmaster@example.org"
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[[domain]]
name = "example.org"
deliver = "smtp://10.0.0.25"
recipients = "any"
accept-any = true
policy = "office"
may-choose = ["strict"]
[policy.office]
like = "balanced"
label = "As usual"
quarantine = 7.5
[checks.dnsbl]
lists = [{ zone = "abcdefghij0123456789klmnop.zen.example", finding = "dnsbl.zen", weight = 6.0 }]
[checks.rspamd]
server = "http://127.0.0.1:11333"
password = "hush-hush"
)",
                                        "x.toml");
  ASSERT_TRUE(loaded.settings);
  const auto view = view_of(*loaded.settings, "x.toml", WallTime{});
  EXPECT_THAT(view.toml, HasSubstr("mx.example.org"));
  EXPECT_THAT(view.toml, Not(HasSubstr("hush-hush")));
  EXPECT_THAT(view.toml, Not(HasSubstr("abcdefghij")));
  const auto policy = std::ranges::find(view.policies, "office", &web::SettingsView::Policy::name);
  ASSERT_NE(policy, view.policies.end());
  EXPECT_EQ(policy->label, "As usual");
  EXPECT_EQ(policy->quarantine, 7.5);
  EXPECT_THAT(policy->used_by, ElementsAre("example.org"));
  ASSERT_EQ(view.domains.size(), 1U);
  EXPECT_EQ(view.domains[0].policy, "office");
  EXPECT_THAT(view.domains[0].may_choose, ElementsAre("strict"));
  const auto lists = std::ranges::find(view.checks, "dnsbl", &web::SettingsView::Check::name);
  ASSERT_NE(lists, view.checks.end());
  EXPECT_THAT(lists->findings, Contains(Field(&web::SettingsView::Finding::code, "dnsbl.zen")));
}

}  // namespace
}  // namespace mailreeve::cli
