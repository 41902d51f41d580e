// SPDX-License-Identifier: Apache-2.0
#include "web/access.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/characters.h"
#include "web/secrets.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;

constexpr auto rotation_time = 15min;
constexpr auto old_secret_time = 30s;  // requests that were under way when the secret changed
constexpr auto setup_life = 24h;
constexpr unsigned links_a_client = 20;
constexpr unsigned links_an_address = 3;

/// __Host- keeps pages of other hosts and ports from setting it (RFC 6265bis 4.1.3.2), and demands Secure.
std::string_view cookie_name(bool secure) { return secure ? "__Host-mailreeve" : "mailreeve"; }

Scopes parse_scopes(const std::vector<std::string>& names) {
  Scopes scopes;
  for (const auto& each : names) {
    if (const auto scope = parse_scope(each)) scopes.add(*scope);
  }
  return scopes;
}

bool is_json(std::string_view type) {
  auto name = mail::lower(type.substr(0, type.find(';')));
  while (name.ends_with(' ')) name.pop_back();
  return name == "application/json";
}

}  // namespace

Access::Access(store::Accounts& accounts, const Clock& clock, Logger& log, const Current<Options>& options,
               PasswordCost cost)
    : accounts_{accounts},
      clock_{clock},
      log_{log},
      options_{options},
      throttle_{clock},
      links_by_client_{clock, links_a_client, 1h},
      links_by_address_{clock, links_an_address, 15min},
      passwords_{cost} {}

Task<Result<Caller>> Access::identify(const net::HttpRequest& request, bool renews) {
  const auto options = options_.get();
  Caller caller;
  caller.origin = origin_of(request, *options);
  tell_of_proxy(request, caller.origin);
  if (const auto authorization = request.header("authorization"); !authorization.empty()) {
    if (const auto token = find_bearer(authorization)) {
      auto known = co_await identify_token(*token, caller);
      if (!known) co_return fail(known);
    }
  } else if (const auto secret = find_cookie(request.header("cookie"), cookie_name(caller.origin.secure))) {
    auto known = co_await identify_session(std::string{*secret}, renews, caller);
    if (!known) co_return fail(known);
  }
  if (caller.origin.client) caller.identity.from = caller.origin.client->text();
  co_return caller;
}

void Access::tell_of_proxy(const net::HttpRequest& request, const Origin& origin) {
  if (!request.client || !request.client->is_loopback() || origin.client != request.client) return;
  if (request.header("x-forwarded-for").empty() || told_of_proxy_.exchange(true)) return;
  log_.warning(
      "web", {{"text",
               "a web server on this machine tells its clients' addresses, and nobody believes it: to us all of them "
               "are one, so that one who guesses passwords keeps the others waiting; name it in [web] trusted-proxies"},
              {"address", request.client->text()}});
}

Task<Result<void>> Access::identify_token(std::string_view token, Caller& caller) {
  auto found = co_await accounts_.token(secret_hash(token), clock_.now());
  if (!found) co_return fail(found);
  if (!*found) co_return Result<void>{};
  const auto& holder = **found;
  auto& identity = caller.identity;
  identity.kind = Identity::Kind::token;
  identity.name = holder.token.name;
  identity.owner = holder.token.owner;
  identity.role = holder.owner_role;
  identity.scopes = parse_scopes(holder.token.scopes) & scopes_of(holder.owner_role);
  co_return Result<void>{};
}

