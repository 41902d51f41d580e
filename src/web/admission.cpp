// SPDX-License-Identifier: Apache-2.0
#include "web/admission.h"

#include <algorithm>

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;
using net::HttpRequest;
using net::HttpResponse;

constexpr auto look_again = 30s;  // at the rights of whoever listens to a stream

bool changes(const HttpRequest& request) { return request.method != "GET" && request.method != "HEAD"; }
bool is_stream(const HttpRequest& request) {
  return request.header("accept").find("text/event-stream") != std::string_view::npos;
}

HttpResponse refused(Decision decision) {
  if (decision == Decision::forbidden) {
    return problem(403, "Forbidden", "whoever you are signed in as may not do this");
  }
  auto response = problem(401, "Not signed in", "sign in, or send a token as Authorization: Bearer mrv_...");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

HttpResponse refused(const Error& error) {
  if (error.kind == ErrorKind::invalid) return problem(415, "Unsupported media type", error.text);
  return problem(403, "Forbidden", error.text);
}

/// A stream lasts longer than the rights of its listener may.
class WatchedStream final : public net::HttpStream {
 public:
  WatchedStream(net::HttpStream& inner, const Services& services, const HttpRequest& request, Needs needs)
      : inner_{inner}, services_{services}, request_{request}, needs_{needs}, looked_{services.clock.steady()} {}

  Task<bool> write(std::string bytes) override {
    const bool allowed = co_await is_allowed();
    if (!allowed) co_return false;
    const bool written = co_await inner_.write(std::move(bytes));
    co_return written;
  }

  Task<bool> wait(std::chrono::milliseconds time) override {
    while (true) {
      const auto piece = std::min<std::chrono::milliseconds>(time, look_again);
      const bool goes_on = co_await inner_.wait(piece);
      if (!goes_on) co_return false;
      const bool allowed = co_await is_allowed();
      if (!allowed) co_return false;
      time -= piece;
      if (time <= 0ms) co_return true;
    }
  }

 private:
  Task<bool> is_allowed() {
    const auto now = services_.clock.steady();
    if (now - looked_ < look_again) co_return true;
    looked_ = now;
    auto caller = co_await services_.access->identify(request_, false);
    if (!caller) co_return false;
    co_return decide(needs_, caller->identity, caller->origin.loopback) == Decision::allowed;
  }

  net::HttpStream& inner_;
  const Services& services_;
  const HttpRequest& request_;
  Needs needs_;
  SteadyTime looked_;
};

using Streamer = std::function<Task<void>(net::HttpStream&)>;

Task<void> run_watched(Streamer inner, std::shared_ptr<const Services> services, HttpRequest request, Needs needs,
                       net::HttpStream& stream) {
  WatchedStream watched{stream, *services, request, needs};
  co_await inner(watched);
}

Streamer watched(Streamer inner, std::shared_ptr<const Services> services, HttpRequest request, Needs needs) {
  return [inner = std::move(inner), services = std::move(services), request = std::move(request),
          needs](net::HttpStream& stream) { return run_watched(inner, services, request, needs, stream); };
}

bool sets_cookie(const HttpResponse& response) {
  return std::ranges::any_of(response.headers, [](const auto& header) { return header.first == "Set-Cookie"; });
}

/// Fills in who calls; an answer when that is not enough.
Task<std::optional<HttpResponse>> look_at_caller(Call& call, Needs needs, std::string& new_cookie) {
  Caller caller;
  auto* access = call.services->access;
  caller.origin = {call.request.client, call.request.secure,
                   !call.request.client || call.request.client->is_loopback()};
  if (access != nullptr && needs.kind() == Needs::Kind::open) {
    caller.origin = origin_of(call.request, *access->options());
  } else if (access != nullptr) {
    auto known = co_await access->identify(call.request, !is_stream(call.request));
    if (!known) co_return problem(known.error());
    caller = std::move(*known);
  }
  if (caller.origin.client) caller.identity.from = caller.origin.client->text();
  call.origin = caller.origin;
  call.identity = caller.identity;
  call.session = caller.session;
  new_cookie = caller.new_cookie;
  const auto decision = decide(needs, call.identity, call.origin.loopback);
  if (decision != Decision::allowed) co_return refused(decision);
  if (access != nullptr && changes(call.request)) {
    const auto checked = access->check_change(call.request, caller);
    if (!checked) co_return refused(checked.error());
  }
  co_return std::nullopt;
}

}  // namespace

Task<HttpResponse> admit(Task<HttpResponse> (*handler)(Call), Needs needs, Door door, Call call) {
  if (door == Door::control) {
    call.identity = local_operator();
    if (decide(needs, call.identity, true) != Decision::allowed) co_return refused(Decision::forbidden);
    co_return co_await handler(std::move(call));
  }
  std::string new_cookie;
  auto response = co_await look_at_caller(call, needs, new_cookie);
  const auto services = call.services;
  const bool by_proxy = call.origin.secure && !call.request.secure;
  if (!response) {
    HttpRequest asked;
    asked.headers = call.request.headers;
    asked.client = call.request.client;
    asked.secure = call.request.secure;
    const bool is_staff = call.identity.kind == Identity::Kind::user || call.identity.kind == Identity::Kind::token;
    response = co_await handler(std::move(call));
    if (!is_staff) response = without_details(std::move(*response));
    const bool needs_rights = needs.kind() != Needs::Kind::open && needs.kind() != Needs::Kind::anyone;
    if (response->stream && needs_rights && services->access != nullptr) {
      response->stream = watched(std::move(response->stream), services, std::move(asked), needs);
    }
  }
  if (!new_cookie.empty() && !sets_cookie(*response)) response->headers.emplace_back("Set-Cookie", new_cookie);
  if (by_proxy) response->headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  co_return std::move(*response);
}

}  // namespace mailreeve::web
