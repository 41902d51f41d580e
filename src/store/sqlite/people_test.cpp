// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/people.h"

#include <gmock/gmock.h>

#include "store/sqlite/queue_fixture.h"

namespace mailreeve::store::sqlite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string hash(char letter) { return std::string(32, letter); }

User make_user(const std::string& name, Role role = Role::admin) {
  User user;
  user.name = name;
  user.role = role;
  user.created = at(0);
  user.password_hash = "$argon2id$" + name;
  return user;
}

ApiToken make_token(const std::string& owner, char letter) {
  ApiToken token;
  token.id = std::string{"t"} + letter;
  token.name = "ci";
  token.owner = owner;
  token.secret_hash = hash(letter);
  token.scopes = {"queue.read", "overview.read"};
  token.created = at(1);
  return token;
}

Session make_session(const std::string& subject, char letter, SessionKind kind = SessionKind::user) {
  Session session;
  session.secret_hash = hash(letter);
  session.kind = kind;
  session.subject = subject;
  session.csrf = "csrf";
  session.created = session.seen = session.rotated = at(10);
  return session;
}

class PeopleTest : public testing::Test {
 protected:
  PeopleTest() {
    path_ = (std::filesystem::temp_directory_path() / "mailreeve-people-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
    open();
  }
  ~PeopleTest() override {
    people_.reset();
    std::filesystem::remove_all(path_);
  }
  void open() {
    people_.reset();
    auto opened = open_people(path_ + "/people.db", *log_, metrics_);
    ASSERT_TRUE(opened) << opened.error().text;
    people_ = std::move(*opened);
  }
  Accounts& accounts() { return people_->accounts(); }
  Audit& audit() { return people_->audit(); }
  std::int64_t begin(const std::string& subject, char letter, SessionKind kind = SessionKind::user) {
    auto key = wait(accounts().add_session(make_session(subject, letter, kind)));
    EXPECT_TRUE(key) << key.error().text;
    return *key;
  }
  bool has_session(char letter) { return wait(accounts().session(hash(letter)))->has_value(); }
  bool has_token(char letter, WallTime now = at(100)) { return wait(accounts().token(hash(letter), now))->has_value(); }
  ErrorKind why(const Result<void>& result) { return result ? ErrorKind::internal : result.error().kind; }

  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  std::string path_;
  std::unique_ptr<People> people_;
};

TEST_F(PeopleTest, AccountsAreThereAfterARestart) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("bob", Role::viewer))));
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  ASSERT_TRUE(wait(accounts().signed_in("alice", at(5))));
  EXPECT_EQ(why(wait(accounts().add_user(make_user("bob")))), ErrorKind::busy);
  open();
  const auto users = wait(accounts().users());
  ASSERT_TRUE(users);
  ASSERT_EQ(users->size(), 2U);
  EXPECT_EQ((*users)[0].name, "alice");
  EXPECT_EQ((*users)[0].last_sign_in, at(5));
  EXPECT_EQ((*users)[0].password_hash, "$argon2id$alice");
  EXPECT_EQ((*users)[1].role, Role::viewer);
  EXPECT_FALSE((*users)[1].last_sign_in);
  EXPECT_FALSE(*wait(accounts().user("carol")));
}

TEST_F(PeopleTest, ChangesOfAnAccountEndItsSessionsAndTokens) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("root"))));
  UserChange role;
  role.role = Role::viewer;
  UserChange password;
  password.password_hash = "$argon2id$other";
  UserChange disabled;
  disabled.disabled = true;
  ASSERT_TRUE(wait(accounts().add_token(make_token("root", 'r'))));
  begin("root", 's');
  char letter = 'a';
  for (const auto& change : {role, password, disabled}) {
    const auto name = std::string{"user"} + letter;
    const auto token = letter++;
    const auto own = letter++;
    const auto of_recipient = letter++;
    ASSERT_TRUE(wait(accounts().add_user(make_user(name))));
    ASSERT_TRUE(wait(accounts().add_token(make_token(name, token))));
    begin(name, own);
    begin(name, of_recipient, SessionKind::recipient);
    EXPECT_TRUE(has_session(own));
    EXPECT_TRUE(has_token(token));
    ASSERT_TRUE(wait(accounts().change_user(name, change, 0)));
    EXPECT_FALSE(has_session(own));
    EXPECT_FALSE(has_token(token));
    EXPECT_TRUE(has_session(of_recipient)) << "a recipient of that name is somebody else";
    EXPECT_TRUE(has_session('s'));
    EXPECT_TRUE(has_token('r'));
  }
}

TEST_F(PeopleTest, WhoChangesTheirPasswordStaysSignedInWhereTheyDid) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  const auto here = begin("alice", '1');
  begin("alice", '2');
  UserChange change;
  change.password_hash = "$argon2id$other";
  ASSERT_TRUE(wait(accounts().change_user("alice", change, here)));
  EXPECT_TRUE(has_session('1'));
  EXPECT_FALSE(has_session('2'));
}

