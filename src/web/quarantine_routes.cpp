// SPDX-License-Identifier: Apache-2.0
#include "web/quarantine_routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "scan/locked_zip.h"
#include "web/json_body.h"
#include "web/quarantine_json.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;

constexpr std::uint64_t download_limit = 256ULL << 20;  // octets
constexpr std::size_t actions_shown = 200;
constexpr std::string_view frame_policy =
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

HttpResponse no_vault() { return problem(503, "Unavailable", "there is no quarantine here: no gateway is running"); }

HttpResponse no_message(const std::string& id) {
  return problem(404, "Not found", fmt::format("there is no message {} in quarantine", readable(id)));
}

std::chrono::seconds keep_of(const Services& services) {
  return services.live == nullptr ? std::chrono::seconds{0} : services.live->get()->options.quarantine.keep;
}

Result<WallTime> read_time(std::string_view key, std::string_view text) {
  std::int64_t millis = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), millis);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    return wrong(fmt::format("{} must be milliseconds since 1970", key));
  }
  return from_millis(millis);
}

Result<void> read_one(const std::string& key, const std::string& value, store::HeldFilter& filter) {
  if (value.empty()) return wrong(fmt::format("\"{}\" is empty", key));
  const bool is_words = key == "sender" || key == "recipient" || key == "subject" || key == "finding";
  if (is_words && !store::has_word(value)) return wrong(fmt::format("{}: there is no word in it to look for", key));
  if (key == "sender") filter.sender = value;
  if (key == "recipient") filter.to = value;
  if (key == "subject") filter.subject = value;
  if (key == "finding") filter.finding = value;
  if (key == "since" || key == "until") {
    const auto time = read_time(key, value);
    if (!time) return std::unexpected(time.error());
    (key == "since" ? filter.since : filter.until) = *time;
  }
  if (key == "kind") {
    filter.kind = store::parse_held_kind(value);
    if (!filter.kind) return wrong("kind: write held or refused");
  }
  if (key == "state") {
    filter.states.clear();
    if (value == "any") return {};
    const auto state = store::parse_held_state(value);
    if (!state || *state == store::HeldState::releasing) {
      return wrong("state: write waiting, asked, released, deleted or any");
    }
    filter.states.push_back(*state);
  }
  return {};
}

/// What is not understood is refused: a filter left out would show, or change, too much.
Result<store::HeldFilter> read_filter(const net::HttpRequest& request) {
  constexpr std::string_view others[] = {"sender", "recipient", "subject", "finding",
                                         "kind",   "state",     "since",   "until"};
  auto query = read_page_query(request, others);
  if (!query) return fail(query);
  store::HeldFilter filter;
  filter.text = query->text;
  filter.limit = query->limit;
  filter.before = query->cursor;
  filter.states = {store::HeldState::waiting, store::HeldState::asked};
  for (const auto& [key, value] : query->others) {
    auto read = read_one(key, value, filter);
    if (!read) return fail(read);
  }
  return filter;
}

}  // namespace

Task<HttpResponse> list_held(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  auto filter = read_filter(call.request);
  if (!filter) co_return problem(400, "Bad request", filter.error().text);
  const auto limit = filter->limit;
  const auto found = co_await call.services->vault->search(std::move(*filter));
  if (!found) co_return problem(found.error());
  const auto keep = keep_of(*call.services);
  bj::array items;
  for (const auto& message : *found) items.push_back(to_json(message, keep));
  bj::object page;
  page["items"] = std::move(items);
  if (found->size() == limit) page["next"] = found->back().id.text();
  co_return json(page);
}

