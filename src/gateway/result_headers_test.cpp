// SPDX-License-Identifier: Apache-2.0
#include "gateway/result_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::string composed(const std::string& message, std::vector<mail::Edit> edits, std::string above = {}) {
  auto body = mail::compose(std::move(above), std::make_shared<mail::MemoryBody>(message), std::move(edits));
  return mail::read_whole(**body, 1 << 20).value();
}

judge::Facts facts_of_an_honest_sender() {
  judge::Facts facts;
  facts.session->client = *IpAddress::parse("192.0.2.25");
  facts.session->helo = "mx.example.net";
  facts.session->name = {true, dns::Status::found, {"mx.example.net"}, "mx.example.net"};
  facts.sender = mail::Mailbox::parse("anna@example.net").value();
  facts.spf.emplace();
  facts.spf->result = auth::SpfResult::pass;
  facts.spf->domain = "example.net";
  facts.spf->matched = "ip4:192.0.2.25";
  facts.dkim_looked_at = true;
  auth::DkimSignature signature;
  signature.result = auth::DkimResult::pass;
  signature.domain = "example.net";
  signature.selector = "s1";
  facts.dkim.push_back(signature);
  return facts;
}

TEST(ResultHeaders, SayWhatWasProvenAndByWhom) {
  const auto fields = authentication_fields(facts_of_an_honest_sender(), "mx.example.org");
  EXPECT_THAT(fields, StartsWith("Authentication-Results: mx.example.org"));
  for (const auto* part : {"iprev=pass", "policy.iprev=192.0.2.25", "spf=pass", "smtp.mailfrom=anna@example.net",
                           "dkim=pass", "header.d=example.net", "header.s=s1"}) {
    EXPECT_THAT(mail::unfolded(fields), HasSubstr(part));
  }
  EXPECT_THAT(fields, HasSubstr("\r\nReceived-SPF: pass"));
}

TEST(ResultHeaders, ANullSenderIsJudgedByItsHelo) {
  judge::Facts facts;
  facts.session->client = *IpAddress::parse("192.0.2.25");
  facts.session->helo = "mx.example.net";
  facts.spf_helo.emplace();
  facts.spf_helo->result = auth::SpfResult::fail;
  facts.spf_helo->domain = "mx.example.net";
  const auto fields = authentication_fields(facts, "mx.example.org");
  EXPECT_THAT(fields, HasSubstr("smtp.helo=mx.example.net"));
  EXPECT_THAT(fields, Not(HasSubstr("smtp.mailfrom")));
  EXPECT_THAT(fields, HasSubstr("Received-SPF: fail"));
}

TEST(ResultHeaders, NothingFromOutsideCanAddAField) {
  auto facts = facts_of_an_honest_sender();
  facts.session->helo = "x\r\nX-Evil: 1";
  facts.dkim[0].reason = "bad\r\nX-Evil: 2";
  facts.dkim[0].domain = "a\r\nX-Evil: 3";
  facts.spf->matched = "all\r\nX-Evil: 4";
  facts.spf->problem = "\nX-Evil: 5";
  const mail::Header header{authentication_fields(facts, "mx.example.org")};
  EXPECT_THAT(header.fields(), SizeIs(2));
  EXPECT_FALSE(header.broken());
}

TEST(ResultHeaders, TheVerdictIsToldInShort) {
  judge::Verdict verdict;
  verdict.score = 6.5;
  verdict.policy = "balanced";
  verdict.findings.push_back({{"spf.softfail", 1.5, "", "spf"}, 1.5, judge::Action::none});
  const auto tagged = verdict_fields("01ABC", verdict, judge::Action::tag);
  EXPECT_THAT(mail::unfolded(tagged), HasSubstr("id=01ABC; action=tag; score=6.5; policy=balanced; spf.softfail=1.5"));
  EXPECT_THAT(tagged, HasSubstr("\r\nX-Spam-Flag: YES\r\n"));
  EXPECT_THAT(verdict_fields("01ABC", verdict, judge::Action::none), Not(HasSubstr("X-Spam-Flag")));
  for (int i = 0; i < 1000; ++i) verdict.findings.push_back(verdict.findings[0]);
  EXPECT_LT(verdict_fields("01ABC", verdict, judge::Action::none).size(), 2000U);
}

TEST(ResultHeaders, ForgedOnesOfOursGoAndOthersStay) {
  const std::string message =
      "Authentication-Results: mx.example.org; dkim=pass\r\nAuthentication-Results: other.example; spf=pass\r\n"
      "x-spam-flag: NO\r\nX-Mailreeve: action=accept\r\nX-MAILREEVE-released: id=1\r\nSubject: "
      "hello\r\n\r\nX-Mailreeve: in the body\r\n";
  const mail::Header header{message.substr(0, message.find("\r\n\r\n") + 2)};
  EXPECT_EQ(composed(message, forged_fields(header, "mx.example.org")),
            "Authentication-Results: other.example; spf=pass\r\nSubject: hello\r\n\r\nX-Mailreeve: in the body\r\n");
}

TEST(ResultHeaders, TheSubjectIsMarkedOnce) {
  const auto marked = [](const std::string& fields) {
    const mail::Header header{fields};
    auto edits = forged_fields(header, "mx.example.org");
    std::string above;
    mark_subject(header, "[SPAM]", edits, above);
    return composed(fields + "\r\nx\r\n", edits, above);
  };
  EXPECT_EQ(marked("Subject: hello\r\n"), "Subject: [SPAM] hello\r\n\r\nx\r\n");
  EXPECT_EQ(marked("Subject: [SPAM] hello\r\n"), "Subject: [SPAM] hello\r\n\r\nx\r\n");
  EXPECT_EQ(marked("To: a\r\n"), "Subject: [SPAM]\r\nTo: a\r\n\r\nx\r\n");
  EXPECT_EQ(marked("Subject:\r\nX-Mailreeve: forged\r\n"), "Subject: [SPAM]\r\n\r\nx\r\n");
}

}  // namespace
}  // namespace mailreeve::gateway