TEST_F(PeopleTest, RemovedAccountsTakeTheirRightsAlong) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("root"))));
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  ASSERT_TRUE(wait(accounts().add_token(make_token("alice", 'a'))));
  begin("alice", '1');
  ASSERT_TRUE(wait(accounts().remove_user("alice")));
  EXPECT_FALSE(has_session('1'));
  EXPECT_FALSE(has_token('a'));
  EXPECT_EQ(why(wait(accounts().remove_user("alice"))), ErrorKind::not_found);
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  EXPECT_FALSE(has_token('a')) << "a later account of that name does not inherit";
}

TEST_F(PeopleTest, TheLastAdminStays) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  ASSERT_TRUE(wait(accounts().add_user(make_user("bob", Role::reviewer))));
  UserChange role;
  role.role = Role::viewer;
  UserChange disabled;
  disabled.disabled = true;
  EXPECT_EQ(why(wait(accounts().remove_user("alice"))), ErrorKind::refused);
  for (const auto& change : {role, disabled}) {
    const auto changed = wait(accounts().change_user("alice", change, 0));
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().kind, ErrorKind::refused);
  }
  ASSERT_TRUE(wait(accounts().add_user(make_user("carol"))));
  ASSERT_TRUE(wait(accounts().change_user("carol", disabled, 0)));
  EXPECT_EQ(why(wait(accounts().remove_user("alice"))), ErrorKind::refused) << "the other cannot sign in";
  EXPECT_TRUE(wait(accounts().remove_user("bob")));
}

TEST_F(PeopleTest, SetUpWorksOnceAndOnlyWithoutAccounts) {
  const auto set_up = [&](const std::string& name, char secret, WallTime now = at(10)) {
    return why(wait(accounts().add_first_user(make_user(name), hash(secret), now)));
  };
  ASSERT_TRUE(wait(accounts().add_secret({hash('a'), "setup", "", at(100)})));
  ASSERT_TRUE(wait(accounts().add_secret({hash('b'), "setup", "", at(100)})));
  EXPECT_EQ(set_up("eve", 'a'), ErrorKind::refused) << "a newer link replaced it";
  EXPECT_EQ(set_up("eve", 'x'), ErrorKind::refused);
  EXPECT_EQ(set_up("eve", 'b', at(100)), ErrorKind::refused) << "too late";
  EXPECT_EQ(set_up("alice", 'b'), ErrorKind::internal) << "allowed";
  ASSERT_TRUE(wait(accounts().add_secret({hash('c'), "setup", "", at(100)})));
  EXPECT_EQ(set_up("eve", 'c'), ErrorKind::refused);
  EXPECT_EQ(wait(accounts().users())->size(), 1U);
}

TEST_F(PeopleTest, OneTimeSecretsWorkOnceForWhatTheyWereMade) {
  const auto redeem = [&](char secret, const std::string& purpose, WallTime now = at(10)) {
    return wait(accounts().redeem(hash(secret), purpose, now))->value_or("nobody");
  };
  ASSERT_TRUE(wait(accounts().add_secret({hash('a'), "sign-in", "anna@example.org", at(100)})));
  ASSERT_TRUE(wait(accounts().add_secret({hash('b'), "sign-in", "bert@example.org", at(100)})));
  EXPECT_EQ(redeem('a', "setup"), "nobody");
  EXPECT_EQ(redeem('a', "sign-in", at(100)), "nobody");
  EXPECT_EQ(redeem('a', "sign-in"), "anna@example.org");
  EXPECT_EQ(redeem('a', "sign-in"), "nobody");
  EXPECT_EQ(redeem('b', "sign-in"), "bert@example.org");
}

TEST_F(PeopleTest, TokensEndByTimeByHandAndWithTheirOwner) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice", Role::viewer))));
  auto expiring = make_token("alice", 'e');
  expiring.expires = at(50);
  ASSERT_TRUE(wait(accounts().add_token(expiring)));
  ASSERT_TRUE(wait(accounts().add_token(make_token("alice", 'a'))));
  EXPECT_EQ(why(wait(accounts().add_token(make_token("nobody", 'n')))), ErrorKind::not_found);
  const auto found = wait(accounts().token(hash('a'), at(40)));
  ASSERT_TRUE(found && *found);
  EXPECT_THAT((*found)->token.scopes, ElementsAre("queue.read", "overview.read"));
  EXPECT_EQ((*found)->owner_role, Role::viewer);
  EXPECT_TRUE(has_token('e', at(49)));
  EXPECT_FALSE(has_token('e', at(50)));
  ASSERT_TRUE(wait(accounts().revoke_token("ta")));
  EXPECT_FALSE(has_token('a'));
  const auto missing = wait(accounts().revoke_token("tx"));
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  const auto all = wait(accounts().tokens());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_TRUE((*all)[0].revoked);
  EXPECT_EQ((*all)[0].last_used, at(40));
  EXPECT_FALSE((*all)[1].revoked);
}

TEST_F(PeopleTest, OneOwnerHasAHundredTokens) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  for (int i = 0; i < 100; ++i) {
    auto token = make_token("alice", 'a');
    token.id += std::to_string(i);
    token.secret_hash = std::to_string(i);
    ASSERT_TRUE(wait(accounts().add_token(token)));
  }
  EXPECT_EQ(why(wait(accounts().add_token(make_token("alice", 'b')))), ErrorKind::full);
}

