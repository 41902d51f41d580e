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

TEST_F(Zone, MistakesAreToldWithTheirLine) {
  for (const auto* text : {"a.test. A 192.0.2.1\nb.test. A 300.0.2.1\n", "\nb.test. MX mx.test.\n", "\nb.test. FOO x\n",
                           "\nb.test. TXT \"no end\n", "\nb.test. AAAA 192.0.2.1\n"}) {
    const auto made = zone_resolver_from(text);
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().text, HasSubstr("2")) << text;
  }
}

}  // namespace
}  // namespace mailreeve::dns
