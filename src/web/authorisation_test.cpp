// SPDX-License-Identifier: Apache-2.0
// Every route, asked by everybody: who may what is written out here by hand, so that a change of the table in
// routes.cpp, or of what a role may, has to be made twice.
#include <gmock/gmock.h>

#include <set>

#include "web/access_fixture.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;

// What a route needs: a scope's name; "open": nothing, "anyone": nothing, but it knows who asks; "account": somebody
// who signed in with a password; "overview.read or loopback".
const std::map<std::string, std::string> expected{
    {"GET /", "open"},
    {"GET /setup", "open"},
    {"GET /sign-in", "open"},
    {"GET /messages", "open"},
    {"GET /messages/{id}", "open"},
    {"GET /quarantine", "open"},
    {"GET /quarantine/{id}", "open"},
    {"GET /waiting", "open"},
    {"GET /queue", "open"},
    {"GET /settings", "open"},
    {"GET /doctor", "open"},
    {"GET /accounts", "open"},
    {"GET /audit", "open"},
    {"GET /own", "open"},
    {"GET /own/waiting", "open"},
    {"GET /own/choices", "open"},
    {"GET /own/held/{id}", "open"},
    {"GET /link/{token}", "open"},
    {"GET /assets/{file}", "open"},
    {"GET /favicon.svg", "open"},
    {"GET /healthz", "open"},
    {"GET /metrics", "overview.read or loopback"},
    {"GET /api/v1/openapi.yaml", "open"},
    {"GET /api/v1/session", "anyone"},
    {"POST /api/v1/session", "anyone"},
    {"DELETE /api/v1/session", "anyone"},
    {"PUT /api/v1/session/password", "account"},
    {"POST /api/v1/session/link", "anyone"},
    {"POST /api/v1/session/token", "anyone"},
    {"POST /api/v1/setup", "anyone"},
    {"POST /api/v1/setup-link", "admin"},
    {"GET /api/v1/users", "admin"},
    {"POST /api/v1/users", "admin"},
    {"PATCH /api/v1/users/{name}", "admin"},
    {"DELETE /api/v1/users/{name}", "admin"},
    {"GET /api/v1/tokens", "admin"},
    {"POST /api/v1/tokens", "admin"},
    {"DELETE /api/v1/tokens/{id}", "admin"},
    {"GET /api/v1/audit", "admin"},
    {"GET /api/v1/status", "overview.read"},
    {"POST /api/v1/reload", "admin"},
    {"GET /api/v1/queue", "queue.read"},
    {"POST /api/v1/queue/{action}", "queue.act"},
    {"GET /api/v1/queue/destinations", "queue.read"},
    {"GET /api/v1/queue/{id}", "queue.read"},
    {"GET /api/v1/queue/{id}/body", "queue.content"},
    {"POST /api/v1/queue/{id}/retry", "queue.act"},
    {"POST /api/v1/queue/{id}/hold", "queue.act"},
    {"POST /api/v1/queue/{id}/release", "queue.act"},
    {"POST /api/v1/queue/{id}/drop", "queue.act"},
    {"GET /api/v1/history", "messages.read"},
    {"GET /api/v1/history/{id}", "messages.read"},
    {"GET /api/v1/overview", "overview.read"},
    {"GET /api/v1/events", "overview.read"},
    {"GET /api/v1/settings", "settings.read"},
    {"GET /api/v1/doctor", "doctor.read"},
    {"GET /api/v1/quarantine", "quarantine.read"},
    {"POST /api/v1/quarantine/actions", "quarantine.act"},
    {"POST /api/v1/quarantine/digest", "quarantine.act"},
    {"GET /api/v1/quarantine/{id}", "quarantine.read"},
    {"GET /api/v1/quarantine/{id}/preview", "quarantine.content"},
    {"GET /api/v1/quarantine/{id}/preview.html", "quarantine.content"},
    {"GET /api/v1/quarantine/{id}/eml", "quarantine.content"},
    {"GET /api/v1/quarantine/{id}/body", "quarantine.content"},
    {"GET /api/v1/waiting", "waiting.read"},
    {"POST /api/v1/waiting/let-in", "waiting.act"},
    {"GET /api/v1/own/quarantine", "own"},
    {"GET /api/v1/own/quarantine/{id}/preview", "own"},
    {"GET /api/v1/own/quarantine/{id}/preview.html", "own"},
    {"POST /api/v1/own/actions", "own"},
    {"GET /api/v1/own/settings", "own"},
    {"PUT /api/v1/own/settings", "own"},
    {"POST /api/v1/own/lists", "own"},
    {"GET /api/v1/own/waiting", "own"},
    {"POST /api/v1/own/waiting/let-in", "own"},
    {"POST /api/v1/link/show", "anyone"},
    {"POST /api/v1/link/act", "anyone"},
    {"GET /api/v1/learn", "overview.read"},
    {"POST /api/v1/learn", "learn.act"},
};

