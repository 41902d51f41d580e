// SPDX-License-Identifier: Apache-2.0
#include "judge/spam_engine.h"

#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Scripted final : public SpamEngines {
 public:
  Task<SpamAnswer> ask(Spawner&, SpamProtocol protocol, SpamEngineOptions, SpamQuestion question) override {
    protocols.push_back(protocol);
    last = std::move(question);
    co_return answer;
  }
  SpamAnswer answer;
  std::vector<SpamProtocol> protocols;
  SpamQuestion last;
};

class SpamEngineCheck : public support::CheckFixture {
 protected:
  SpamEngineCheck() {
    spam_ = &engines_;
    options_.rspamd.text = "http://127.0.0.1:11333";
    options_.spamassassin.text = "127.0.0.1:783";
    facts_.body = std::make_shared<const mail::MemoryBody>("Subject: x\r\n\r\nhello\r\n");
    know(7.3);
  }
  void know(double score) {
    engines_.answer = {};
    engines_.answer.is_known = true;
    engines_.answer.score = score;
    engines_.answer.threshold = 15;
    engines_.answer.action = "add header";
  }
  void fail() {
    engines_.answer = {};
    engines_.answer.why = "too slow";
  }
  double weight(MakeCheck make) { return run(make).at(0).weight; }

  Scripted engines_;
};

TEST_F(SpamEngineCheck, TheScoreIsOneFindingWithTheStrongestSymbolsFirst) {
  engines_.answer.symbols = {{"NOTHING", 0}, {"GOOD", -3}, {"BAD", 6.25}, {"so-so\n", 1}};
  const auto& found = run(make_rspamd);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "rspamd.score");
  EXPECT_NEAR(found[0].weight, 7.3 * 0.8, 1e-9);
  EXPECT_EQ(found[0].evidence, "score 7.3 of 15 (add header): BAD(6.2) GOOD(-3.0) so-so?(1.0) NOTHING(0.0)");
  EXPECT_EQ(codes(make_spamassassin), std::vector<std::string>{"spamassassin.score"});
  EXPECT_THAT(engines_.protocols, ElementsAre(SpamProtocol::rspamd, SpamProtocol::spamd));
}

TEST_F(SpamEngineCheck, WeighsWithinBounds) {
  know(1000);
  EXPECT_EQ(weight(make_spamassassin), 10);
  know(-1000);
  EXPECT_EQ(weight(make_spamassassin), -5);
  know(5);
  EXPECT_EQ(weight(make_spamassassin), 5);
  options_.spamassassin.weight = 0.5;
  EXPECT_EQ(weight(make_spamassassin), 2.5);
}

TEST_F(SpamEngineCheck, EvidenceIsBounded) {
  for (int i = 0; i < 400; ++i) engines_.answer.symbols.push_back({std::string(100, 'A'), 1.0});
  const auto evidence = run(make_rspamd).at(0).evidence;
  EXPECT_LE(evidence.size(), 300U);
  EXPECT_TRUE(evidence.ends_with(" ..."));
}

TEST_F(SpamEngineCheck, ItIsToldWhatIsKnown) {
  facts_.session->name.confirmed = "mx.sender.example";
  run(make_rspamd);
  EXPECT_EQ(engines_.last.client.text(), "192.0.2.7");
  EXPECT_EQ(engines_.last.client_name, "mx.sender.example");
  EXPECT_EQ(engines_.last.own_name, "mx.ours.example");
  EXPECT_EQ(engines_.last.sender->text(), "person@sender.example");
}

TEST_F(SpamEngineCheck, NobodyIsAskedWhereNoneIsSetOrTheMessageIsTooLarge) {
  options_.rspamd.text.clear();
  EXPECT_THAT(codes(make_rspamd), IsEmpty());
  options_.spamassassin.most_bytes = 20;
  EXPECT_THAT(codes(make_spamassassin), IsEmpty());
  EXPECT_THAT(engines_.protocols, IsEmpty());
}

TEST_F(SpamEngineCheck, OneThatDoesNotAnswerWeighsNothingAndIsLeftAloneForAWhile) {
  fail();
  const auto check = make_rspamd(options_, lists_);
  for (int i = 0; i < 10; ++i) {
    CheckContext context{*dns_, *marks_, nullptr, clock_, spawner_, log_, own_};
    context.spam = spam_;
    const auto found = spawner_.run(check->run(facts_, context));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].code, "rspamd.unavailable");
    EXPECT_EQ(found[0].weight, 0);
    EXPECT_THAT(found[0].evidence, StartsWith("http://127.0.0.1:11333: "));
    EXPECT_THAT(found[0].evidence, HasSubstr(i < 3 ? "too slow" : "not asked"));
  }
  EXPECT_EQ(engines_.protocols.size(), 3U);
  EXPECT_EQ(log_.lines.size(), 1U) << "one warning a minute";
}

TEST_F(SpamEngineCheck, AnAnswerBetweenFailuresForgivesThem) {
  const auto check = make_rspamd(options_, lists_);
  for (int i = 0; i < 12; ++i) {
    if (i % 3 == 2) {
      know(1);
    } else {
      fail();
    }
    CheckContext context{*dns_, *marks_, nullptr, clock_, spawner_, log_, own_};
    context.spam = spam_;
    spawner_.run(check->run(facts_, context));
  }
  EXPECT_EQ(engines_.protocols.size(), 12U);
}

}  // namespace
}  // namespace mailreeve::judge
