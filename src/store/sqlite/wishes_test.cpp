// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/wishes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/sqlite/database.h"
#include "support/run.h"

namespace mailreeve::store::sqlite {
namespace {

using namespace std::chrono_literals;
using support::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string anna = "anna@example.org";

class WishesTest : public testing::Test {
 protected:
  WishesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "mailreeve-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    open();
  }
  ~WishesTest() override {
    wishes_.reset();
    std::filesystem::remove_all(directory_);
  }
  void open() {
    wishes_.reset();
    auto opened = open_wishes((directory_ / "wishes.db").string(), *log_);
    ASSERT_TRUE(opened) << opened.error().text;
    wishes_ = std::move(*opened);
  }
  bool add(WishList list, const std::string& entry) {
    const auto added = run(wishes_->add(anna, list, entry));
    EXPECT_TRUE(added) << added.error().text;
    return added && *added;
  }

  std::filesystem::path directory_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  std::unique_ptr<Wishes> wishes_;
};

TEST_F(WishesTest, WhoeverNeverWishedHasNone) { EXPECT_EQ(wishes_->of(anna), nullptr); }

TEST_F(WishesTest, WhatWasWishedOutlivesARestart) {
  ASSERT_TRUE(run(wishes_->choose_policy(anna, "lenient")));
  ASSERT_TRUE(run(wishes_->choose_digest(anna, DigestTimes::weekly)));
  ASSERT_TRUE(run(wishes_->told(anna, WallTime{} + 24h)));
  EXPECT_TRUE(add(WishList::allow, "Friend@Example.NET"));
  EXPECT_TRUE(add(WishList::block, "*@spam.example"));
  EXPECT_TRUE(add(WishList::block, "bad.example"));
  const auto before = *wishes_->of(anna);
  open();
  ASSERT_TRUE(wishes_->of(anna));
  EXPECT_EQ(*wishes_->of(anna), before);
  EXPECT_EQ(before.policy, "lenient");
  EXPECT_EQ(before.digest, DigestTimes::weekly);
  EXPECT_EQ(before.last_digest, WallTime{} + 24h);
  EXPECT_THAT(before.allow, ElementsAre("friend@example.net"));
  EXPECT_THAT(before.block, ElementsAre("bad.example", "spam.example"));
}

TEST_F(WishesTest, WhatWasToldLongAgoIsForgotten) {
  const auto now = SystemClock{}.now();
  ASSERT_TRUE(run(wishes_->told("long-ago@example.org", now - 24h * 100)));
  ASSERT_TRUE(run(wishes_->told("lately@example.org", now - 24h)));
  ASSERT_TRUE(run(wishes_->told(anna, now - 24h * 100)));
  ASSERT_TRUE(run(wishes_->choose_digest(anna, DigestTimes::never)));
  open();
  EXPECT_FALSE(wishes_->of("long-ago@example.org"));
  EXPECT_TRUE(wishes_->of("lately@example.org"));
  EXPECT_TRUE(wishes_->of(anna));
}

TEST_F(WishesTest, AFileThatIsSomethingElseIsLeftAlone) {
  const auto path = (directory_ / "other.db").string();
  {
    Database other{path, {}, Database::Access::write};
    other.execute("CREATE TABLE theirs(x)");
  }
  const auto opened = open_wishes(path, *log_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("other.db"));
}

TEST_F(WishesTest, AnEntryStandsInOneListOnce) {
  EXPECT_TRUE(add(WishList::block, "example.net"));
  EXPECT_FALSE(add(WishList::block, "@example.net"));
  EXPECT_TRUE(add(WishList::allow, "example.net"));
  EXPECT_THAT(wishes_->of(anna)->allow, ElementsAre("example.net"));
  EXPECT_THAT(wishes_->of(anna)->block, IsEmpty());
  EXPECT_TRUE(*run(wishes_->remove(anna, WishList::allow, "EXAMPLE.net")));
  EXPECT_FALSE(*run(wishes_->remove(anna, WishList::allow, "example.net")));
  EXPECT_EQ(wishes_->of(anna), nullptr) << "no wish is left";
}

TEST_F(WishesTest, ListsAreBounded) {
  for (std::size_t i = 0; i < wish_entries_limit; ++i) {
    ASSERT_TRUE(run(wishes_->add(anna, WishList::block, fmt::format("spam{}.example", i))));
  }
  const auto more = run(wishes_->add(anna, WishList::block, "one-more.example"));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::full);
  EXPECT_TRUE(add(WishList::allow, "one-more.example")) << "the other list has room";
  EXPECT_THAT(wishes_->of(anna)->block, SizeIs(wish_entries_limit));
}

TEST_F(WishesTest, WhatIsNoSenderIsRefused) {
  for (const auto* text :
       {"", "com", "a b", "a@", "@", "*", "[192.0.2.1]", "a@b@c", "x\ny@example.org", "a..b.example"}) {
    const auto added = run(wishes_->add(anna, WishList::block, text));
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().kind, ErrorKind::invalid);
    EXPECT_THAT(added.error().text, HasSubstr("anna@example.org"));
  }
}

TEST(WishEntries, CoverAddressesAndWhatIsBelowADomain) {
  const std::vector<std::string> list{"anna@example.net", "spam.example", "xn--bcher-kva.example"};
  EXPECT_EQ(find_entry(list, "ANNA@Example.Net"), "anna@example.net");
  EXPECT_TRUE(find_entry(list, "anna+news@example.net"));
  EXPECT_FALSE(find_entry(list, "bert@example.net"));
  EXPECT_TRUE(find_entry(list, "x@spam.example"));
  EXPECT_EQ(find_entry(list, "x@mail.spam.example"), "spam.example");
  EXPECT_FALSE(find_entry(list, "x@notspam.example"));
  EXPECT_TRUE(find_entry(list, "x@bücher.example"));
  EXPECT_FALSE(find_entry(list, ""));
  EXPECT_FALSE(find_entry(list, "spam.example"));
}

TEST(WishEntries, AreWrittenInManyWays) {
  EXPECT_EQ(*normal_entry("Anna M. <Anna@Example.NET>"), "anna@example.net");
  EXPECT_EQ(*normal_entry(" *@Example.NET "), "example.net");
  EXPECT_EQ(*normal_entry("bücher.example"), "xn--bcher-kva.example");
}

TEST(OwnerKey, IsWithoutCaseAndTag) {
  EXPECT_EQ(owner_key(*mail::Mailbox::parse("Anna+x@Example.ORG")), "anna@example.org");
  EXPECT_EQ(owner_key(*mail::Mailbox::parse("+x@example.org")), "+x@example.org");
}

TEST(DigestTimes, HaveNames) {
  for (const auto times :
       {DigestTimes::never, DigestTimes::hourly, DigestTimes::daily, DigestTimes::weekdays, DigestTimes::weekly}) {
    EXPECT_EQ(parse_digest_times(name(times)), times);
  }
  EXPECT_EQ(parse_digest_times("monthly"), std::nullopt);
}

}  // namespace
}  // namespace mailreeve::store::sqlite
