// SPDX-License-Identifier: Apache-2.0
// Lists of recipients that others keep: a directory server, a database, the internal mail server itself.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/health.h"
#include "base/log.h"
#include "judge/prober.h"
#include "judge/recipients.h"

namespace mailreeve::judge {

/// What they share: how long answers are believed, and what happens when nobody can answer.
struct DirectoryCacheOptions {
  std::chrono::seconds found{3600};
  std::chrono::seconds missing{300};
  bool accept_cached = false;  // when-down = "accept-cached": an answer "found" that is too old still counts
};

struct LdapOptions {
  std::string url;  // ldap://, ldaps://, ldapi://; several with blanks between
  std::string base;
  std::string filter{"(|(mail={address})(proxyAddresses=smtp:{address}))"};
  std::string bind_dn, bind_password;
  bool start_tls = false;
  std::string ca_file;
  std::chrono::seconds timeout{3};
};

struct SqlOptions {
  std::string url;    // "sqlite:/path/to/file"
  std::string query;  // with {address}, {user}, {domain}: bound as parameters. A row means: exists
};

struct CallaheadOptions {
  std::string host;  // of the internal server: an address; empty: each domain's own, see `ask_at`
  std::uint16_t port = 25;
  std::chrono::milliseconds timeout{10'000};
};

/// RFC 4515 3: what a value must not say in a filter.
std::string escape_ldap_value(std::string_view value);

/// None of them connects before the first question; their blocking work stands on a thread of their own.
std::shared_ptr<const Directory> make_ldap_directory(LdapOptions options);
/// The error says what is wrong with the URL or the query.
Result<std::shared_ptr<const Directory>> make_sql_directory(SqlOptions options);

/// Asks the internal server by RCPT, with the null sender.
class CallaheadDirectory final : public Directory {
 public:
  explicit CallaheadDirectory(CallaheadOptions options) : options_{std::move(options)} {}
  /// Before it every answer is `unavailable`. Both must outlive the directory. A server that takes an address nobody
  /// can have says nothing about recipients: that is warned about in the log, once an hour a domain.
  void use(Prober* prober, Logger* log) const {
    log_ = log;
    prober_ = prober;
  }
  /// Recipients of this domain are asked for there. Before the first question only.
  void ask_at(std::string domain, std::string host, std::uint16_t port) const {
    by_domain_[std::move(domain)] = {std::move(host), port};
  }
  Task<Answer> find(mail::Mailbox address) const override;

 private:
  Task<void> doubt(Prober& prober, IpAddress server, std::uint16_t port, std::string domain) const;
  bool is_due(const std::string& domain) const;

  CallaheadOptions options_;
  mutable std::atomic<Prober*> prober_{nullptr};
  mutable std::atomic<Logger*> log_{nullptr};
  mutable std::mutex mutex_;
  mutable std::map<std::string, SteadyTime> doubted_;
  mutable std::map<std::string, std::pair<std::string, std::uint16_t>> by_domain_;
};

/// Tells from each answer of `inner` whether it can be asked.
class WatchedDirectory final : public Directory {
 public:
  explicit WatchedDirectory(std::shared_ptr<const Directory> inner) : inner_{std::move(inner)} {}
  /// From now on; the item must outlive the directory.
  void report_to(HealthItem* item) const { item_ = item; }
  Task<Answer> find(mail::Mailbox address) const override;
  Task<Verified> verify(mail::Mailbox address, std::string password) const override {
    return inner_->verify(std::move(address), std::move(password));
  }
  bool knows_passwords() const override { return inner_->knows_passwords(); }

 private:
  std::shared_ptr<const Directory> inner_;
  mutable std::atomic<HealthItem*> item_{nullptr};
};

/// Remembers answers: found ones longer than missing ones, 100,000 in all. An address with a +tag is found when it, or
/// the address without the tag, is.
std::shared_ptr<const Directory> make_cached_directory(std::shared_ptr<const Directory> inner,
                                                       DirectoryCacheOptions options);

}  // namespace mailreeve::judge
