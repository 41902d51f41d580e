// SPDX-License-Identifier: Apache-2.0
#include "web/link_routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "gateway/digest.h"
#include "mail/date.h"
#include "web/json_body.h"
#include "web/own_actions.h"
#include "web/throttle.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;

constexpr std::size_t longest_token = 2000;
constexpr std::string_view again_after = "60";

std::string used_key(const gateway::LinkClaims& claims) { return fmt::format("link-used:{:016x}", claims.nonce); }

HttpResponse gone(std::string_view why) { return problem(410, "Gone", why); }

/// What a token says, and the message that it is about; or the answer to give instead.
struct Opened {
  std::optional<HttpResponse> refused;
  gateway::LinkClaims claims;
  std::string owner;
  store::HeldMessage message;
};

Opened refuse(HttpResponse response) {
  Opened opened;
  opened.refused = std::move(response);
  return opened;
}

Task<Opened> open(Call call) {
  const auto& services = *call.services;
  if (services.link_key == nullptr || services.marks == nullptr) {
    co_return refuse(problem(503, "Unavailable", "no gateway is running that could do it"));
  }
  if (services.link_ration != nullptr && !services.link_ration->take(network_key(call.origin.client))) {
    auto response = problem(429, "Too many requests", "try again in a minute");
    response.headers.emplace_back("Retry-After", std::string{again_after});
    co_return refuse(std::move(response));
  }
  constexpr std::string_view members[] = {"token"};
  const auto body = read_object(call.request, members);
  if (!body) co_return refuse(problem(400, "Bad request", body.error().text));
  const auto token = required_text(*body, "token", longest_token);
  if (!token) co_return refuse(problem(400, "Bad request", token.error().text));
  const auto claims = services.link_key->open(*token);
  if (!claims) {
    co_return refuse(problem(404, "Not found", "this is no link of ours; was it copied as a whole?"));
  }
  const auto now = services.clock.now();
  if (claims->expires <= now) co_return refuse(gone("this link has expired; a newer digest has a newer one"));
  const auto used = co_await services.marks->find(used_key(*claims), now);
  if (used) co_return refuse(gone("this was already done"));
  Opened opened;
  opened.claims = *claims;
  const auto address = mail::Mailbox::parse(claims->address, mail::Utf8::allow);
  if (address) opened.owner = store::owner_key(*address);
  auto found = co_await find_own(call, claims->message, opened.owner);
  if (!found) co_return refuse(problem(found.error()));
  if (!*found) co_return refuse(gone("the message is not in quarantine any more"));
  opened.message = std::move(**found);
  co_return opened;
}

}  // namespace

Task<HttpResponse> show_link(Call call) {
  auto opened = co_await open(std::move(call));
  if (opened.refused) co_return std::move(*opened.refused);
  bj::object out;
  out["action"] = gateway::name(opened.claims.action);
  out["address"] = readable(opened.owner);
  out["from"] = readable(opened.message.from);
  out["subject"] = readable(opened.message.subject);
  out["time"] = mail::iso8601(opened.message.time);
  out["kind"] = name(opened.message.kind);
  out["expires"] = mail::iso8601(opened.claims.expires);
  co_return json(out);
}

Task<HttpResponse> act_on_link(Call call) {
  auto opened = co_await open(call);
  if (opened.refused) co_return std::move(*opened.refused);
  // Whoever has the link acts for its recipient, not as whoever is signed in beside it.
  call.identity = {};
  call.identity.kind = Identity::Kind::recipient;
  call.identity.name = fmt::format("link ({})", opened.owner);
  if (call.origin.client) call.identity.from = call.origin.client->text();
  const auto& claims = opened.claims;
  const auto result = co_await act_on_own(call, claims.message, claims.action, opened.owner);
  if (!result) co_return problem(result.error());
  if (!result->ok) co_return problem(409, "Conflict", result->detail);
  const auto now = call.services->clock.now();
  co_await call.services->marks->put(used_key(claims), {1, now, claims.expires, {}});
  bj::object out;
  out["action"] = gateway::name(claims.action);
  out["changed"] = result->changed;
  out["detail"] = readable(result->detail);
  co_return json(out);
}

Task<HttpResponse> send_digests(Call call) {
  if (call.services->digest == nullptr) co_return problem(503, "Unavailable", "no gateway is running that could do it");
  constexpr std::string_view members[] = {"address"};
  const auto body = read_object(call.request, members);
  if (!body) co_return problem(400, "Bad request", body.error().text);
  const auto text = text_member(*body, "address");
  if (!text) co_return problem(400, "Bad request", text.error().text);
  std::optional<mail::Mailbox> address;
  if (*text) {
    auto parsed = mail::Mailbox::parse(**text, mail::Utf8::allow);
    if (!parsed) co_return problem(400, "Bad request", fmt::format("address: {}", parsed.error().text));
    address = std::move(*parsed);
  }
  const auto sent = co_await call.services->digest->send_now(std::move(address));
  if (!sent) co_return problem(sent.error());
  const auto noted = co_await record(call, "quarantine.digest", text->value_or(""), fmt::format("{} sent", *sent));
  if (!noted) co_return problem(noted.error());
  co_return json(bj::object{{"sent", *sent}});
}

}  // namespace mailreeve::web
