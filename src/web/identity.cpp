// SPDX-License-Identifier: Apache-2.0
#include "web/identity.h"

#include <fmt/format.h>

#include <array>

namespace mailreeve::web {
namespace {

constexpr std::array<std::string_view, scope_count> names{"overview.read",      "messages.read",  "quarantine.read",
                                                          "quarantine.content", "quarantine.act", "waiting.read",
                                                          "waiting.act",        "queue.read",     "queue.act",
                                                          "queue.content",      "settings.read",  "doctor.read",
                                                          "learn.act",          "admin",          "own"};

constexpr Scopes viewer{Scope::overview_read, Scope::messages_read, Scope::quarantine_read, Scope::waiting_read,
                        Scope::queue_read,    Scope::settings_read, Scope::doctor_read};
constexpr Scopes reviewer =
    viewer | Scopes{Scope::quarantine_content, Scope::quarantine_act, Scope::waiting_act, Scope::learn_act};
constexpr Scopes admin = reviewer | Scopes{Scope::queue_act, Scope::queue_content, Scope::admin};

}  // namespace

std::string_view name(Scope scope) { return names[static_cast<std::size_t>(scope)]; }

std::optional<Scope> parse_scope(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Scope>(i);
  }
  return std::nullopt;
}

std::vector<std::string_view> Scopes::names() const {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < scope_count; ++i) {
    const auto scope = static_cast<Scope>(i);
    if (has(scope)) out.push_back(name(scope));
  }
  return out;
}

Scopes scopes_of(store::Role role) {
  switch (role) {
    case store::Role::viewer:
      return viewer;
    case store::Role::reviewer:
      return reviewer;
    case store::Role::admin:
      return admin;
  }
  return {};
}

std::string Identity::who() const {
  switch (kind) {
    case Kind::nobody:
      return "nobody";
    case Kind::token:
      return fmt::format("token {} ({})", name, owner);
    case Kind::user:
    case Kind::recipient:
    case Kind::local:
      break;
  }
  return name;
}

Identity local_operator() {
  Identity identity;
  identity.kind = Identity::Kind::local;
  identity.name = "local operator";
  identity.scopes = admin;
  return identity;
}

Decision decide(const Needs& needs, const Identity& identity, bool from_loopback) {
  const bool is_known = identity.kind != Identity::Kind::nobody;
  switch (needs.kind()) {
    case Needs::Kind::open:
    case Needs::Kind::anyone:
      return Decision::allowed;
    case Needs::Kind::signed_in:
      return is_known ? Decision::allowed : Decision::unknown;
    case Needs::Kind::scope_or_loopback:
      if (from_loopback) return Decision::allowed;
      break;
    case Needs::Kind::scope:
      break;
  }
  if (!is_known) return Decision::unknown;
  return identity.scopes.has(needs.scope()) ? Decision::allowed : Decision::forbidden;
}

}  // namespace mailreeve::web