Task<HttpResponse> show_held(Call call) {
  const auto& services = *call.services;
  if (services.vault == nullptr) co_return no_vault();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  const auto found = co_await services.vault->show(*id);
  if (!found) co_return problem(found.error());
  if (!*found) co_return no_message(call.argument);
  auto out = to_json(**found, keep_of(services));
  out["transaction"] = (*found)->transaction.text();
  out["story"] = nullptr;
  const auto& scopes = call.identity.scopes;
  if (services.history != nullptr && scopes.has(Scope::messages_read)) {
    co_await services.history->flush();
    const auto record = co_await services.history->show((*found)->transaction.text());
    bj::error_code error;
    auto story = record && *record ? bj::parse((*record)->detail, error) : bj::value{};
    if (!error) out["story"] = std::move(story);
  }
  auto& actions = out["actions"].emplace_array();
  // Who decided what concerns those who decide; from which addresses, administrators alone.
  if (services.audit != nullptr && scopes.has(Scope::quarantine_act)) {
    store::AuditFilter filter;
    filter.object = id->text();
    filter.limit = actions_shown;
    const auto entries = co_await services.audit->search(std::move(filter));
    if (!entries) co_return problem(entries.error());
    for (auto entry : *entries) {
      if (!scopes.has(Scope::admin)) entry.from.clear();
      actions.push_back(to_json(entry));
    }
  }
  co_return json(out);
}

namespace {

Task<Result<std::shared_ptr<const scan::Preview>>> look_into(Call call, MessageId id) {
  const auto& services = *call.services;
  if (services.vault == nullptr || !services.preview) {
    co_return fail(ErrorKind::io, "no gateway is running that could take the message apart");
  }
  const auto body = co_await services.vault->body(id);
  if (!body) co_return std::unexpected(body.error());
  auto preview = co_await services.preview(*body);
  co_return preview;
}

}  // namespace

Task<HttpResponse> preview_answer(Call call, MessageId id) {
  const auto preview = co_await look_into(call, id);
  if (!preview) co_return problem(preview.error());
  const auto noted = co_await record(call, "quarantine.preview", id.text());
  if (!noted) co_return problem(noted.error());
  co_return json(to_json(**preview));
}

Task<HttpResponse> preview_page_answer(Call call, MessageId id) {
  const auto preview = co_await look_into(call, id);
  if (!preview) co_return problem(preview.error());
  const auto noted = co_await record(call, "quarantine.preview", id.text(), "as a page");
  if (!noted) co_return problem(noted.error());
  HttpResponse response;
  response.type = "text/html; charset=utf-8";
  response.body = scan::preview_page(**preview);
  response.headers.emplace_back("Content-Security-Policy", std::string{frame_policy});
  response.headers.emplace_back("X-Frame-Options", "SAMEORIGIN");
  co_return response;
}

Task<HttpResponse> preview_held(Call call) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto answer = co_await preview_answer(std::move(call), *id);
  co_return answer;
}

Task<HttpResponse> preview_held_page(Call call) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto answer = co_await preview_page_answer(std::move(call), *id);
  co_return answer;
}

namespace {

Task<Result<std::string>> whole_message(Call call, MessageId id) {
  const auto body = co_await call.services->vault->body(id);
  if (!body) co_return std::unexpected(body.error());
  auto bytes = mail::read_whole(**body, download_limit);
  co_return bytes;
}

/// Packing takes a second for large ones: not on a loop that mail comes in by.
Task<Result<std::string>> locked(Call call, std::string name, std::string bytes) {
  std::function<Result<std::string>()> work = [name = std::move(name), bytes = std::move(bytes)] {
    return scan::locked_zip(name, bytes, scan::usual_zip_password);
  };
  if (call.services->offload == nullptr) co_return work();
  auto zip = co_await call.services->offload->run<Result<std::string>>(std::move(work));
  co_return zip;
}

}  // namespace

Task<HttpResponse> download_held(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto bytes = co_await whole_message(call, *id);
  if (!bytes) co_return problem(bytes.error());
  auto zip = co_await locked(call, id->text() + ".eml", std::move(*bytes));
  if (!zip) co_return problem(zip.error());
  const auto noted = co_await record(call, "quarantine.download", id->text());
  if (!noted) co_return problem(noted.error());
  HttpResponse response;
  response.type = "application/zip";
  response.body = std::move(*zip);
  response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}.zip\"", id->text()));
  co_return response;
}

Task<HttpResponse> show_held_body(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto bytes = co_await whole_message(call, *id);
  if (!bytes) co_return problem(bytes.error());
  const auto noted = co_await record(call, "quarantine.read", id->text());
  if (!noted) co_return problem(noted.error());
  HttpResponse response;
  response.type = "message/rfc822";
  response.body = std::move(*bytes);
  response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}.eml\"", id->text()));
  co_return response;
}

}  // namespace mailreeve::web