TEST_F(PeopleTest, ARotatedSessionKnowsItsLastSecret) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  const auto key = begin("alice", 'a');
  EXPECT_TRUE(*wait(accounts().rotate_session(key, hash('a'), hash('b'), at(20), at(50))));
  EXPECT_FALSE(*wait(accounts().rotate_session(key, hash('a'), hash('c'), at(21), at(51)))) << "somebody was first";
  const auto old = wait(accounts().session(hash('a')));
  ASSERT_TRUE(old && *old);
  EXPECT_EQ((*old)->old_until, at(50));
  EXPECT_EQ((*old)->session.key, key);
  const auto fresh = wait(accounts().session(hash('b')));
  ASSERT_TRUE(fresh && *fresh);
  EXPECT_FALSE((*fresh)->old_until);
  EXPECT_EQ((*fresh)->session.rotated, at(20));
  EXPECT_EQ((*fresh)->session.created, at(10));
  EXPECT_TRUE(*wait(accounts().rotate_session(key, hash('b'), hash('d'), at(60), at(90))));
  EXPECT_FALSE(has_session('a')) << "two rotations ago";
}

TEST_F(PeopleTest, SweepingEndsWhatIsOver) {
  ASSERT_TRUE(wait(accounts().add_user(make_user("alice"))));
  const auto idle = begin("alice", '1');
  const auto busy = begin("anna@example.org", '2', SessionKind::recipient);
  accounts().session_seen(busy, at(500));
  ASSERT_TRUE(wait(accounts().sweep(at(600), at(400), at(0))));
  EXPECT_FALSE(has_session('1'));
  EXPECT_TRUE(has_session('2'));
  EXPECT_NE(idle, busy);
  ASSERT_TRUE(wait(accounts().sweep(at(600), at(0), at(11))));
  EXPECT_FALSE(has_session('2')) << "begun too long ago";
}

TEST_F(PeopleTest, EverySessionOfASubjectCanBeEnded) {
  begin("anna@example.org", '1', SessionKind::recipient);
  begin("anna@example.org", '2', SessionKind::recipient);
  begin("bert@example.org", '3', SessionKind::recipient);
  ASSERT_TRUE(wait(accounts().end_sessions(SessionKind::recipient, "anna@example.org")));
  EXPECT_FALSE(has_session('1'));
  EXPECT_FALSE(has_session('2'));
  EXPECT_TRUE(has_session('3'));
}

AuditEntry entry(std::int64_t second, const std::string& who, const std::string& action, const std::string& object) {
  return {0, at(second), who, "192.0.2.1", action, object, "detail"};
}

TEST_F(PeopleTest, TheAuditLogIsSearchedNewestFirst) {
  ASSERT_TRUE(wait(audit().add({entry(1, "alice", "user.add", "bob"), entry(2, "alice", "quarantine.release", "m1")})));
  ASSERT_TRUE(wait(audit().add({entry(3, "bob", "quarantine.delete", "m1"), entry(4, "bob", "quarantined", "m2")})));
  const auto objects = [&](AuditFilter filter) {
    std::vector<std::string> found;
    const auto page = wait(audit().search(std::move(filter)));
    for (const auto& each : *page) found.push_back(each.action + ":" + each.object);
    return found;
  };
  EXPECT_THAT(objects({}),
              ElementsAre("quarantined:m2", "quarantine.delete:m1", "quarantine.release:m1", "user.add:bob"));
  EXPECT_THAT(objects({.who = "alice", .action = "quarantine"}), ElementsAre("quarantine.release:m1"));
  EXPECT_THAT(objects({.action = "quarantine"}), ElementsAre("quarantine.delete:m1", "quarantine.release:m1"));
  EXPECT_THAT(objects({.object = "m1", .limit = 1}), ElementsAre("quarantine.delete:m1"));
  EXPECT_THAT(objects({.since = at(2), .until = at(3)}), ElementsAre("quarantine.delete:m1", "quarantine.release:m1"));
  const auto first = wait(audit().search({.limit = 2}));
  EXPECT_THAT(objects({.before = first->back().key}), ElementsAre("quarantine.release:m1", "user.add:bob"));
  EXPECT_EQ(*wait(audit().expire(at(3))), 2U);
  EXPECT_THAT(objects({}), ElementsAre("quarantined:m2", "quarantine.delete:m1"));
}

TEST_F(PeopleTest, LongDetailsAreCutBetweenCharacters) {
  auto long_one = entry(1, "alice", "a", "b");
  long_one.detail = "x";
  for (int i = 0; i < 3000; ++i) long_one.detail += "ü";
  ASSERT_TRUE(wait(audit().add({long_one})));
  const auto found = wait(audit().search({}));
  EXPECT_EQ(found->at(0).detail.size(), 4095U);
  EXPECT_TRUE(found->at(0).detail.ends_with("ü"));
}

}  // namespace
}  // namespace mailreeve::store::sqlite
