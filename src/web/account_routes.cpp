// SPDX-License-Identifier: Apache-2.0
#include "web/account_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "mail/date.h"
#include "web/access.h"
#include "web/quarantine_json.h"
#include "web/secrets.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;

constexpr std::size_t token_name_limit = 100;
constexpr std::size_t audit_page = 100;
constexpr std::size_t audit_page_limit = 1000;

HttpResponse no_accounts() { return problem(503, "Unavailable", "there are no accounts here"); }
HttpResponse bad(std::string_view detail) { return problem(400, "Malformed", detail); }

bj::value time_or_null(const std::optional<WallTime>& time) {
  return time ? bj::value(mail::iso8601(*time)) : bj::value(nullptr);
}

bj::object to_json(const store::User& user) {
  return {{"name", user.name},
          {"role", store::name(user.role)},
          {"created", mail::iso8601(user.created)},
          {"last_sign_in", time_or_null(user.last_sign_in)},
          {"disabled", user.disabled}};
}

bj::object to_json(const store::ApiToken& token) {
  bj::array scopes;
  for (const auto& scope : token.scopes) scopes.emplace_back(scope);
  return {{"id", token.id},
          {"name", readable(token.name)},
          {"owner", token.owner},
          {"scopes", std::move(scopes)},
          {"created", mail::iso8601(token.created)},
          {"last_used", time_or_null(token.last_used)},
          {"expires", time_or_null(token.expires)},
          {"revoked", token.revoked}};
}

HttpResponse gone() {
  HttpResponse response;
  response.status = 204;
  return response;
}

/// "2026-11-21T10:00:00Z", with or without fractions and with an offset (RFC 3339 5.6).
std::optional<WallTime> parse_time(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const auto number = [&](std::size_t at, std::size_t length, auto& out) {
    if (text.size() < at + length) return false;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + length, out);
    return error == std::errc{} && end == text.data() + at + length;
  };
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day) || !number(11, 2, hour) ||
      !number(14, 2, minute) || !number(17, 2, second) || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
      text[16] != ':' || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  auto rest = text.substr(19);
  if (rest.starts_with('.')) rest = rest.substr(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  if (!date.ok() || (rest != "Z" && rest != "z" && rest != "+00:00")) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

/// An absent or null value stays nothing; false: it is no RFC 3339 time.
bool read_expiry(const bj::object& body, std::optional<WallTime>& expires) {
  const auto* value = body.if_contains("expires");
  if (value == nullptr || value->is_null()) return true;
  if (!value->is_string()) return false;
  expires = parse_time({value->as_string().data(), value->as_string().size()});
  return expires.has_value();
}

Result<std::vector<std::string>> read_scopes(const bj::object& body, Scopes allowed) {
  const auto wrong = [](std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); };
  const auto* value = body.if_contains("scopes");
  if (value == nullptr || !value->is_array() || value->as_array().empty() || value->as_array().size() > scope_count) {
    return wrong("scopes must be a list of what the token may do: [\"queue.read\"]");
  }
  std::vector<std::string> names;
  for (const auto& each : value->as_array()) {
    const auto scope = each.is_string()
                           ? parse_scope(std::string_view{each.as_string().data(), each.as_string().size()})
                           : std::nullopt;
    if (!scope) return wrong("scopes: there is no such scope as " + bj::serialize(each));
    if (!allowed.has(*scope))
      return wrong(fmt::format("scopes: the owner of the token may not {} itself", name(*scope)));
    names.emplace_back(name(*scope));
  }
  return names;
}

}  // namespace

Task<HttpResponse> list_users(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto users = co_await call.services->access->accounts().users();
  if (!users) co_return problem(users.error());
  bj::array list;
  for (const auto& user : *users) list.push_back(to_json(user));
  co_return json(bj::object{{"users", std::move(list)}});
}

Task<HttpResponse> add_user(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto& access = *call.services->access;
  const auto body = read_object(call.request);
  if (!body) co_return problem(body.error());
  const auto given_name = text_in(*body, "name");
  auto password = text_in(*body, "password");
  const auto role = store::parse_role(text_in(*body, "role").value_or(""));
  if (!given_name || !password) co_return bad("name and password must be texts");
  if (!role) co_return bad("role must be \"viewer\", \"reviewer\" or \"admin\"");
  auto name = check_account_name(*given_name);
  if (!name) co_return problem(name.error());
  const auto good = check_new_password(*name, *password);
  if (!good) co_return problem(good.error());
  auto hash = co_await access.passwords().hash(std::move(*password));
  if (!hash) co_return problem(hash.error());
  store::User user;
  user.name = *name;
  user.role = *role;
  user.created = call.services->clock.now();
  user.password_hash = std::move(*hash);
  const auto added = co_await access.accounts().add_user(user);
  if (!added && added.error().kind == ErrorKind::busy) co_return problem(409, "Not possible", added.error().text);
  if (!added) co_return problem(added.error());
  const auto noted = co_await record(call, "user.add", *name, std::string{store::name(*role)});
  if (!noted) co_return problem(noted.error());
  co_return json(to_json(user), 201);
}

