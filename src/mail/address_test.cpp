// SPDX-License-Identifier: Apache-2.0
#include "mail/address.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

namespace mailreeve::mail {
namespace {

TEST(Domain, IsKeptInLowerCaseAsALabels) {
  EXPECT_EQ(Domain::parse("MX.Example.ORG")->text(), "mx.example.org");
  EXPECT_EQ(Domain::parse("b\xc3\xbc"
                          "cher.example")
                ->text(),
            "xn--bcher-kva.example");
  EXPECT_EQ(Domain::parse("stra\xc3\x9f"
                          "e.example")
                ->text(),
            "xn--strae-oqa.example");
  EXPECT_EQ(Domain::parse("_under.example")->text(), "_under.example");
}

TEST(Domain, RefusesWhatIsNoName) {
  for (const auto* text : {"",
                           ".",
                           "a.",
                           ".a",
                           "a..b",
                           "-a",
                           "a-",
                           "a b",
                           "a@b",
                           "xn--zzzzzzzzzzz-",
                           "xn--a",
                           "xn--\xc3\xbc",
                           "\xc0\xaf.example",
                           "a\xe2\x80\xa8z",
                           "[]",
                           "[1.2.3]",
                           "[01.2.3.4]",
                           "[1.2.3.4",
                           "[IPv6:1]",
                           "[::1]"})
    EXPECT_FALSE(Domain::parse(text)) << text;
  EXPECT_TRUE(Domain::parse(std::string(63, 'a')));
  EXPECT_FALSE(Domain::parse(std::string(64, 'a')));
  EXPECT_FALSE(Domain::parse(std::string(5000, '\xc3')));
}

TEST(Domain, ReadsAddressLiterals) {
  EXPECT_EQ(Domain::parse("[192.0.2.1]")->text(), "[192.0.2.1]");
  EXPECT_EQ(Domain::parse("[ipv6:2001:DB8:0:0:0:0:0:1]")->text(), "[IPv6:2001:db8::1]");
  EXPECT_TRUE(Domain::parse("[192.0.2.1]")->is_literal());
  EXPECT_FALSE(Domain::parse("192.0.2.1")->is_literal());
}

TEST(Mailbox, UnquotesAndQuotes) {
  EXPECT_EQ(Mailbox::parse("\"a b\"@x.example")->local(), "a b");
  EXPECT_EQ(Mailbox::parse("\"a b\"@x.example")->text(), "\"a b\"@x.example");
  EXPECT_EQ(Mailbox::parse("\"plain\"@X.example")->text(), "plain@x.example");
  EXPECT_EQ(Mailbox::parse("\"\\a\\\"\\\\\"@x.example")->text(), "\"a\\\"\\\\\"@x.example");
  EXPECT_EQ(Mailbox::parse("Case.Kept@x.example")->local(), "Case.Kept");
}

TEST(Mailbox, TakesUtf8OnlyWhereAsked) {
  const std::string text = "\xc3\xa9@x.example";
  EXPECT_FALSE(Mailbox::parse(text));
  EXPECT_TRUE(Mailbox::parse(text, Utf8::allow)->needs_utf8());
  EXPECT_FALSE(Mailbox::parse("\xc0\x80@x.example", Utf8::allow));
  EXPECT_FALSE(Mailbox::parse("\xc2\x85@x.example", Utf8::allow));
}

TEST(Mailbox, AgreesWithTheSuites) {
  // Where the suite and RFC 5321, or we, differ; the value is what we say.
  const std::map<std::string, bool> differences{
      {"haraka/1", false},  // the null reverse-path is no mailbox
      {"haraka/2", false},  // nor is <postmaster>
  };
  std::ifstream file{MAILREEVE_SUITES_DIR "/smtp-protocol/addresses.jsonl"};
  if (!file) GTEST_SKIP() << "no suite smtp-protocol in " MAILREEVE_SUITES_DIR;
  for (std::string line; std::getline(file, line);) {
    const auto row = boost::json::parse(line);
    const std::string id{row.at("id").as_string()};
    std::string address{row.at("address").as_string()};
    bool expected = row.at("valid_rfc5321").as_bool();
    if (const auto* kind = row.as_object().if_contains("kind"); kind != nullptr && *kind == "localpart")
      address += "@x.example";
    if (id.starts_with("haraka/") && address.starts_with('<') && address.ends_with('>'))
      address = address.substr(1, address.size() - 2);
    if (const auto found = differences.find(id); found != differences.end()) expected = found->second;
    const auto parsed = Mailbox::parse(address, Utf8::allow);
    EXPECT_EQ(parsed.has_value(), expected) << id << " " << address;
    const auto* host = row.as_object().if_contains("host");
    if (parsed && host != nullptr) EXPECT_EQ(parsed->domain().text(), host->as_string()) << id;
  }
}

}  // namespace
}  // namespace mailreeve::mail
