// SPDX-License-Identifier: Apache-2.0
// For tests: the public handler over real accounts in a folder of their own, with a clock that is moved by hand.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "net/blocking.h"
#include "store/sqlite/people.h"
#include "support/memory_queue.h"
#include "web/access.h"
#include "web/routes.h"
#include "web/secrets.h"

namespace mailreeve::web {

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return from_millis(1'700'000'000'000) + moved_; }
  SteadyTime steady() const override { return SteadyTime{} + std::chrono::hours{1} + moved_; }
  void move(std::chrono::milliseconds by) { moved_ += by; }

 private:
  std::chrono::milliseconds moved_{0};
};

using Headers = std::map<std::string, std::string>;

class AccessFixture : public testing::Test {
 protected:
  AccessFixture() {
    folder_ = (std::filesystem::temp_directory_path() / "mailreeve-access-XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    auto people = store::sqlite::open_people(folder_ + "/people.db", *log_, metrics_);
    EXPECT_TRUE(people) << people.error().text;
    people_ = std::move(*people);
    options_.url = "https://mx.example.org";
    apply();
    access_.emplace(people_->accounts(), clock_, *log_, current_, PasswordCost{1, 8192});
    make_handler();
  }
  ~AccessFixture() override {
    handler_ = {};
    access_.reset();
    people_.reset();
    std::filesystem::remove_all(folder_);
  }

  virtual void fill(Services&) {}
  void make_handler() {
    Services services{queue_, metrics_, clock_, [] { return Health{}; }, {}, {}};
    services.access = &*access_;
    services.audit = &people_->audit();
    services.host = "mx.example.org";
    fill(services);
    handler_ = make_public_handler(services);
    control_ = make_control_handler(services);
  }
  void apply() { current_.set(std::make_shared<const Options>(options_)); }

  template <class T>
  T wait(Task<T> task) {
    return net::run_blocking(std::move(task));
  }
  store::Accounts& accounts() { return people_->accounts(); }

  net::HttpResponse ask(const std::string& method, const std::string& path, const Headers& headers = {},
                        const std::string& body = {}) {
    net::HttpRequest request{method, path, query_, body, headers, client_, secure_};
    request.headers.try_emplace("host", "mx.example.org");
    if (!body.empty()) request.headers.try_emplace("content-type", "application/json");
    return wait(handler_(std::move(request)));
  }
  net::HttpResponse ask_locally(const std::string& method, const std::string& path, const std::string& body = {}) {
    return wait(control_({method, path, query_, body}));
  }
  static boost::json::object object_of(const net::HttpResponse& response) {
    return boost::json::parse(response.body).as_object();
  }
  static std::string header(const net::HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  /// "name=value" of what an answer sets.
  static std::string cookie_of(const net::HttpResponse& response) {
    const auto set = header(response, "Set-Cookie");
    return set.substr(0, set.find(';'));
  }

  void add_user(const std::string& name, const std::string& role,
                const std::string& password = "correct horse battery") {
    const auto answer = ask_locally(
        "POST", "/api/v1/users",
        boost::json::serialize(boost::json::object{{"name", name}, {"role", role}, {"password", password}}));
    EXPECT_EQ(answer.status, 201) << answer.body;
  }
  net::HttpResponse sign_in(const std::string& name, const std::string& password = "correct horse battery",
                            const Headers& headers = {}) {
    return ask("POST", "/api/v1/session", headers,
               boost::json::serialize(boost::json::object{{"name", name}, {"password", password}}));
  }
  /// What a browser sends after it signed in.
  Headers signed_in(const std::string& name) {
    const auto answer = sign_in(name);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return {{"cookie", cookie_of(answer)}, {"x-csrf-token", std::string{object_of(answer).at("csrf").as_string()}}};
  }
  /// The same without a password, for accounts and recipients.
  Headers session_of(store::SessionKind kind, const std::string& subject) {
    auto opened = wait(access_->open_session(kind, subject, Origin{client_, secure_, false}));
    EXPECT_TRUE(opened) << opened.error().text;
    return {{"cookie", opened->cookie.substr(0, opened->cookie.find(';'))}, {"x-csrf-token", opened->session.csrf}};
  }
  Headers token_of(const std::string& owner, std::vector<std::string> scopes) {
    const auto secret = std::string{token_prefix} + make_secret();
    store::ApiToken token;
    token.id = make_token_id();
    token.name = "ci";
    token.owner = owner;
    token.secret_hash = secret_hash(secret);
    token.scopes = std::move(scopes);
    token.created = clock_.now();
    EXPECT_TRUE(wait(accounts().add_token(token)));
    last_token_ = token.id;
    return {{"authorization", "Bearer " + secret}};
  }

  MovedClock clock_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  support::MemoryQueue queue_;
  std::string folder_;
  std::unique_ptr<store::sqlite::People> people_;
  Options options_;
  Current<Options> current_{std::make_shared<const Options>()};
  std::optional<Access> access_;
  net::HttpHandler handler_, control_;
  std::optional<IpAddress> client_ = IpAddress::parse("192.0.2.7");
  bool secure_ = true;
  std::map<std::string, std::string> query_;
  std::string last_token_;
};

}  // namespace mailreeve::web
