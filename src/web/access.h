// SPDX-License-Identifier: Apache-2.0
// Who is calling: sessions by cookie, API tokens by Authorization. Opens and ends sessions.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "net/http.h"
#include "store/accounts.h"
#include "web/caller.h"
#include "web/identity.h"
#include "web/options.h"
#include "web/passwords.h"
#include "web/throttle.h"

namespace mailreeve::web {

/// What a request says about its sender.
struct Caller {
  Identity identity;
  Origin origin;
  std::optional<store::Session> session;  // when it came with the cookie of one
  std::string new_cookie;                 // the session got another secret: to be set with the answer
};

class Access {
 public:
  /// Everything must outlive it. `options` follow reloads.
  Access(store::Accounts& accounts, const Clock& clock, Logger& log, const Current<Options>& options,
         PasswordCost cost = {});

  /// With an Authorization field the cookie does not count. An unknown or ended credential is that of nobody. Errors
  /// are the store's. `renews`: the request counts as use of the session.
  Task<Result<Caller>> identify(const net::HttpRequest& request, bool renews);
  /// For requests that change something: the CSRF token where a session came by cookie, the origin, and the type of
  /// the body.
  Result<void> check_change(const net::HttpRequest& request, const Caller& caller) const;

  struct Opened {
    store::Session session;
    std::string cookie;  // a Set-Cookie field
  };
  Task<Result<Opened>> open_session(store::SessionKind kind, std::string subject, Origin origin);
  /// Set-Cookie fields that make a browser forget.
  std::string expired_cookie(const Origin& origin) const;
  /// When a session ends if it is used no more, and in any case.
  WallTime idle_end(const store::Session& session) const;
  WallTime end(const store::Session& session) const;

  /// Makes a new one-time secret: answers what is told, keeps its hash.
  Task<Result<std::string>> make_one_time(std::string purpose, std::string subject, std::chrono::seconds life);
  /// The page for the first account: [web] url, /setup and a new secret, good for 24 h. ErrorKind::busy: there is an
  /// account.
  Task<Result<std::string>> make_setup_link();

  /// What ended is deleted: to be called from time to time.
  Task<void> sweep();

  store::Accounts& accounts() { return accounts_; }
  Passwords& passwords() { return passwords_; }
  Throttle& throttle() { return throttle_; }
  Ration& links_by_client() { return links_by_client_; }
  Ration& links_by_address() { return links_by_address_; }
  std::shared_ptr<const Options> options() const { return options_.get(); }
  Logger& log() { return log_; }

 private:
  Task<Result<void>> identify_token(std::string_view token, Caller& caller);
  Task<Result<void>> identify_session(std::string secret, bool renews, Caller& caller);
  std::string cookie(std::string_view secret, const Origin& origin) const;
  void tell_of_proxy(const net::HttpRequest& request, const Origin& origin);

  store::Accounts& accounts_;
  const Clock& clock_;
  Logger& log_;
  const Current<Options>& options_;
  std::atomic<bool> told_of_proxy_{false};
  Throttle throttle_;
  Ration links_by_client_;
  Ration links_by_address_;
  Passwords passwords_;
};

}  // namespace mailreeve::web
