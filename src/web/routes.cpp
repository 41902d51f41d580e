// SPDX-License-Identifier: Apache-2.0
#include "web/routes.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "mail/date.h"
#include "web/account_routes.h"
#include "web/admission.h"
#include "web/call.h"
#include "web/history_routes.h"
#include "web/learn_routes.h"
#include "web/link_routes.h"
#include "web/openapi.h"
#include "web/overview_routes.h"
#include "web/own_routes.h"
#include "web/page_routes.h"
#include "web/quarantine_routes.h"
#include "web/queue_routes.h"
#include "web/session_routes.h"
#include "web/settings_routes.h"
#include "web/waiting_routes.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;

/// A store that cannot even be asked is no place for mail: whoever balances load should send it elsewhere.
Task<HttpResponse> health(Call call) {
  auto state = call.services->health();
  if (state.ok) {
    const auto asked = co_await call.services->queue.next_due();
    if (!asked) state = {false, "store failing"};
  }
  co_return json(bj::object{{"status", state.status}}, state.ok ? 200 : 503);
}

Task<HttpResponse> metrics(Call call) {
  HttpResponse response;
  response.type = "text/plain; version=0.0.4";
  response.body = call.services->metrics.expose();
  co_return response;
}

Task<HttpResponse> status(Call call) {
  const auto counts = co_await call.services->queue.counts();
  if (!counts) co_return problem(counts.error());
  bj::value oldest;
  if (counts->oldest) oldest = mail::iso8601(*counts->oldest);
  co_return json(bj::object{{"status", call.services->health().status},
                            {"queue",
                             {{"messages", counts->messages},
                              {"queued", counts->queued},
                              {"held", counts->held},
                              {"refused", counts->refused},
                              {"expired", counts->expired},
                              {"bytes", counts->bytes},
                              {"oldest", std::move(oldest)}}}});
}

Task<HttpResponse> reload(Call call) {
  if (!call.services->reload) co_return problem(503, "Unavailable", "no gateway is running");
  const auto answer = co_await call.services->reload();
  bj::array problems;
  for (const auto& text : answer.problems) problems.emplace_back(text);
  co_return json(bj::object{{"reloaded", answer.reloaded}, {"problems", std::move(problems)}},
                 answer.reloaded ? 200 : 422);
}

struct Route {
  std::string_view method;
  std::string_view pattern;  // a part in braces matches any one part, which becomes Call::argument
  Task<HttpResponse> (*handler)(Call);
  Needs needs;  // compared in `admit`, before the handler is called
};

constexpr Needs open{Needs::Kind::open};
constexpr Needs anyone{Needs::Kind::anyone};

