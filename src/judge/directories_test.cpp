// SPDX-License-Identifier: Apache-2.0
#include "judge/directories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "support/run.h"

namespace mailreeve::judge {
namespace {

using Answer = Directory::Answer;
using testing::HasSubstr;

mail::Mailbox mailbox(std::string_view text) { return *mail::Mailbox::parse(text, mail::Utf8::allow); }

Answer find(const Directory& directory, std::string_view address) {
  return support::run(directory.find(mailbox(address)));
}

/// Says what it was told to say, and remembers what it was asked.
class Scripted final : public Directory {
 public:
  Task<Answer> find(mail::Mailbox address) const override {
    asked.push_back(address.text());
    if (down) co_return Answer::unavailable;
    co_return address.text() == "anna@example.org" ? Answer::found : Answer::missing;
  }
  bool down = false;
  mutable std::vector<std::string> asked;
};

TEST(EscapeLdapValue, LeavesNothingThatAFilterWouldRead) {
  EXPECT_EQ(escape_ldap_value("anna.o'brien@example.org"), "anna.o'brien@example.org");
  EXPECT_EQ(escape_ldap_value("*)(uid=*"), "\\2a\\29\\28uid=\\2a");
  EXPECT_EQ(escape_ldap_value("a\\2ab"), "a\\5c2ab");
  EXPECT_EQ(escape_ldap_value(std::string_view{"a\0b\n", 4}), "a\\00b\\0a");
  EXPECT_EQ(escape_ldap_value("j\xc3\xbcrgen"), "j\\c3\\bcrgen");
}

TEST(CachedDirectory, AsksOnceForWhatItRemembers) {
  const auto inner = std::make_shared<Scripted>();
  const auto directory = make_cached_directory(inner, {});
  EXPECT_EQ(find(*directory, "anna@example.org"), Answer::found);
  EXPECT_EQ(find(*directory, "bert@example.org"), Answer::missing);
  EXPECT_EQ(find(*directory, "ANNA@Example.org"), Answer::found);
  EXPECT_EQ(find(*directory, "bert@example.org"), Answer::missing);
  EXPECT_THAT(inner->asked, testing::ElementsAre("anna@example.org", "bert@example.org"));
}

TEST(CachedDirectory, FindsATaggedAddressByTheOneWithoutTheTag) {
  const auto inner = std::make_shared<Scripted>();
  const auto directory = make_cached_directory(inner, {});
  EXPECT_EQ(find(*directory, "anna+news@example.org"), Answer::found);
  EXPECT_THAT(inner->asked, testing::ElementsAre("anna+news@example.org", "anna@example.org"));
  EXPECT_EQ(find(*directory, "+news@example.org"), Answer::missing);
  EXPECT_EQ(find(*directory, "bert+news@example.org"), Answer::missing);
}

TEST(CachedDirectory, DoesNotRememberThatNobodyAnswered) {
  const auto inner = std::make_shared<Scripted>();
  const auto directory = make_cached_directory(inner, {});
  inner->down = true;
  EXPECT_EQ(find(*directory, "anna@example.org"), Answer::unavailable);
  EXPECT_EQ(find(*directory, "anna+news@example.org"), Answer::unavailable);
  inner->down = false;
  EXPECT_EQ(find(*directory, "anna@example.org"), Answer::found);
}

TEST(CachedDirectory, OldAnswersCountOnlyWhereTheOperatorSaysSo) {
  for (const bool accept : {false, true}) {
    const auto inner = std::make_shared<Scripted>();
    const auto directory = make_cached_directory(inner, {std::chrono::seconds{0}, std::chrono::seconds{0}, accept});
    EXPECT_EQ(find(*directory, "anna@example.org"), Answer::found);
    EXPECT_EQ(find(*directory, "bert@example.org"), Answer::missing);
    inner->down = true;
    EXPECT_EQ(find(*directory, "anna@example.org"), accept ? Answer::found : Answer::unavailable);
    EXPECT_EQ(find(*directory, "bert@example.org"), Answer::unavailable) << "an old refusal never counts";
  }
}

TEST(CachedDirectory, NobodyIsFoundLiterally) {
  const auto directory = make_cached_directory(std::make_shared<Scripted>(), {});
  EXPECT_EQ(support::run(directory->find_literally(mailbox("anna@example.org"))), Answer::missing);
}

class SqlDirectoryTest : public testing::Test {
 protected:
  void SetUp() override { execute("CREATE TABLE users(mail TEXT); INSERT INTO users VALUES('anna@example.org')"); }
  void TearDown() override { std::filesystem::remove(path_); }

  void execute(const char* statement) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  std::shared_ptr<const Directory> directory(std::string query) const {
    auto made = make_sql_directory({"sqlite:" + path_, std::move(query)});
    EXPECT_TRUE(made);
    return *made;
  }