const std::set<std::string> viewer{"overview.read", "messages.read", "quarantine.read", "waiting.read",
                                   "queue.read",    "settings.read", "doctor.read"};
const std::set<std::string> reviewer{"overview.read",  "messages.read", "quarantine.read", "waiting.read",
                                     "queue.read",     "settings.read", "doctor.read",     "quarantine.content",
                                     "quarantine.act", "waiting.act",   "learn.act"};
const std::set<std::string> admin{"overview.read",  "messages.read", "quarantine.read", "waiting.read",
                                  "queue.read",     "settings.read", "doctor.read",     "quarantine.content",
                                  "quarantine.act", "waiting.act",   "learn.act",       "queue.act",
                                  "queue.content",  "admin"};
const std::vector<std::string> all_scopes{"overview.read",      "messages.read",  "quarantine.read",
                                          "quarantine.content", "quarantine.act", "waiting.read",
                                          "waiting.act",        "queue.read",     "queue.act",
                                          "queue.content",      "settings.read",  "doctor.read",
                                          "learn.act",          "admin",          "own"};

struct Person {
  std::string name;
  Headers headers;
  bool is_known = true;
  bool has_account = false;  // signed in with a password
  std::set<std::string> scopes = {};
};

class AuthorisationTest : public AccessFixture {
 protected:
  AuthorisationTest() {
    add_user("root", "admin");
    add_user("victor", "viewer");
    add_user("rita", "reviewer");
    add_user("gone", "admin");
  }

  std::vector<Person> everybody() {
    using store::SessionKind;
    std::vector<Person> people;
    people.push_back({"nobody", {}, false});
    people.push_back({"a viewer", session_of(SessionKind::user, "victor"), true, true, viewer});
    people.push_back({"a reviewer", session_of(SessionKind::user, "rita"), true, true, reviewer});
    people.push_back({"an admin", session_of(SessionKind::user, "root"), true, true, admin});
    people.push_back({"a recipient", session_of(SessionKind::recipient, "anna@example.org"), true, false, {"own"}});
    for (const auto& scope : all_scopes) {
      // Nobody's role has `own`: not even a token can carry it.
      const std::set<std::string> had = scope == "own" ? std::set<std::string>{} : std::set<std::string>{scope};
      people.push_back({"a token for " + scope, tokens_.at(scope), true, false, had});
    }
    people.push_back({"a viewer's token for everything", viewers_token_, true, false, viewer});
    people.push_back({"a revoked token", revoked_, false});
    people.push_back({"an expired session", expired_, false});
    people.push_back({"a session that was ended", ended_, false});
    people.push_back({"a session of a disabled account", disabled_, false});
    people.push_back({"a cookie that we did not make", {{"cookie", "__Host-mailreeve=" + make_secret()}}, false});
    people.push_back({"a token that we did not make", {{"authorization", "Bearer mrv_" + make_secret()}}, false});
    return people;
  }

  void prepare() {
    expired_ = session_of(store::SessionKind::user, "root");
    clock_.move(31min);
    for (const auto& scope : all_scopes) tokens_[scope] = token_of("root", {scope});
    viewers_token_ = token_of("victor", all_scopes);
    revoked_ = token_of("root", all_scopes);
    ASSERT_EQ(ask_locally("DELETE", "/api/v1/tokens/" + last_token_).status, 204);
    ended_ = session_of(store::SessionKind::user, "root");
    ASSERT_EQ(ask("DELETE", "/api/v1/session", ended_).status, 204);
    disabled_ = session_of(store::SessionKind::user, "gone");
    ASSERT_EQ(ask_locally("PATCH", "/api/v1/users/gone", R"({"disabled":true})").status, 200);
  }

