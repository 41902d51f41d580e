// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/resolver.h"
#include "support/run.h"

namespace mailreeve::dns {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Zone : public testing::Test {
 protected:
  void load(std::string_view text) {
    auto made = zone_resolver_from(text);
    ASSERT_TRUE(made) << made.error().text;
    resolver_ = std::move(*made);
  }
  Shared ask(const std::string& name, Type type = Type::a) { return support::run(resolver_->ask(name, type)); }
  Status status(const std::string& name, Type type = Type::a) { return ask(name, type)->status; }
  std::vector<std::string> hosts(const std::string& name) {
    std::vector<std::string> all;
    for (const auto& address : support::run(resolver_->addresses(name)).records) all.push_back(address.text());
    return all;
  }
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(Zone, TellsNamesThatExistFromThoseThatDoNot) {
  load("$ORIGIN example.org.\n@ MX 10 mx\nmx A 192.0.2.1\na.deep.name TXT \"x\"\n");
  EXPECT_EQ(status("mx.example.org"), Status::found);
  EXPECT_EQ(status("MX.example.ORG"), Status::found);
  EXPECT_EQ(status("mx.example.org", Type::aaaa), Status::no_data);
  EXPECT_EQ(status("deep.name.example.org"), Status::no_data) << "a name with names below it exists (RFC 4592 2.2.2)";
  EXPECT_EQ(status("nobody.example.org"), Status::no_name);
}

TEST_F(Zone, FollowsAliasesAndNotForEver) {
  load(
      "a.test. CNAME b.test.\nb.test. CNAME c.test.\nc.test. A 192.0.2.1\n"
      "x.test. CNAME y.test.\ny.test. CNAME x.test.\ndangling.test. CNAME nowhere.test.\n");
  EXPECT_THAT(hosts("a.test"), ElementsAre("192.0.2.1"));
  EXPECT_EQ(status("x.test"), Status::servfail);
  EXPECT_EQ(status("dangling.test"), Status::no_name);
}

TEST_F(Zone, WildcardsAnswerForNamesThatAreNotThere) {
  load("*.test. A 192.0.2.1\nown.test. TXT \"x\"\n");
  EXPECT_THAT(hosts("any.test"), ElementsAre("192.0.2.1"));
  EXPECT_EQ(status("own.test"), Status::no_data);
}

TEST_F(Zone, ReadsTextAsItIsWritten) {
  load("t.test. TXT ( \"one \" ; a remark\n  \"two\" )\nt.test. TXT \"semi;colon \\\"quoted\\\"\"\n");
  EXPECT_THAT(support::run(resolver_->texts("t.test")).records,
              UnorderedElementsAre("one two", "semi;colon \"quoted\""));
}

TEST_F(Zone, FailsWhereItIsToldTo) {
  load("broken.test. SERVFAIL\nslow.test. TIMEOUT TXT\nslow.test. A 192.0.2.1\nforged.test. BOGUS\n");
  EXPECT_EQ(status("broken.test", Type::mx), Status::servfail);
  EXPECT_EQ(status("slow.test", Type::txt), Status::timeout);
  EXPECT_EQ(status("slow.test"), Status::found);
  EXPECT_EQ(status("forged.test"), Status::bogus);
  EXPECT_THAT(ask("forged.test")->records, SizeIs(0));
}

TEST_F(Zone, OnlySoManyRecordsOfOneNameAreGiven) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "many.test. TXT \"" + std::to_string(i) + "\"\n";
  load(text);
  const auto answer = ask("many.test", Type::txt);
  EXPECT_EQ(answer->status, Status::found);
  EXPECT_THAT(answer->records, SizeIs(record_limit));
}

TEST_F(Zone, AnswersAreBelievedAsLongAsIsWritten) {
  load(
      "a.test. A 192.0.2.1\n$TTL 1h30m\nb.test. A 192.0.2.1\nc.test. 60 IN A 192.0.2.1\nc.test. IN 2d A 192.0.2.2\n"
      "d.test. 30 CNAME c.test.\ne.test. 0 A 192.0.2.1\n$TTL 10\nf.test. CNAME b.test.\n");
  using std::chrono::seconds;
  EXPECT_EQ(ask("a.test")->ttl, seconds{300});
  EXPECT_EQ(ask("b.test")->ttl, seconds{5400});
  EXPECT_EQ(ask("c.test")->ttl, seconds{60}) << "the shortest of the set";
  EXPECT_EQ(ask("d.test")->ttl, seconds{30}) << "and of the way there";
  EXPECT_EQ(ask("e.test")->ttl, seconds{0});
  EXPECT_EQ(ask("f.test")->ttl, seconds{10});
  EXPECT_EQ(ask("nobody.test")->ttl, seconds{300});
  EXPECT_EQ(ask("d.test", Type::aaaa)->ttl, seconds{30});
}

TEST_F(Zone, DataIsThatOfTheWire) {
  load(
      "$ORIGIN test.\n@ SOA ns root 7 1h 600 1d 60\n_25._tcp.mx TLSA 3 1 1 0d6f ff\nmx AAAA ::ffff:192.0.2.1\n"
      "@ MX 65535 mx\n@ MX 0 .\n");
  EXPECT_THAT(
      ask("test", Type::soa)->records,
      ElementsAre(std::string("\2ns\4test\0\4root\4test\0\0\0\0\7\0\0\x0e\x10\0\0\2\x58\0\1\x51\x80\0\0\0\x3c", 40)));
  EXPECT_THAT(ask("_25._tcp.mx.test", Type::tlsa)->records, ElementsAre("\3\1\1\x0d\x6f\xff"));
  EXPECT_THAT(ask("mx.test", Type::aaaa)->records,
              ElementsAre(std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16)));
  EXPECT_THAT(ask("test", Type::mx)->records,
              ElementsAre(std::string("\xff\xff\2mx\4test\0", 11), std::string("\0\0\0", 3)));
}

TEST_F(Zone, MistakesAreToldWithTheirLine) {
  for (const auto* text : {"a.test. A 192.0.2.1\nb.test. A 300.0.2.1\n", "\nb.test. MX mx.test.\n", "\nb.test. FOO x\n",
                           "\nb.test. TXT \"no end\n", "\nb.test. AAAA 192.0.2.1\n", "\nb.test. MX 10x mx.test.\n",
                           "\nb.test. MX 65536 mx.test.\n", "\nb.test. MX -1 mx.test.\n", "\nb.test. TXT\n",
                           "\nb.test. TLSA 3 1 1 0d6\n", "\nb.test. TLSA 3 1 256 0d\n", "\nb.test. TLSA 3 1 1 xx\n",
                           "\nb.test. SOA ns root 1 2 3 4\n", "\nb.test. SOA ns root x 2 3 4 5\n", "\n$TTL soon\n",
                           "\n$TTL\n", "\n$TTL 99999999999\n", "\n$INCLUDE other\n", "\nb.test. 1h\n"}) {
    const auto made = zone_resolver_from(text);
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().text, HasSubstr("2")) << text;
  }
}

}  // namespace
}  // namespace mailreeve::dns
