// SPDX-License-Identifier: Apache-2.0
// [quarantine], and what policies say about keeping and telling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view top = R"(
hostname = "mx.example.org"
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[recipients.staff]
kind = "file"
file = "staff.txt"
)";

std::string with_domain(std::string_view more, std::string_view rest = {}) {
  return std::string{top} +
         "[[domain]]\nname = \"example.org\"\ndeliver = \"smtp://10.0.0.25:25\"\nrecipients = \"staff\"\n"
         "policy = \"balanced\"\n" +
         std::string{more} + "\n" + std::string{rest};
}

Loaded load(std::string_view text) { return load_text(text, "test.toml", FileChecks::skip); }

std::string told(const Loaded& loaded) {
  std::string text;
  for (const auto& problem : loaded.problems) text += problem.format("test.toml") + "\n";
  return text;
}

mail::Mailbox address(std::string_view text) { return *mail::Mailbox::parse(text); }

TEST(QuarantineSettings, EveryKeyReachesItsOption) {
  const auto loaded = load(with_domain("", R"([quarantine]
keep = "7d"
max-size = "1GiB"
digest-at = "17:30"
digest-from = "Quarantine@example.org"
ask-only = ["virus"]
)"));
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  const auto& options = loaded.settings->gateway.quarantine;
  EXPECT_EQ(options.keep, hours{24 * 7});
  EXPECT_EQ(options.max_size, 1ULL << 30);
  EXPECT_EQ(options.digest_at, hours{17} + minutes{30});
  EXPECT_EQ(options.digest_from, "Quarantine@example.org");
  EXPECT_THAT(options.ask_only, ElementsAre("virus"));
  const auto again = load(show(*loaded.settings));
  ASSERT_TRUE(again.settings) << told(again);
  EXPECT_EQ(again.settings->gateway.quarantine, options);
}

TEST(QuarantineSettings, MistakesAreTold) {
  const auto about = [](const std::string& line) { return told(load(with_domain("", "[quarantine]\n" + line))); };
  EXPECT_THAT(about("digest-at = \"24:00\""), HasSubstr("error: digest-at \"24:00\" is no time of day"));
  EXPECT_THAT(about("digest-at = \"7:00\""), HasSubstr("error: digest-at"));
  EXPECT_THAT(about("digest-from = \"nobody\""), HasSubstr("error: digest-from"));
  EXPECT_THAT(about("digest-from = \"a@example.com\""), HasSubstr("warning: digest-from: a@example.com is in no"));
  EXPECT_THAT(about("max-size = \"1MiB\""), HasSubstr("error: max-size must be at least 16MiB"));
  EXPECT_EQ(about("max-size = 0"), "");
  EXPECT_THAT(about("ask-only = [\"virus.fuond\"]"), HasSubstr("did you mean \"virus.found\"?"));
}

TEST(QuarantineSettings, PoliciesSayWhatIsKeptAndHowOftenPeopleAreTold) {
  const auto loaded = load(with_domain("", R"([policy.balanced]
label = "As usual"
digest = "weekdays"
keep-refused = true
not-kept = ["virus"]
)"));
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  const auto& policy = loaded.settings->policy_book.of(address("anna@example.org"));
  EXPECT_EQ(policy.label, "As usual");
  EXPECT_EQ(policy.digest, store::DigestTimes::weekdays);
  EXPECT_TRUE(judge::keeps_refused(policy, "score"));
  EXPECT_TRUE(judge::keeps_refused(policy, "spf.fail"));
  EXPECT_FALSE(judge::keeps_refused(policy, "virus.found"));
  const auto shown = show(*loaded.settings);
  const auto again = load(shown);
  ASSERT_TRUE(again.settings) << told(again);
  EXPECT_EQ(show(*again.settings), shown);
  EXPECT_FALSE(judge::keeps_refused(loaded.settings->policy_book.of(address("x@elsewhere.example")), "score"));
}

TEST(QuarantineSettings, WhatKeepsNothingNeedsNoExceptions) {
  EXPECT_THAT(told(load(with_domain("", "[policy.balanced]\nnot-kept = [\"virus\"]\n"))),
              HasSubstr("warning: not-kept says nothing without keep-refused"));
  EXPECT_THAT(told(load(with_domain("", "[policy.balanced]\ndigest = \"monthly\"\n"))), HasSubstr("write one of"));
}

TEST(QuarantineSettings, RecipientsChooseAmongWhatTheirDomainPermits) {
  const auto loaded = load(with_domain("may-choose = [\"lenient\", \"strict\"]\nweight = { \"rdns.generic\" = 4.0 }\n",
                                       "[[recipient]]\naddress = \"boss@example.org\"\npolicy = \"strict\"\n"));
  ASSERT_TRUE(loaded.settings) << told(loaded);
  const auto& book = loaded.settings->policy_book;
  const auto anna = address("Anna+x@example.org");
  EXPECT_EQ(book.of(anna).name, "balanced");
  EXPECT_EQ(book.of(anna, "lenient").name, "lenient");
  EXPECT_EQ(book.of(anna, "lenient").weights.at("rdns.generic"), 4.0) << "the domain's own weights stay";
  EXPECT_EQ(book.of(anna, "observe").name, "balanced") << "not permitted";
  EXPECT_THAT(book.choices(anna), SizeIs(2));
  EXPECT_EQ(book.of(address("boss@example.org"), "lenient").name, "strict") << "the operator's word";
  EXPECT_THAT(book.choices(address("boss@example.org")), IsEmpty());
  EXPECT_THAT(book.choices(address("x@elsewhere.example")), IsEmpty());
  const auto shown = show(*loaded.settings);
  const auto again = load(shown);
  ASSERT_TRUE(again.settings) << told(again);
  EXPECT_EQ(show(*again.settings), shown);
  EXPECT_EQ(again.settings->policy_book.of(anna, "lenient").weights.at("rdns.generic"), 4.0);
}

TEST(QuarantineSettings, AChoiceThatDoesNotExistIsTold) {
  EXPECT_THAT(told(load(with_domain("may-choose = [\"leniant\"]\n"))), HasSubstr("did you mean \"lenient\"?"));
}

}  // namespace
}  // namespace mailreeve::config
