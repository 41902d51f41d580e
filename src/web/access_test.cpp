// SPDX-License-Identifier: Apache-2.0
// Signing in and staying signed in, as a browser meets it.
#include "web/access.h"

#include <gmock/gmock.h>

#include "web/access_fixture.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AccessTest : public AccessFixture {
 protected:
  AccessTest() { add_user("alice", "admin"); }
  int queue_status(const Headers& headers) { return ask("GET", "/api/v1/queue", headers).status; }
};

TEST_F(AccessTest, APasswordOpensASession) {
  const auto answer = sign_in("Alice");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(header(answer, "Set-Cookie"), StartsWith("__Host-mailreeve="));
  for (const auto* part : {"; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"}) {
    EXPECT_THAT(header(answer, "Set-Cookie"), HasSubstr(part));
  }
  const auto session = object_of(answer);
  EXPECT_EQ(session.at("kind"), "user");
  EXPECT_EQ(session.at("name"), "alice");
  EXPECT_EQ(session.at("role"), "admin");
  EXPECT_EQ(queue_status({{"cookie", "other=1; " + cookie_of(answer)}}), 200);
  EXPECT_EQ(object_of(ask("GET", "/api/v1/session", {{"cookie", cookie_of(answer)}})).at("csrf"), session.at("csrf"));
  EXPECT_THAT(answer.body, Not(HasSubstr(cookie_of(answer).substr(20)))) << "the cookie is for the browser alone";
}

TEST_F(AccessTest, WithoutTlsTheCookieHasNoPromiseOfIt) {
  secure_ = false;
  const std::string here = "127.0.0.1:8025";
  const auto answer = sign_in("alice", "correct horse battery", {{"host", here}});
  EXPECT_THAT(header(answer, "Set-Cookie"), StartsWith("mailreeve="));
  EXPECT_THAT(header(answer, "Set-Cookie"), Not(HasSubstr("Secure")));
  EXPECT_EQ(queue_status({{"cookie", cookie_of(answer)}, {"host", here}}), 200);
  secure_ = true;
  EXPECT_EQ(queue_status({{"cookie", cookie_of(answer)}, {"host", here}}), 401)
      << "a cookie of plain HTTP is none of HTTPS";
}

TEST_F(AccessTest, WhoAsksForOurHttpsAddressGetsACookieThatNeverTravelsInClear) {
  secure_ = false;
  const auto answer = sign_in("alice");
  EXPECT_THAT(header(answer, "Set-Cookie"), StartsWith("__Host-mailreeve="));
  EXPECT_THAT(header(answer, "Set-Cookie"), HasSubstr("; Secure"));
}

TEST_F(AccessTest, WrongCredentialsAreToldAlike) {
  const auto wrong = sign_in("alice", "wrong password here");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(header(wrong, "Set-Cookie"), "");
  EXPECT_EQ(sign_in("nobody", "wrong password here").body, wrong.body);
  add_user("bob", "viewer");
  ASSERT_EQ(ask_locally("PATCH", "/api/v1/users/bob", R"({"disabled":true})").status, 200);
  EXPECT_EQ(sign_in("bob").body, wrong.body);
  EXPECT_EQ(sign_in("anna@example.org", "x").body, wrong.body);
  EXPECT_EQ(sign_in("alice", "").body, wrong.body);
}

TEST_F(AccessTest, WhatIsNoSignInIsMalformed) {
  for (const auto* body : {"", "x", "[]", "{}", R"({"name":"alice"})", R"({"name":1,"password":"x"})"}) {
    EXPECT_EQ(ask("POST", "/api/v1/session", {}, body).status, 400) << body;
  }
  EXPECT_EQ(sign_in("alice", std::string(2000, 'x')).status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/session", {{"content-type", "text/plain"}}, R"({"name":"a","password":"b"})").status,
            415);
}

