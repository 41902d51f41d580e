// SPDX-License-Identifier: Apache-2.0
// Recipients in a directory server (RFC 4511), by libldap on a thread of its own: connecting and StartTLS block.
#include <fmt/format.h>
#include <ldap.h>

#include <mutex>

#include "base/offload.h"
#include "judge/directories.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

/// In one pass: what was put in is not looked at again.
std::string filled(std::string_view pattern, const mail::Mailbox& address) {
  const std::pair<std::string_view, std::string> values[] = {
      {"{address}", escape_ldap_value(address.local() + '@' + address.domain().text())},
      {"{user}", escape_ldap_value(address.local())},
      {"{domain}", escape_ldap_value(address.domain().text())}};
  std::string out;
  while (!pattern.empty()) {
    bool replaced = false;
    for (const auto& [name, value] : values) {
      if (!pattern.starts_with(name)) continue;
      out += value;
      pattern.remove_prefix(name.size());
      replaced = true;
      break;
    }
    if (replaced) continue;
    out += pattern.front();
    pattern.remove_prefix(1);
  }
  return out;
}

/// One connection; used by one thread.
class Connection {
 public:
  explicit Connection(const LdapOptions& options) : options_{options} {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Directory::Answer find(const std::string& filter) {
    // A server that went away is noticed by the first question after it: that one is asked again.
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (ldap_ == nullptr && !open()) return Directory::Answer::unavailable;
      const auto answer = search(filter);
      if (answer != Directory::Answer::unavailable) return answer;
      close();
    }
    return Directory::Answer::unavailable;
  }

 private:
  void close() {
    if (ldap_ != nullptr) ldap_unbind_ext_s(ldap_, nullptr, nullptr);
    ldap_ = nullptr;
  }

  timeval patience() const { return {static_cast<time_t>(options_.timeout.count()), 0}; }

  bool open() {
    if (ldap_initialize(&ldap_, options_.url.c_str()) != LDAP_SUCCESS) {
      ldap_ = nullptr;
      return false;
    }
    const int version = LDAP_VERSION3;
    const auto time = patience();
    ldap_set_option(ldap_, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(ldap_, LDAP_OPT_NETWORK_TIMEOUT, &time);
    ldap_set_option(ldap_, LDAP_OPT_TIMEOUT, &time);
    ldap_set_option(ldap_, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(ldap_, LDAP_OPT_RESTART, LDAP_OPT_ON);
    const int demand = LDAP_OPT_X_TLS_DEMAND;
    ldap_set_option(ldap_, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    if (!options_.ca_file.empty()) ldap_set_option(ldap_, LDAP_OPT_X_TLS_CACERTFILE, options_.ca_file.c_str());
    const int server = 0;
    ldap_set_option(ldap_, LDAP_OPT_X_TLS_NEWCTX, &server);
    bool good = !options_.start_tls || ldap_start_tls_s(ldap_, nullptr, nullptr) == LDAP_SUCCESS;
    if (good) {
      auto password = options_.bind_password;
      berval credentials{password.size(), password.data()};
      const char* dn = options_.bind_dn.empty() ? nullptr : options_.bind_dn.c_str();
      good = ldap_sasl_bind_s(ldap_, dn, LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, nullptr) == LDAP_SUCCESS;
    }
    if (!good) close();
    return good;
  }

  Directory::Answer search(const std::string& filter) {
    char nothing[] = LDAP_NO_ATTRS;
    char* attributes[] = {nothing, nullptr};
    auto time = patience();
    LDAPMessage* result = nullptr;
    const int code = ldap_search_ext_s(ldap_, options_.base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(), attributes, 1,
                                       nullptr, nullptr, &time, 1, &result);
    const bool any = result != nullptr && ldap_count_entries(ldap_, result) > 0;
    ldap_msgfree(result);
    if (any) return Directory::Answer::found;
    // Two entries are one too many for the limit that we set, and are as good as one.
    if (code == LDAP_SIZELIMIT_EXCEEDED) return Directory::Answer::found;
    return code == LDAP_SUCCESS ? Directory::Answer::missing : Directory::Answer::unavailable;
  }

  LdapOptions options_;
  LDAP* ldap_ = nullptr;
};

class LdapDirectory final : public Directory {
 public:
  explicit LdapDirectory(LdapOptions options) : options_{std::move(options)}, connection_{options_} {}

  Task<Answer> find(mail::Mailbox address) const override {
    const auto filter = filled(options_.filter, address);
    std::function<Answer()> work = [this, filter] { return connection_.find(filter); };
    const auto answer = co_await worker().run<Answer>(std::move(work));
    co_return answer;
  }

 private:
  // Made with the first question: reading settings must not start threads.
  Offload& worker() const {
    std::lock_guard lock{mutex_};
    if (!worker_) worker_ = std::make_unique<Offload>(1);
    return *worker_;
  }

  LdapOptions options_;
  mutable Connection connection_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Offload> worker_;  // last: it ends before what it uses
};

}  // namespace

std::string escape_ldap_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool special = c == '*' || c == '(' || c == ')' || c == '\\' || c == '\0' || mail::is_high(c) || c < ' ';
    if (special) {
      out += fmt::format("\\{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

std::shared_ptr<const Directory> make_ldap_directory(LdapOptions options) {
  return std::make_shared<const LdapDirectory>(std::move(options));
}

}  // namespace mailreeve::judge
