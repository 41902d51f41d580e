// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/spf.h"

namespace mailreeve::auth {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Line {
  SpfOutcome outcome;
  SpfQuestion question{*IpAddress::parse("192.0.2.1"), "mail.example.org", "user@example.org", "mx.example.net"};
  SpfIdentity identity = SpfIdentity::mail_from;

  Line() {
    outcome.result = SpfResult::pass;
    outcome.domain = "example.org";
    outcome.matched = "ip4:192.0.2.0/24";
  }
  std::string field() const { return received_spf_field(outcome, identity, question); }
  /// As a reader of header fields sees it.
  std::string unfolded() const {
    auto text = field();
    for (auto at = text.find("\r\n\t"); at != std::string::npos; at = text.find("\r\n\t")) text.replace(at, 3, " ");
    return text;
  }
};

TEST(ReceivedSpf, SaysWhoAskedWhatAndWhatCameOut) {
  EXPECT_EQ(Line{}.unfolded(),
            "Received-SPF: pass (example.org permits 192.0.2.1 to send for it) identity=mailfrom; "
            "client-ip=192.0.2.1; envelope-from=\"user@example.org\"; helo=mail.example.org; "
            "mechanism=\"ip4:192.0.2.0/24\"; receiver=mx.example.net\r\n");
}

TEST(ReceivedSpf, EveryResultIsWrittenAsInRfc7208) {
  const std::pair<SpfResult, const char*> words[] = {
      {SpfResult::none, "none"},          {SpfResult::neutral, "neutral"},   {SpfResult::pass, "pass"},
      {SpfResult::fail, "fail"},          {SpfResult::softfail, "softfail"}, {SpfResult::temperror, "temperror"},
      {SpfResult::permerror, "permerror"}};
  for (const auto& [result, word] : words) {
    Line line;
    line.outcome.result = result;
    EXPECT_THAT(line.field(), StartsWith(fmt::format("Received-SPF: {} (", word)));
    EXPECT_THAT(line.field(), EndsWith("\r\n"));
  }
}

TEST(ReceivedSpf, HeloHasNoEnvelopeSenderForTheNullPath) {
  Line line;
  line.identity = SpfIdentity::helo;
  line.question.sender = "";
  EXPECT_THAT(line.unfolded(), HasSubstr(" identity=helo;"));
  EXPECT_THAT(line.unfolded(), Not(HasSubstr("envelope-from")));
}

TEST(ReceivedSpf, AnErrorSaysItsProblem) {
  Line line;
  line.outcome.result = SpfResult::permerror;
  line.outcome.matched = "";
  line.outcome.problem = "record of example.org: \"ipv4:1\" is no mechanism";
  EXPECT_THAT(line.unfolded(), HasSubstr(" problem=\"record of example.org: \\\"ipv4:1\\\" is no mechanism\";"));
  EXPECT_THAT(line.unfolded(), Not(HasSubstr("mechanism=")));
}

TEST(ReceivedSpf, NobodyWritesOurHeaderForUs) {
  Line line;
  line.question.helo = "evil\r\nX-Spam: no\"; receiver=\"x\\";
  line.question.sender = "\"a b\"@example.org";
  line.outcome.domain = "x) pass (y\\\r\nz";
  line.outcome.matched = std::string{"\0\x7f\xc3\xbc", 4};
  const auto text = line.unfolded();
  EXPECT_EQ(text.find_first_of(std::string_view{"\r\n\0\x7f\xc3", 5}), text.size() - 2);
  EXPECT_THAT(text, HasSubstr("helo=\"evil??X-Spam: no\\\"; receiver=\\\"x\\\\\";"));
  EXPECT_THAT(text, HasSubstr("envelope-from=\"\\\"a b\\\"@example.org\";"));
  EXPECT_THAT(text, HasSubstr("(x? pass ?y???z permits"));
}

TEST(ReceivedSpf, WhatIsNoDotAtomIsQuoted) {
  Line line;
  line.question.client = *IpAddress::parse("2001:db8::1");
  EXPECT_THAT(line.unfolded(), HasSubstr("client-ip=\"2001:db8::1\";"));
  for (const auto* helo : {"host.example.", ".host", "a..b"}) {
    line.question.helo = helo;
    EXPECT_THAT(line.unfolded(), HasSubstr(fmt::format("helo=\"{}\";", helo)));
  }
}

TEST(ReceivedSpf, LinesAreShort) {
  Line line;
  line.question.client = *IpAddress::parse("2001:db8:1234:5678:9abc:def0:1234:5678");
  line.outcome.domain = "bounces.newsletter.example.org";
  line.outcome.result = SpfResult::fail;
  const auto text = line.field();
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find("\r\n", start);
    EXPECT_LE(end - start, 78U) << text;
    start = end + 2;
  }
  EXPECT_THAT(line.unfolded(), HasSubstr("(bounces.newsletter.example.org does not permit "
                                         "2001:db8:1234:5678:9abc:def0:1234:5678 to send for it)"));
}

TEST(ReceivedSpf, NoLineIsLongerThanMailAllows) {
  Line line;
  line.question.helo = std::string(5000, '"');
  line.outcome.matched = std::string(70'000, '\\');
  line.outcome.result = SpfResult::permerror;
  line.outcome.problem = std::string(70'000, 'x');
  const auto text = line.field();
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find("\r\n", start);
    EXPECT_LE(end - start, 998U);
    start = end + 2;
  }
  EXPECT_LT(text.size(), 4096U);
}

}  // namespace
}  // namespace mailreeve::auth