Task<Result<void>> Access::identify_session(std::string secret, bool renews, Caller& caller) {
  auto found = co_await accounts_.session(secret_hash(secret));
  if (!found) co_return fail(found);
  if (!*found) co_return Result<void>{};
  auto& holder = **found;
  auto& session = holder.session;
  const auto now = clock_.now();
  if (holder.old_until && now >= *holder.old_until) co_return Result<void>{};
  if (now >= idle_end(session) || now >= end(session)) {
    auto ended = co_await accounts_.end_session(session.key);
    if (!ended) co_return fail(ended);
    co_return Result<void>{};
  }
  if (renews) {
    const auto idle = options_.get()->session_idle;
    if (now - session.seen >= std::min<std::chrono::milliseconds>(1min, idle / 20)) {
      accounts_.session_seen(session.key, now);
      session.seen = now;
    }
    if (!holder.old_until && now - session.rotated >= rotation_time) {
      const auto fresh = make_secret();
      auto rotated = co_await accounts_.rotate_session(session.key, session.secret_hash, secret_hash(fresh), now,
                                                       now + old_secret_time);
      if (!rotated) co_return fail(rotated);
      if (*rotated) caller.new_cookie = cookie(fresh, caller.origin);
    }
  }
  auto& identity = caller.identity;
  identity.name = session.subject;
  if (session.kind == store::SessionKind::user) {
    identity.kind = Identity::Kind::user;
    identity.role = holder.role;
    identity.scopes = scopes_of(*holder.role);
  } else {
    identity.kind = Identity::Kind::recipient;
    identity.address = session.subject;
    identity.scopes = {Scope::own};
  }
  caller.session = std::move(session);
  co_return Result<void>{};
}

Result<void> Access::check_change(const net::HttpRequest& request, const Caller& caller) const {
  if (!request.body.empty() && !is_json(request.header("content-type"))) {
    return fail(ErrorKind::invalid, "the body must be application/json", Blame::peer);
  }
  if (caller.identity.kind == Identity::Kind::token) return {};  // no browser sends it by itself
  auto same = check_same_origin(request, caller.origin, *options_.get());
  if (!same) return same;
  if (caller.session && !same_secret(request.header("x-csrf-token"), caller.session->csrf)) {
    return fail(ErrorKind::refused, "X-CSRF-Token is missing or not that of this session; GET /api/v1/session tells it",
                Blame::peer);
  }
  return {};
}

std::string Access::cookie(std::string_view secret, const Origin& origin) const {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name(origin.secure), secret,
                     options_.get()->session_max.count(), origin.secure ? "; Secure" : "");
}

std::string Access::expired_cookie(const Origin& origin) const {
  return fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{}", cookie_name(origin.secure),
                     origin.secure ? "; Secure" : "");
}

WallTime Access::idle_end(const store::Session& session) const { return session.seen + options_.get()->session_idle; }
WallTime Access::end(const store::Session& session) const { return session.created + options_.get()->session_max; }

Task<Result<Access::Opened>> Access::open_session(store::SessionKind kind, std::string subject, Origin origin) {
  const auto secret = make_secret();
  Opened opened;
  opened.session.secret_hash = secret_hash(secret);
  opened.session.kind = kind;
  opened.session.subject = std::move(subject);
  opened.session.csrf = make_secret();
  opened.session.created = opened.session.seen = opened.session.rotated = clock_.now();
  auto key = co_await accounts_.add_session(opened.session);
  if (!key) co_return fail(key);
  opened.session.key = *key;
  opened.cookie = cookie(secret, origin);
  co_return opened;
}

Task<Result<std::string>> Access::make_one_time(std::string purpose, std::string subject, std::chrono::seconds life) {
  auto secret = make_secret();
  auto added =
      co_await accounts_.add_secret({secret_hash(secret), std::move(purpose), std::move(subject), clock_.now() + life});
  if (!added) co_return fail(added);
  co_return secret;
}

Task<Result<std::string>> Access::make_setup_link() {
  auto users = co_await accounts_.users();
  if (!users) co_return fail(users);
  if (!users->empty()) {
    co_return fail(ErrorKind::busy,
                   "there is an account already; `mailreeve user add` makes another, `mailreeve user passwd` gives one "
                   "a new password");
  }
  auto secret = co_await make_one_time("setup", "", setup_life);
  if (!secret) co_return fail(secret);
  co_return fmt::format("{}/setup#{}", options_.get()->url, *secret);
}

Task<void> Access::sweep() {
  const auto now = clock_.now();
  const auto options = options_.get();
  const auto swept = co_await accounts_.sweep(now, now - options->session_idle, now - options->session_max);
  if (!swept) log_.warning("accounts", {{"error", swept.error().text}});
}

}  // namespace mailreeve::web