// A test holds this table against one written out by hand: web/authorisation_test.cpp.
constexpr std::array routes{
    Route{"GET", "/", show_page, open},
    Route{"GET", "/setup", show_page, open},
    Route{"GET", "/sign-in", show_page, open},
    Route{"GET", "/messages", show_page, open},
    Route{"GET", "/messages/{id}", show_page, open},
    Route{"GET", "/quarantine", show_page, open},
    Route{"GET", "/quarantine/{id}", show_page, open},
    Route{"GET", "/waiting", show_page, open},
    Route{"GET", "/queue", show_page, open},
    Route{"GET", "/settings", show_page, open},
    Route{"GET", "/doctor", show_page, open},
    Route{"GET", "/accounts", show_page, open},
    Route{"GET", "/audit", show_page, open},
    Route{"GET", "/own", show_page, open},
    Route{"GET", "/own/waiting", show_page, open},
    Route{"GET", "/own/choices", show_page, open},
    Route{"GET", "/own/held/{id}", show_page, open},
    Route{"GET", "/link/{token}", show_page, open},
    Route{"GET", "/assets/{file}", show_file, open},
    Route{"GET", "/favicon.svg", show_file, open},
    Route{"GET", "/healthz", health, open},
    Route{"GET", "/metrics", metrics, {Needs::Kind::scope_or_loopback, Scope::overview_read}},
    Route{"GET", "/api/v1/openapi.yaml", show_openapi, open},
    Route{"GET", "/api/v1/session", show_session, anyone},
    Route{"POST", "/api/v1/session", sign_in, anyone},
    Route{"DELETE", "/api/v1/session", sign_out, anyone},
    Route{"PUT", "/api/v1/session/password", change_password, Needs::Kind::signed_in},
    Route{"POST", "/api/v1/session/link", ask_for_link, anyone},
    Route{"POST", "/api/v1/session/token", redeem_link, anyone},
    Route{"POST", "/api/v1/setup", set_up, anyone},
    Route{"POST", "/api/v1/setup-link", make_setup_link, Scope::admin},
    Route{"GET", "/api/v1/users", list_users, Scope::admin},
    Route{"POST", "/api/v1/users", add_user, Scope::admin},
    Route{"PATCH", "/api/v1/users/{name}", change_user, Scope::admin},
    Route{"DELETE", "/api/v1/users/{name}", remove_user, Scope::admin},
    Route{"GET", "/api/v1/tokens", list_tokens, Scope::admin},
    Route{"POST", "/api/v1/tokens", add_token, Scope::admin},
    Route{"DELETE", "/api/v1/tokens/{id}", revoke_token, Scope::admin},
    Route{"GET", "/api/v1/audit", show_audit, Scope::admin},
    Route{"GET", "/api/v1/status", status, Scope::overview_read},
    Route{"POST", "/api/v1/reload", reload, Scope::admin},
    Route{"GET", "/api/v1/queue", list_queue, Scope::queue_read},
    Route{"POST", "/api/v1/queue/{action}", change_many, Scope::queue_act},
    Route{"GET", "/api/v1/queue/destinations", show_destinations, Scope::queue_read},
    Route{"GET", "/api/v1/queue/{id}", show_message, Scope::queue_read},
    Route{"GET", "/api/v1/queue/{id}/body", show_body, Scope::queue_content},
    Route{"POST", "/api/v1/queue/{id}/retry", retry_message, Scope::queue_act},
    Route{"POST", "/api/v1/queue/{id}/hold", hold_message, Scope::queue_act},
    Route{"POST", "/api/v1/queue/{id}/release", release_message, Scope::queue_act},
    Route{"POST", "/api/v1/queue/{id}/drop", drop_message, Scope::queue_act},
    Route{"GET", "/api/v1/history", search_history, Scope::messages_read},
    Route{"GET", "/api/v1/history/{id}", show_history, Scope::messages_read},
    Route{"GET", "/api/v1/overview", show_overview, Scope::overview_read},
    Route{"GET", "/api/v1/events", stream_events, Scope::overview_read},
    Route{"GET", "/api/v1/settings", show_settings, Scope::settings_read},
    Route{"GET", "/api/v1/doctor", show_doctor, Scope::doctor_read},
    Route{"GET", "/api/v1/quarantine", list_held, Scope::quarantine_read},
    Route{"POST", "/api/v1/quarantine/actions", act_on_held, Scope::quarantine_act},
    Route{"GET", "/api/v1/quarantine/{id}", show_held, Scope::quarantine_read},
    Route{"GET", "/api/v1/quarantine/{id}/preview", preview_held, Scope::quarantine_content},
    Route{"GET", "/api/v1/quarantine/{id}/preview.html", preview_held_page, Scope::quarantine_content},
    Route{"GET", "/api/v1/quarantine/{id}/eml", download_held, Scope::quarantine_content},
    Route{"GET", "/api/v1/quarantine/{id}/body", show_held_body, Scope::quarantine_content},
    Route{"GET", "/api/v1/waiting", list_waiting, Scope::waiting_read},
    Route{"POST", "/api/v1/waiting/let-in", let_in, Scope::waiting_act},
    Route{"GET", "/api/v1/own/quarantine", list_own_held, Scope::own},
    Route{"GET", "/api/v1/own/quarantine/{id}/preview", preview_own_held, Scope::own},
    Route{"GET", "/api/v1/own/quarantine/{id}/preview.html", preview_own_held_page, Scope::own},
    Route{"POST", "/api/v1/own/actions", act_on_own_held, Scope::own},
    Route{"GET", "/api/v1/own/settings", show_own_settings, Scope::own},
    Route{"PUT", "/api/v1/own/settings", change_own_settings, Scope::own},
    Route{"POST", "/api/v1/own/lists", change_own_lists, Scope::own},
    Route{"GET", "/api/v1/own/waiting", list_own_waiting, Scope::own},
    Route{"POST", "/api/v1/own/waiting/let-in", let_in_own, Scope::own},
    Route{"POST", "/api/v1/link/show", show_link, anyone},
    Route{"POST", "/api/v1/link/act", act_on_link, anyone},
    Route{"POST", "/api/v1/quarantine/digest", send_digests, Scope::quarantine_act},
    Route{"GET", "/api/v1/learn", show_learnt, Scope::overview_read},
    Route{"POST", "/api/v1/learn", learn, Scope::learn_act},
};

std::string_view next_part(std::string_view& path) {
  path.remove_prefix(1);
  const auto part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

bool matches(std::string_view pattern, std::string_view path, std::string& argument) {
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const auto wanted = next_part(pattern);
    const auto given = next_part(path);
    if (!wanted.starts_with('{')) {
      if (wanted != given) return false;
    } else if (given.empty()) {
      return false;
    } else {
      argument = given;
    }
  }
  return pattern.empty() && path.empty();
}

HttpResponse not_allowed(const std::string& allow) {
  auto response = problem(405, "Method not allowed", "this page takes " + allow);
  response.headers.emplace_back("Allow", allow);
  return response;
}

Task<HttpResponse> dispatch(std::shared_ptr<const Services> services, Door door, net::HttpRequest request) {
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view{request.method};
  std::string allow;
  for (const auto& route : routes) {
    Call call;
    if (!matches(route.pattern, request.path, call.argument)) continue;
    if (route.method == method) {
      call.services = std::move(services);
      call.request = std::move(request);
      co_return co_await admit(route.handler, route.needs, door, std::move(call));
    }
    if (!allow.empty()) allow += ", ";
    allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  if (!allow.empty()) co_return not_allowed(allow);
  // A person with a browser gets a page that says so, programs a problem.
  const bool wants_page = method == "GET" && request.header("accept").find("text/html") != std::string_view::npos;
  if (wants_page && !request.path.starts_with("/api/")) {
    Call call;
    call.services = std::move(services);
    call.request = std::move(request);
    auto page = co_await show_page(std::move(call));
    page.status = 404;
    co_return page;
  }
  co_return problem(404, "Not found", "there is nothing at this address");
}

net::HttpHandler make_handler(Services services, Door door) {
  auto shared = std::make_shared<const Services>(std::move(services));
  return [shared = std::move(shared), door](net::HttpRequest request) {
    return dispatch(shared, door, std::move(request));
  };
}

}  // namespace

net::HttpHandler make_public_handler(Services services) { return make_handler(std::move(services), Door::network); }
net::HttpHandler make_control_handler(Services services) { return make_handler(std::move(services), Door::control); }

std::vector<RouteFacts> all_routes() {
  std::vector<RouteFacts> facts;
  for (const auto& route : routes) facts.push_back({route.method, route.pattern, route.needs});
  return facts;
}

}  // namespace mailreeve::web