  static std::string wanted(const Person& person, const std::string& needs, bool from_loopback) {
    if (needs == "open" || needs == "anyone") return "allowed";
    if (needs == "overview.read or loopback" && from_loopback) return "allowed";
    if (!person.is_known) return "401";
    if (needs == "account") return person.has_account ? "allowed" : "403";
    const auto scope = needs.substr(0, needs.find(' '));
    return person.scopes.contains(scope) ? "allowed" : "403";
  }

  static std::string path_of(std::string pattern) {
    for (auto at = pattern.find('{'); at != std::string::npos; at = pattern.find('{')) {
      pattern.replace(at, pattern.find('}') - at + 1, "nothing");
    }
    return pattern;
  }

  std::map<std::string, Headers> tokens_;
  Headers viewers_token_, revoked_, expired_, ended_, disabled_;
};

TEST_F(AuthorisationTest, EveryRouteStandsHere) {
  std::set<std::string> routes;
  for (const auto& route : all_routes()) routes.insert(std::string{route.method} + ' ' + std::string{route.pattern});
  for (const auto& route : routes) EXPECT_TRUE(expected.contains(route)) << route << " is not in this test's table";
  for (const auto& [route, needs] : expected) EXPECT_TRUE(routes.contains(route)) << route << " is no route any more";
}

TEST_F(AuthorisationTest, EveryRouteAskedByEverybody) {
  prepare();
  std::size_t cells = 0;
  for (const auto& route : all_routes()) {
    const auto name = std::string{route.method} + ' ' + std::string{route.pattern};
    const auto needs = expected.find(name);
    if (needs == expected.end()) continue;  // told by the test above
    // Made anew for each route: some of them end the session that asks.
    for (const auto& person : everybody()) {
      const auto answer = ask(std::string{route.method}, path_of(std::string{route.pattern}), person.headers);
      const bool refused = answer.status == 401 || answer.status == 403;
      EXPECT_EQ(refused ? std::to_string(answer.status) : "allowed", wanted(person, needs->second, false))
          << name << " asked by " << person.name << ": " << answer.status << ' ' << answer.body;
      if (refused) {
        EXPECT_EQ(answer.type, "application/problem+json");
      }
      ++cells;
    }
  }
  RecordProperty("cells", static_cast<int>(cells));
  EXPECT_GT(cells, 1500U);
}

TEST_F(AuthorisationTest, ThisMachineMayReadTheMetricsAndNothingMore) {
  client_ = IpAddress::parse("127.0.0.1");
  for (const auto& route : all_routes()) {
    const auto name = std::string{route.method} + ' ' + std::string{route.pattern};
    const auto answer = ask(std::string{route.method}, path_of(std::string{route.pattern}));
    const bool refused = answer.status == 401 || answer.status == 403;
    EXPECT_EQ(refused ? std::to_string(answer.status) : "allowed",
              wanted({"nobody", {}, false}, expected.at(name), true))
        << name;
  }
  EXPECT_EQ(ask("GET", "/metrics", {{"x-forwarded-for", "192.0.2.1"}}).status, 401) << "through a proxy";
}

TEST_F(AuthorisationTest, TheLocalOperatorMayEverythingButWhatNeedsAnAddress) {
  for (const auto& [name, needs] : expected) {
    const auto method = name.substr(0, name.find(' '));
    const auto answer = ask_locally(method, path_of(name.substr(name.find(' ') + 1)));
    const bool forbidden = needs == "own" || needs == "account";
    EXPECT_EQ(answer.status == 403 || answer.status == 401, forbidden) << name << ' ' << answer.status << answer.body;
  }
}

TEST_F(AuthorisationTest, EveryChangeBySessionNeedsTheTokenOfTheSession) {
  for (const auto& route : all_routes()) {
    if (route.method == "GET" || route.needs.kind() == Needs::Kind::open) continue;
    auto headers = session_of(store::SessionKind::user, "root");
    if (route.needs.kind() == Needs::Kind::scope && route.needs.scope() == Scope::own) {
      headers = session_of(store::SessionKind::recipient, "anna@example.org");
    }
    headers.erase("x-csrf-token");
    EXPECT_EQ(ask(std::string{route.method}, path_of(std::string{route.pattern}), headers).status, 403)
        << route.pattern;
  }
}

}  // namespace
}  // namespace mailreeve::web
