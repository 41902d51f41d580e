// SPDX-License-Identifier: Apache-2.0
#include "dns/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run.h"

namespace mailreeve::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<Resolver> zone(std::string_view text) { return zone_resolver_from(text).value(); }

TEST(Resolver, MailExchangersComeByPreference) {
  const auto dns = zone("e.test. MX 20 B.test.\ne.test. MX 5 a.test.\nnull.test. MX 0 .\n");
  const auto found = support::run(dns->mail_exchangers("e.test"));
  ASSERT_THAT(found.records, SizeIs(2));
  EXPECT_EQ(found.records[0].host, "a.test");
  EXPECT_EQ(found.records[1].host, "b.test");
  const auto none = support::run(dns->mail_exchangers("null.test"));
  ASSERT_THAT(none.records, SizeIs(1));
  EXPECT_EQ(none.records[0].host, "");
}

TEST(Resolver, BothFamiliesMakeOneAnswer) {
  const auto dns = zone(
      "both.test. A 192.0.2.1\nboth.test. AAAA 2001:db8::1\nfour.test. A 192.0.2.1\n"
      "half.test. A 192.0.2.1\nhalf.test. SERVFAIL AAAA\ndown.test. SERVFAIL\n");
  EXPECT_THAT(support::run(dns->addresses("both.test")).records, SizeIs(2));
  EXPECT_EQ(support::run(dns->addresses("four.test")).status, Status::found);
  EXPECT_EQ(support::run(dns->addresses("half.test")).status, Status::found);
  EXPECT_EQ(support::run(dns->addresses("down.test")).status, Status::servfail);
  EXPECT_EQ(support::run(dns->addresses("nobody.test")).status, Status::no_name);
}

TEST(Resolver, NamesOfAnAddressAreLowerCase) {
  const auto dns = zone("1.2.0.192.in-addr.arpa. PTR MX.Example.ORG.\n");
  EXPECT_THAT(support::run(dns->names_of(*IpAddress::parse("192.0.2.1"))).records, ElementsAre("mx.example.org"));
}

TEST(Resolver, AddressesAreReversedByOctetsAndNibbles) {
  EXPECT_EQ(reversed(*IpAddress::parse("192.0.2.1")), "1.2.0.192");
  EXPECT_EQ(reversed(*IpAddress::parse("2001:db8::1")),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2");
}

/// Record data that nobody should send.
class Odd final : public Resolver {
 public:
  explicit Odd(std::vector<std::string> records)
      : answer_{std::make_shared<const RawAnswer>(RawAnswer{Status::found, false, std::move(records), {}})} {}
  Task<Shared> ask(std::string, Type) override { co_return answer_; }

 private:
  Shared answer_;
};

TEST(Resolver, BrokenRecordDataIsLeftOut) {
  Odd addresses{{"abc", "", std::string{"\xc0\0\2\1", 4}}};
  const auto found = support::run(addresses.addresses("x.test", Type::a));
  ASSERT_THAT(found.records, SizeIs(1));
  EXPECT_EQ(found.records[0].text(), "192.0.2.1");
  Odd nothing{{"abc"}};
  EXPECT_NE(support::run(nothing.addresses("x.test", Type::a)).status, Status::found) << "found means: there is one";
  Odd text{{std::string{"\5ab", 3}}};
  EXPECT_THAT(support::run(text.texts("x.test")).records, IsEmpty());
}

TEST(Resolver, RecordDataIsShownAsPeopleWriteIt) {
  EXPECT_EQ(presentation(Type::a, std::string{"\xc0\0\2\1", 4}), "192.0.2.1");
  EXPECT_EQ(presentation(Type::txt, "\3a\"b"), "\"a\\\"b\"");
  EXPECT_EQ(presentation(Type::txt, std::string{"\2\n\x7f", 3}).find('\n'), std::string::npos);
  EXPECT_EQ(presentation(Type::mx, std::string{"\0\x0a\2mx\4test\0", 11}), "10 mx.test");
}

TEST(Recorder, RemembersInOrderAndOnlySoMany) {
  const auto dns = zone("a.test. A 192.0.2.1\n");
  Recorder recorder{*dns, 2};
  support::run(recorder.ask("a.test", Type::a));
  support::run(recorder.ask("b.test", Type::txt));
  support::run(recorder.ask("c.test", Type::a));
  ASSERT_THAT(recorder.entries(), SizeIs(2));
  EXPECT_EQ(recorder.entries()[0].name, "a.test");
  EXPECT_EQ(recorder.entries()[1].answer->status, Status::no_name);
  EXPECT_EQ(recorder.asked(), 3U);
}

}  // namespace
}  // namespace mailreeve::dns
