// SPDX-License-Identifier: Apache-2.0
// Who is calling, what they may do, and what a route asks of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/accounts.h"

namespace mailreeve::web {

enum class Scope : std::uint8_t {
  overview_read,
  messages_read,
  quarantine_read,
  quarantine_content,
  quarantine_act,
  waiting_read,
  waiting_act,
  queue_read,
  queue_act,
  queue_content,
  settings_read,
  doctor_read,
  learn_act,
  admin,  // users, tokens, the audit log, reload
  own,    // a recipient's own pages
};
constexpr std::size_t scope_count = 15;

/// "overview.read"
std::string_view name(Scope scope);
std::optional<Scope> parse_scope(std::string_view name);

class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr Scopes(std::initializer_list<Scope> scopes) {
    for (const auto scope : scopes) bits_ |= bit(scope);
  }
  constexpr bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  constexpr void add(Scope scope) { bits_ |= bit(scope); }
  constexpr Scopes operator&(Scopes other) const {
    other.bits_ &= bits_;
    return other;
  }
  constexpr Scopes operator|(Scopes other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool operator==(const Scopes&) const = default;
  std::vector<std::string_view> names() const;

 private:
  static constexpr std::uint32_t bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
  std::uint32_t bits_ = 0;
};

/// What a role may do: admin everything but `own`.
Scopes scopes_of(store::Role role);

struct Identity {
  enum class Kind { nobody, user, token, recipient, local };
  Kind kind = Kind::nobody;
  std::string name;                 // of the account; of the token; the recipient's address; "local operator"
  std::string owner;                // token: its owner's account
  std::optional<store::Role> role;  // user: of the account; token: of its owner
  Scopes scopes;
  std::string address;  // recipient: the address, in the form in which it is looked up
  std::string from;     // the client's address, behind trusted proxies the one they tell; empty: local
  /// For the audit log.
  std::string who() const;
};

/// Whoever may use the control socket: all scopes but `own`, which needs an address.
Identity local_operator();

/// What a route asks of its caller.
class Needs {
 public:
  enum class Kind {
    open,               // nothing, and nobody looks who is calling: static files, /healthz
    anyone,             // nothing, but the handler wants to know who is calling
    signed_in,          // some session
    scope,              // a scope
    scope_or_loopback,  // a scope, or a client on this machine
  };
  constexpr Needs(Scope scope) : kind_{Kind::scope}, scope_{scope} {}
  constexpr Needs(Kind kind, Scope scope = Scope::admin) : kind_{kind}, scope_{scope} {}
  constexpr Kind kind() const { return kind_; }
  constexpr Scope scope() const { return scope_; }  // of the last two kinds
  constexpr bool operator==(const Needs&) const = default;

 private:
  Kind kind_;
  Scope scope_;
};

enum class Decision { allowed, unknown, forbidden };  // unknown: 401, forbidden: 403
Decision decide(const Needs& needs, const Identity& identity, bool from_loopback);

}  // namespace mailreeve::web