Task<HttpResponse> change_user(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto& access = *call.services->access;
  const auto body = read_object(call.request);
  if (!body) co_return problem(body.error());
  store::UserChange change;
  std::string what;
  const auto note = [&what](std::string_view text) { what += fmt::format("{}{}", what.empty() ? "" : ", ", text); };
  if (const auto* role = body->if_contains("role")) {
    change.role = role->is_string() ? store::parse_role(text_in(*body, "role").value_or("")) : std::nullopt;
    if (!change.role) co_return bad("role must be \"viewer\", \"reviewer\" or \"admin\"");
    note(store::name(*change.role));
  }
  if (const auto* disabled = body->if_contains("disabled")) {
    if (!disabled->is_bool()) co_return bad("disabled must be true or false");
    change.disabled = disabled->as_bool();
    note(*change.disabled ? "disabled" : "enabled");
  }
  if (body->contains("password")) {
    auto password = text_in(*body, "password");
    if (!password) co_return bad("password must be a text");
    const auto good = check_new_password(call.argument, *password);
    if (!good) co_return problem(good.error());
    auto hash = co_await access.passwords().hash(std::move(*password));
    if (!hash) co_return problem(hash.error());
    change.password_hash = std::move(*hash);
    note("password");
  }
  if (what.empty()) co_return bad("nothing to change: give role, disabled or password");
  auto name = check_account_name(call.argument);
  if (!name) co_return problem(404, "Not found", "there is no such account");
  auto changed = co_await access.accounts().change_user(*name, std::move(change), 0);
  if (!changed) co_return problem(changed.error());
  const auto noted = co_await record(call, "user.change", *name, what);
  if (!noted) co_return problem(noted.error());
  co_return json(to_json(*changed));
}

Task<HttpResponse> remove_user(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto name = check_account_name(call.argument);
  if (!name) co_return problem(404, "Not found", "there is no such account");
  const auto removed = co_await call.services->access->accounts().remove_user(*name);
  if (!removed) co_return problem(removed.error());
  const auto noted = co_await record(call, "user.remove", *name);
  if (!noted) co_return problem(noted.error());
  co_return gone();
}

Task<HttpResponse> list_tokens(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto tokens = co_await call.services->access->accounts().tokens();
  if (!tokens) co_return problem(tokens.error());
  bj::array list;
  for (const auto& token : *tokens) list.push_back(to_json(token));
  co_return json(bj::object{{"tokens", std::move(list)}});
}

Task<HttpResponse> add_token(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto& accounts = call.services->access->accounts();
  const auto body = read_object(call.request);
  if (!body) co_return problem(body.error());
  const auto name = text_in(*body, "name");
  if (!name || name->empty() || name->size() > token_name_limit || readable(*name) != *name ||
      std::ranges::any_of(*name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    co_return bad(fmt::format("name must be a text of 1 to {} octets without control characters", token_name_limit));
  }
  store::ApiToken token;
  token.owner = call.identity.name;
  if (call.identity.kind == Identity::Kind::token) token.owner = call.identity.owner;
  if (call.identity.kind == Identity::Kind::local) {
    auto owner = check_account_name(text_in(*body, "owner").value_or(""));
    if (!owner) co_return bad("owner must be the name of an account");
    token.owner = std::move(*owner);
  }
  auto owner = co_await accounts.user(token.owner);
  if (!owner) co_return problem(owner.error());
  if (!*owner) co_return problem(404, "Not found", fmt::format("there is no account {}", token.owner));
  auto scopes = read_scopes(*body, scopes_of((*owner)->role));
  if (!scopes) co_return problem(scopes.error());
  if (!read_expiry(*body, token.expires)) co_return bad("expires must be a time such as 2027-01-31T00:00:00Z");
  const auto now = call.services->clock.now();
  if (token.expires && *token.expires <= now) co_return bad("expires lies in the past");
  const auto secret = std::string{token_prefix} + make_secret();
  token.id = make_token_id();
  token.name = *name;
  token.secret_hash = secret_hash(secret);
  token.scopes = std::move(*scopes);
  token.created = now;
  const auto added = co_await accounts.add_token(token);
  if (!added && added.error().kind == ErrorKind::full) co_return problem(409, "Not possible", added.error().text);
  if (!added) co_return problem(added.error());
  const auto detail = fmt::format("{}, for {}: {}", token.name, token.owner, fmt::join(token.scopes, " "));
  const auto noted = co_await record(call, "token.add", token.id, detail);
  if (!noted) co_return problem(noted.error());
  co_return json(bj::object{{"token", to_json(token)}, {"secret", secret}}, 201);
}

Task<HttpResponse> revoke_token(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto revoked = co_await call.services->access->accounts().revoke_token(call.argument);
  if (!revoked) co_return problem(revoked.error());
  const auto noted =
      co_await record(call, "token.revoke", revoked->id, fmt::format("{}, of {}", revoked->name, revoked->owner));
  if (!noted) co_return problem(noted.error());
  co_return gone();
}

Task<HttpResponse> show_audit(Call call) {
  if (call.services->audit == nullptr) co_return no_accounts();
  store::AuditFilter filter;
  filter.limit = audit_page;
  for (const auto& [key, value] : call.request.query) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = error == std::errc{} && end == value.data() + value.size() && number > 0;
    if (key == "who") {
      filter.who = value;
    } else if (key == "action") {
      filter.action = value;
    } else if (key == "object") {
      filter.object = value;
    } else if (key == "cursor" && is_number) {
      filter.before = number;
    } else if (key == "limit" && is_number && number <= static_cast<std::int64_t>(audit_page_limit)) {
      filter.limit = static_cast<std::size_t>(number);
    } else {
      co_return bad(
          fmt::format("{} is no filter of the audit log, or has a wrong value; known are who, action, object, "
                      "limit (1 to {}) and cursor",
                      readable(key), audit_page_limit));
    }
  }
  const auto limit = filter.limit;
  auto entries = co_await call.services->audit->search(std::move(filter));
  if (!entries) co_return problem(entries.error());
  bj::array list;
  for (const auto& entry : *entries) list.push_back(to_json(entry));
  bj::object page;
  page["entries"] = std::move(list);
  if (entries->size() == limit) page["next"] = fmt::to_string(entries->back().key);
  co_return json(page);
}

}  // namespace mailreeve::web