  std::string path_ = testing::TempDir() + "mailreeve-users-" + std::to_string(::getpid()) + ".db";
};

TEST_F(SqlDirectoryTest, ARowMeansThatTheRecipientExists) {
  for (const auto* query :
       {"SELECT 1 FROM users WHERE mail = {address}", "SELECT 1 FROM users WHERE mail = '{address}'",
        "SELECT 1 FROM users WHERE mail = {user} || '@' || {domain}"}) {
    const auto users = directory(query);
    EXPECT_EQ(find(*users, "Anna@Example.ORG"), Answer::found) << query;
    EXPECT_EQ(find(*users, "bert@example.org"), Answer::missing) << query;
  }
}

TEST_F(SqlDirectoryTest, AnAddressIsNeverPartOfTheStatement) {
  const auto users = directory("SELECT 1 FROM users WHERE mail = '{address}'");
  EXPECT_EQ(find(*users, "x'or'1'='1@example.org"), Answer::missing);
  EXPECT_EQ(find(*users, "\"' OR 1=1 --\"@example.org"), Answer::missing);
}

TEST_F(SqlDirectoryTest, TroubleOfOursIsNotAMissingRecipient) {
  EXPECT_EQ(find(*directory("SELECT 1 FROM nowhere WHERE mail = {address}"), "anna@example.org"), Answer::unavailable);
  const auto users = directory("SELECT 1 FROM users WHERE mail = {address}");
  std::filesystem::remove(path_);
  EXPECT_EQ(find(*users, "anna@example.org"), Answer::unavailable);
  SetUp();
  EXPECT_EQ(find(*users, "anna@example.org"), Answer::found) << "it comes back by itself";
}

TEST_F(SqlDirectoryTest, WritesNothing) {
  EXPECT_EQ(find(*directory("DELETE FROM users WHERE mail <> {address}"), "bert@example.org"), Answer::unavailable);
  EXPECT_EQ(find(*directory("SELECT 1 FROM users WHERE mail = {address}"), "anna@example.org"), Answer::found);
}

TEST(SqlDirectory, SaysWhatIsWrongWithTheSettings) {
  const auto other = make_sql_directory({"postgresql://db/mail", "SELECT 1 WHERE {address} = ''"});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().text, HasSubstr("this version knows SQLite files only"));
  const auto constant = make_sql_directory({"sqlite:/users.db", "SELECT 1"});
  ASSERT_FALSE(constant);
  EXPECT_THAT(constant.error().text, HasSubstr("{address}"));
}

TEST(LdapDirectory, AServerThatIsNotThereIsNotAMissingRecipient) {
  LdapOptions options;
  options.url = "ldap://127.0.0.1:1";
  options.base = "dc=example,dc=org";
  EXPECT_EQ(find(*make_ldap_directory(options), "anna@example.org"), Answer::unavailable);
}

class ScriptedProber final : public Prober {
 public:
  Task<ProbeAnswer> recipient(IpAddress server, std::uint16_t port, mail::ReversePath sender, mail::Mailbox address,
                              std::chrono::milliseconds) override {
    const bool is_doubt = address.local().starts_with("mailreeve-probe-");
    if (is_doubt) {
      ++doubts;
      co_return ProbeAnswer{takes_nobody ? ProbeAnswer::Kind::accepted : ProbeAnswer::Kind::refused, ""};
    }
    asked = server.text() + ' ' + std::to_string(port) + (sender ? " sender " : " null ") + address.text();
    co_return ProbeAnswer{kind, ""};
  }
  Task<ProbeAnswer> greeting(IpAddress, std::uint16_t, std::chrono::milliseconds) override { co_return ProbeAnswer{}; }
  ProbeAnswer::Kind kind = ProbeAnswer::Kind::accepted;
  bool takes_nobody = false;
  int doubts = 0;
  std::string asked;
};

class RecordingLog final : public Logger {
 public:
  void write(LogLevel, std::string_view event, const std::vector<Field>&) override { events.emplace_back(event); }
  void set_level(LogLevel) override {}
  std::vector<std::string> events;
};

TEST(CallaheadDirectory, AServerThatTakesEverybodyIsToldAboutOnce) {
  const CallaheadDirectory directory{{"10.0.0.25", 25}};
  ScriptedProber prober;
  RecordingLog log;
  directory.use(&prober, &log);
  prober.takes_nobody = true;
  EXPECT_EQ(find(directory, "anna@example.org"), Answer::found);
  EXPECT_EQ(find(directory, "bert@example.org"), Answer::found);
  EXPECT_EQ(prober.doubts, 1);
  EXPECT_EQ(log.events, std::vector<std::string>{"recipients.accepts-everything"});
  prober.takes_nobody = false;
  EXPECT_EQ(find(directory, "anna@example.net"), Answer::found);
  EXPECT_EQ(prober.doubts, 2);
  EXPECT_EQ(log.events.size(), 1U);
}

TEST(CallaheadDirectory, OnlyARefusalOfTheRecipientMeansThatNobodyIsThere) {
  using Kind = ProbeAnswer::Kind;
  const std::pair<Kind, Answer> cases[] = {
      {Kind::accepted, Answer::found},          {Kind::refused, Answer::missing},
      {Kind::temporary, Answer::unavailable},   {Kind::blocked, Answer::unavailable},
      {Kind::unreachable, Answer::unavailable}, {Kind::timeout, Answer::unavailable},
  };
  const CallaheadDirectory directory{{"10.0.0.25", 2525}};
  EXPECT_EQ(find(directory, "anna@example.org"), Answer::unavailable) << "nobody to ask with yet";
  ScriptedProber prober;
  directory.use(&prober, nullptr);
  for (const auto& [kind, answer] : cases) {
    prober.kind = kind;
    EXPECT_EQ(find(directory, "anna@example.org"), answer) << static_cast<int>(kind);
  }
  EXPECT_EQ(prober.asked, "10.0.0.25 2525 null anna@example.org");
}

TEST(CallaheadDirectory, AsksWhereTheDomainDeliversTo) {
  const CallaheadDirectory directory{{}};
  ScriptedProber prober;
  directory.use(&prober, nullptr);
  directory.ask_at("example.org", "10.0.0.1", 25);
  directory.ask_at("example.net", "10.0.0.2", 26);
  EXPECT_EQ(find(directory, "anna@example.net"), Answer::found);
  EXPECT_EQ(prober.asked, "10.0.0.2 26 null anna@example.net");
  prober.asked.clear();
  EXPECT_EQ(find(directory, "anna@example.com"), Answer::unavailable);
  EXPECT_EQ(prober.asked, "");
}

}  // namespace
}  // namespace mailreeve::judge