TEST_F(AccessTest, SigningOutEndsTheSession) {
  const auto headers = signed_in("alice");
  const auto answer = ask("DELETE", "/api/v1/session", headers);
  EXPECT_EQ(answer.status, 204);
  EXPECT_THAT(header(answer, "Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(queue_status(headers), 401);
}

TEST_F(AccessTest, SigningInAgainEndsWhatWas) {
  const auto headers = signed_in("alice");
  const auto answer = sign_in("alice", "correct horse battery", headers);
  ASSERT_EQ(answer.status, 200);
  EXPECT_NE(cookie_of(answer), headers.at("cookie"));
  EXPECT_EQ(queue_status(headers), 401);
  EXPECT_EQ(queue_status({{"cookie", cookie_of(answer)}}), 200);
}

TEST_F(AccessTest, ASessionEndsAfterHalfAnHourWithoutUse) {
  auto headers = signed_in("alice");
  clock_.move(14min);
  EXPECT_EQ(queue_status(headers), 200);
  clock_.move(30min);
  EXPECT_EQ(queue_status(headers), 401);
  clock_.move(-20min);
  EXPECT_EQ(queue_status(headers), 401) << "it does not come back";
}

TEST_F(AccessTest, ListeningToAStreamIsNoUse) {
  auto headers = signed_in("alice");
  headers["accept"] = "text/event-stream";
  for (int i = 0; i < 3; ++i) {
    clock_.move(9min);
    EXPECT_EQ(queue_status(headers), 200);
  }
  clock_.move(9min);
  EXPECT_EQ(queue_status(headers), 401);
}

TEST_F(AccessTest, ASessionEndsAfterHalfADayInAnyCase) {
  auto headers = signed_in("alice");
  for (int i = 0; i < 71; ++i) {
    clock_.move(10min);
    const auto answer = ask("GET", "/api/v1/queue", headers);
    ASSERT_EQ(answer.status, 200) << i;
    if (!cookie_of(answer).empty()) headers["cookie"] = cookie_of(answer);
  }
  clock_.move(10min);
  EXPECT_EQ(queue_status(headers), 401);
}

TEST_F(AccessTest, HowLongSessionsLastIsSet) {
  const auto headers = signed_in("alice");
  options_.session_idle = 1min;
  apply();
  clock_.move(59s);
  EXPECT_EQ(queue_status(headers), 200);
  clock_.move(60s);
  EXPECT_EQ(queue_status(headers), 401);
}

TEST_F(AccessTest, AUsedSessionGetsANewSecretAndTheOldOneIsGoodForAMoment) {
  const auto headers = signed_in("alice");
  clock_.move(15min);
  const auto answer = ask("GET", "/api/v1/queue", headers);
  const auto fresh = cookie_of(answer);
  ASSERT_THAT(fresh, StartsWith("__Host-mailreeve="));
  EXPECT_NE(fresh, headers.at("cookie"));
  clock_.move(29s);
  const auto parallel = ask("GET", "/api/v1/queue", headers);
  EXPECT_EQ(parallel.status, 200) << "it was under way";
  EXPECT_EQ(cookie_of(parallel), "") << "one new secret is enough";
  EXPECT_EQ(ask("GET", "/api/v1/queue", {{"cookie", fresh}}).status, 200);
  clock_.move(1s);
  EXPECT_EQ(queue_status(headers), 401);
  EXPECT_EQ(object_of(ask("GET", "/api/v1/session", {{"cookie", fresh}})).at("csrf").as_string(),
            headers.at("x-csrf-token"));
}

TEST_F(AccessTest, ChangesNeedTheTokenOfTheSession) {
  auto headers = signed_in("alice");
  const auto change = [&](const Headers& with) { return ask("POST", "/api/v1/reload", with).status; };
  EXPECT_EQ(change(headers), 503) << "allowed; no gateway is running";
  EXPECT_EQ(change({{"cookie", headers["cookie"]}}), 403);
  EXPECT_EQ(change({{"cookie", headers["cookie"]}, {"x-csrf-token", "x"}}), 403);
  const auto other = signed_in("alice");
  EXPECT_EQ(change({{"cookie", headers["cookie"]}, {"x-csrf-token", other.at("x-csrf-token")}}), 403);
  EXPECT_EQ(ask("DELETE", "/api/v1/session", {{"cookie", headers["cookie"]}}).status, 403);
  EXPECT_EQ(queue_status({{"cookie", headers["cookie"]}}), 200) << "looking needs none";
}

TEST_F(AccessTest, ChangesComeFromOurOwnPages) {
  const auto headers = signed_in("alice");
  const auto change = [&](const std::string& name, const std::string& value) {
    auto with = headers;
    with[name] = value;
    return ask("POST", "/api/v1/reload", with).status;
  };
  EXPECT_EQ(change("origin", "https://mx.example.org"), 503);
  EXPECT_EQ(change("origin", "HTTPS://MX.example.org"), 503);
  for (const auto* origin : {"https://evil.example", "http://mx.example.org", "null",
                             "https://mx.example.org.evil.example", "https://mx.example.org:8443"}) {
    EXPECT_EQ(change("origin", origin), 403) << origin;
  }
  EXPECT_EQ(change("sec-fetch-site", "same-origin"), 503);
  EXPECT_EQ(change("sec-fetch-site", "none"), 503);
  EXPECT_EQ(change("sec-fetch-site", "cross-site"), 403);
  EXPECT_EQ(change("sec-fetch-site", "same-site"), 403);
}

TEST_F(AccessTest, TheHostThatWasAskedIsAnOriginToo) {
  const auto headers = signed_in("alice");
  auto with = headers;
  with["host"] = "192.0.2.1:8443";
  with["origin"] = "https://192.0.2.1:8443";
  EXPECT_EQ(ask("POST", "/api/v1/reload", with).status, 503);
}

TEST_F(AccessTest, NobodySignsInFromAPageOfAnotherSite) {
  EXPECT_EQ(sign_in("alice", "correct horse battery", {{"origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(sign_in("alice", "correct horse battery", {{"sec-fetch-site", "cross-site"}}).status, 403);
}

TEST_F(AccessTest, ATokenSpeaksForItsOwnerWithinItsScopes) {
  const auto token = token_of("alice", {"queue.read"});
  EXPECT_EQ(queue_status(token), 200);
  EXPECT_EQ(ask("POST", "/api/v1/reload", token).status, 403);
  auto with_cookie = token;
  with_cookie["cookie"] = signed_in("alice").at("cookie");
  EXPECT_EQ(ask("GET", "/api/v1/users", with_cookie).status, 403) << "the token counts, the cookie does not";
  EXPECT_EQ(queue_status({{"authorization", "Bearer mrv_" + make_secret()}}), 401);
  EXPECT_EQ(queue_status({{"authorization", "Basic YWxpY2U6eA=="}}), 401);
  ASSERT_EQ(ask_locally("DELETE", "/api/v1/tokens/" + last_token_).status, 204);
  EXPECT_EQ(queue_status(token), 401);
}

TEST_F(AccessTest, ATokenIsNeverMoreThanItsOwnerIsNow) {
  add_user("bob", "admin");
  const auto token = token_of("bob", {"queue.act", "queue.read"});
  EXPECT_EQ(ask("POST", "/api/v1/queue/retry", token).status, 400) << "allowed; it needs a filter";
  ASSERT_EQ(ask_locally("PATCH", "/api/v1/users/bob", R"({"role":"viewer"})").status, 200);
  EXPECT_EQ(queue_status(token), 401) << "another role revokes tokens";
  const auto later = token_of("bob", {"queue.act", "queue.read"});
  EXPECT_EQ(queue_status(later), 200);
  EXPECT_EQ(ask("POST", "/api/v1/queue/retry", later).status, 403);
}

TEST_F(AccessTest, ANewPasswordEndsTheOtherSessions) {
  const auto here = signed_in("alice");
  const auto there = signed_in("alice");
  const auto change = [&](const std::string& body) {
    return ask("PUT", "/api/v1/session/password", here, body).status;
  };
  EXPECT_EQ(change(R"({"old":"wrong wrong wrong","new":"another good one"})"), 403);
  EXPECT_EQ(change(R"({"old":"correct horse battery","new":"short"})"), 400);
  EXPECT_EQ(change(R"({"old":"correct horse battery","new":"another good one"})"), 204);
  EXPECT_EQ(queue_status(here), 200);
  EXPECT_EQ(queue_status(there), 401);
  EXPECT_EQ(sign_in("alice").status, 401);
  EXPECT_EQ(sign_in("alice", "another good one").status, 200);
}

TEST_F(AccessTest, GuessingIsSlowedDown) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("alice", "wrong wrong wrong").status, 401);
  const auto answer = sign_in("alice");
  EXPECT_EQ(answer.status, 429) << "the right one waits as well";
  EXPECT_EQ(header(answer, "Retry-After"), "1");
  client_ = IpAddress::parse("192.0.2.8");
  EXPECT_EQ(sign_in("alice").status, 200) << "somebody else is not locked out";
  client_ = IpAddress::parse("192.0.2.7");
  clock_.move(1s);
  EXPECT_EQ(sign_in("alice").status, 200);
}

TEST_F(AccessTest, WhoDidWhatIsNoted) {
  const auto headers = signed_in("alice");
  ASSERT_EQ(
      ask("POST", "/api/v1/users", headers, R"({"name":"bob","role":"viewer","password":"a long password"})").status,
      201);
  query_ = {{"action", "user"}, {"limit", "1"}};
  const auto answer = ask("GET", "/api/v1/audit", headers);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto page = object_of(answer);
  const auto& entry = page.at("entries").at(0).as_object();
  EXPECT_EQ(entry.at("who"), "alice");
  EXPECT_EQ(entry.at("from"), "192.0.2.7");
  EXPECT_EQ(entry.at("action"), "user.add");
  EXPECT_EQ(entry.at("object"), "bob");
  query_ = {{"action", "user"}, {"cursor", std::string{page.at("next").as_string()}}};
  const auto rest = object_of(ask("GET", "/api/v1/audit", headers));
  EXPECT_EQ(rest.at("entries").at(0).at("object"), "alice");
  EXPECT_EQ(rest.at("entries").at(0).at("who"), "local operator");
  EXPECT_FALSE(rest.contains("next"));
  query_ = {{"colour", "red"}};
  EXPECT_EQ(ask("GET", "/api/v1/audit", headers).status, 400);
}

TEST_F(AccessTest, AccountsAreKeptByAdmins) {
  const auto headers = signed_in("alice");
  const auto add = [&](const std::string& body) { return ask("POST", "/api/v1/users", headers, body).status; };
  EXPECT_EQ(add(R"({"name":"Bob","role":"viewer","password":"a long password"})"), 201);
  EXPECT_EQ(add(R"({"name":"bob","role":"viewer","password":"a long password"})"), 409);
  EXPECT_EQ(add(R"({"name":"carol","role":"root","password":"a long password"})"), 400);
  EXPECT_EQ(add(R"({"name":"carol","role":"viewer","password":"short"})"), 400);
  EXPECT_EQ(add(R"({"name":"a@b.example","role":"viewer","password":"a long password"})"), 400);
  EXPECT_EQ(add(R"({"name":"carolcarol12","role":"viewer","password":"CarolCarol12"})"), 400) << "the name itself";
  EXPECT_EQ(ask("PATCH", "/api/v1/users/bob", headers, R"({"role":"reviewer"})").status, 200);
  EXPECT_EQ(ask("PATCH", "/api/v1/users/bob", headers, R"({})").status, 400);
  EXPECT_EQ(ask("PATCH", "/api/v1/users/nobody", headers, R"({"role":"reviewer"})").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/users/alice", headers).status, 409) << "the last admin";
  EXPECT_EQ(ask("DELETE", "/api/v1/users/bob", headers).status, 204);
  const auto users = object_of(ask("GET", "/api/v1/users", headers));
  EXPECT_EQ(users.at("users").as_array().size(), 1U);
  EXPECT_THAT(boost::json::serialize(users), Not(HasSubstr("argon2")));
}

TEST_F(AccessTest, ATokensSecretIsToldOnce) {
  const auto headers = signed_in("alice");
  const auto answer = ask("POST", "/api/v1/tokens", headers, R"({"name":"ci","scopes":["queue.read","queue.read"]})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto secret = std::string{object_of(answer).at("secret").as_string()};
  EXPECT_THAT(secret, StartsWith("mrv_"));
  EXPECT_EQ(queue_status({{"authorization", "Bearer " + secret}}), 200);
  EXPECT_EQ(ask("GET", "/api/v1/session", {{"authorization", "Bearer " + secret}}).status, 200);
  const auto list = ask("GET", "/api/v1/tokens", headers);
  EXPECT_THAT(list.body, Not(HasSubstr(secret)));
  EXPECT_THAT(list.body, HasSubstr("\"name\":\"ci\""));
  const auto add = [&](const std::string& body) { return ask("POST", "/api/v1/tokens", headers, body).status; };
  EXPECT_EQ(add(R"({"name":"x","scopes":[]})"), 400);
  EXPECT_EQ(add(R"({"name":"x","scopes":["own"]})"), 400);
  EXPECT_EQ(add(R"({"name":"x","scopes":["everything"]})"), 400);
  EXPECT_EQ(add(R"({"name":"","scopes":["queue.read"]})"), 400);
  EXPECT_EQ(add(R"({"name":"x","scopes":["queue.read"],"expires":"tomorrow"})"), 400);
  EXPECT_EQ(add(R"({"name":"x","scopes":["queue.read"],"expires":"2001-01-01T00:00:00Z"})"), 400);
  EXPECT_EQ(add(R"({"name":"x","scopes":["queue.read"],"expires":"2099-01-01T00:00:00Z"})"), 201);
}

class SetUpTest : public AccessFixture {};

TEST_F(SetUpTest, TheFirstAccountIsMadeByALinkThatWorksOnce) {
  EXPECT_EQ(object_of(ask("GET", "/api/v1/session")).at("needs_setup"), true);
  const auto link = std::string{object_of(ask_locally("POST", "/api/v1/setup-link")).at("url").as_string()};
  EXPECT_THAT(link, StartsWith("https://mx.example.org/setup#"));
  const auto token = link.substr(link.find('#') + 1);
  const auto set_up = [&](const std::string& with, const std::string& name) {
    return ask(
        "POST", "/api/v1/setup", {},
        boost::json::serialize(boost::json::object{{"token", with}, {"name", name}, {"password", "a long password"}}));
  };
  EXPECT_EQ(set_up(make_secret(), "eve").status, 410);
  const auto answer = set_up(token, "Alice");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(object_of(answer).at("role"), "admin");
  EXPECT_EQ(object_of(answer).at("needs_setup"), false);
  EXPECT_EQ(ask("GET", "/api/v1/users", {{"cookie", cookie_of(answer)}}).status, 200);
  EXPECT_EQ(set_up(token, "eve").status, 410);
  EXPECT_EQ(ask_locally("POST", "/api/v1/setup-link").status, 409);
}

TEST_F(SetUpTest, ALinkIsGoodForADay) {
  const auto link = std::string{object_of(ask_locally("POST", "/api/v1/setup-link")).at("url").as_string()};
  clock_.move(24h);
  const auto body = boost::json::serialize(boost::json::object{
      {"token", link.substr(link.find('#') + 1)}, {"name", "alice"}, {"password", "a long password"}});
  EXPECT_EQ(ask("POST", "/api/v1/setup", {}, body).status, 410);
}

}  // namespace
}  // namespace mailreeve::web
