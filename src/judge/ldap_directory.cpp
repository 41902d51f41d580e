// SPDX-License-Identifier: Apache-2.0
// Recipients in a directory server (RFC 4511), by libldap on a thread of its own: connecting and StartTLS block.
#include <fmt/format.h>
#include <ldap.h>

#include <atomic>
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

  /// Connects and binds; an LDAP result code.
  int open() {
    const int code = connect();
    if (code != LDAP_SUCCESS) close();
    return code;
  }

  Directory::Answer find(const std::string& filter) {
    // A server that went away is noticed by the first question after it: that one is asked again.
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (ldap_ == nullptr && open() != LDAP_SUCCESS) return Directory::Answer::unavailable;
      const auto answer = search(filter, 1, nullptr);
      if (answer != Directory::Answer::unavailable) return answer;
      close();
    }
    return Directory::Answer::unavailable;
  }

  /// The one entry that the filter finds; empty: there is none, or more than one.
  Directory::Answer find_entry(const std::string& filter, std::string& dn) {
    if (ldap_ == nullptr && open() != LDAP_SUCCESS) return Directory::Answer::unavailable;
    return search(filter, 2, &dn);
  }

 private:
  void close() {
    if (ldap_ != nullptr) ldap_unbind_ext_s(ldap_, nullptr, nullptr);
    ldap_ = nullptr;
  }

  timeval patience() const { return {static_cast<time_t>(options_.timeout.count()), 0}; }

  int connect() {
    if (const int made = ldap_initialize(&ldap_, options_.url.c_str()); made != LDAP_SUCCESS) {
      ldap_ = nullptr;
      return made;
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
    if (options_.start_tls) {
      if (const int begun = ldap_start_tls_s(ldap_, nullptr, nullptr); begun != LDAP_SUCCESS) return begun;
    }
    auto password = options_.bind_password;
    berval credentials{password.size(), password.data()};
    const char* dn = options_.bind_dn.empty() ? nullptr : options_.bind_dn.c_str();
    return ldap_sasl_bind_s(ldap_, dn, LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, nullptr);
  }

  Directory::Answer search(const std::string& filter, int most, std::string* dn) {
    char nothing[] = LDAP_NO_ATTRS;
    char* attributes[] = {nothing, nullptr};
    auto time = patience();
    LDAPMessage* result = nullptr;
    const int code = ldap_search_ext_s(ldap_, options_.base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(), attributes, 1,
                                       nullptr, nullptr, &time, most, &result);
    const int count = result != nullptr ? ldap_count_entries(ldap_, result) : 0;
    if (dn != nullptr && count == 1 && code == LDAP_SUCCESS) {
      char* name = ldap_get_dn(ldap_, ldap_first_entry(ldap_, result));
      if (name != nullptr) *dn = name;
      ldap_memfree(name);
    }
    ldap_msgfree(result);
    if (count > 0) return Directory::Answer::found;
    // Two entries are one too many for the limit that we set, and are as good as one.
    if (code == LDAP_SIZELIMIT_EXCEEDED) return Directory::Answer::found;
    return code == LDAP_SUCCESS ? Directory::Answer::missing : Directory::Answer::unavailable;
  }

  LdapOptions options_;
  LDAP* ldap_ = nullptr;
};

/// What a server says to the wrong password, or to somebody who may not sign in (RFC 4511 4.1.9 and appendix A).
bool is_refusal(int code) {
  return code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE_AUTH || code == LDAP_NO_SUCH_OBJECT ||
         code == LDAP_CONSTRAINT_VIOLATION || code == LDAP_UNWILLING_TO_PERFORM || code == LDAP_INSUFFICIENT_ACCESS;
}

Directory::Verified verify_at(const LdapOptions& options, const std::string& filter, std::string password) {
  std::string dn;
  {
    Connection reader{options};
    const auto answer = reader.find_entry(filter, dn);
    if (answer == Directory::Answer::unavailable) return Directory::Verified::unavailable;
  }
  if (dn.empty()) return Directory::Verified::no;
  auto own = options;
  own.bind_dn = std::move(dn);
  own.bind_password = std::move(password);
  Connection person{own};
  const int code = person.open();
  if (code == LDAP_SUCCESS) return Directory::Verified::yes;
  return is_refusal(code) ? Directory::Verified::no : Directory::Verified::unavailable;
}

constexpr int verifications_waiting = 8;

class LdapDirectory final : public Directory {
 public:
  explicit LdapDirectory(LdapOptions options) : options_{std::move(options)}, connection_{options_} {}

  Task<Answer> find(mail::Mailbox address) const override {
    const auto filter = filled(options_.filter, address);
    std::function<Answer()> work = [this, filter] { return connection_.find(filter); };
    const auto answer = co_await worker(worker_).run<Answer>(std::move(work));
    co_return answer;
  }

  // On another thread, so that nobody who tries passwords keeps mail waiting. No password at all would be an anonymous
  // bind, which succeeds for anybody (RFC 4513 5.1.2).
  Task<Verified> verify(mail::Mailbox address, std::string password) const override {
    if (password.empty() || password.find('\0') != std::string::npos) co_return Verified::no;
    if (verifying_.fetch_add(1) >= verifications_waiting) {
      verifying_.fetch_sub(1);
      co_return Verified::unavailable;
    }
    const auto filter = filled(options_.filter, address);
    std::function<Verified()> work = [this, filter, password = std::move(password)] {
      return verify_at(options_, filter, password);
    };
    const auto verified = co_await worker(verifier_).run<Verified>(std::move(work));
    verifying_.fetch_sub(1);
    co_return verified;
  }
  bool knows_passwords() const override { return true; }

 private:
  // Made with the first question: reading settings must not start threads.
  Offload& worker(std::unique_ptr<Offload>& thread) const {
    std::lock_guard lock{mutex_};
    if (!thread) thread = std::make_unique<Offload>(1);
    return *thread;
  }

  LdapOptions options_;
  mutable Connection connection_;
  mutable std::mutex mutex_;
  mutable std::atomic<int> verifying_{0};
  mutable std::unique_ptr<Offload> worker_, verifier_;  // last: they end before what they use
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
