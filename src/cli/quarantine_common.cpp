// SPDX-License-Identifier: Apache-2.0
#include "cli/quarantine_common.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/call_gateway.h"
#include "cli/dns_options.h"
#include "cli/time_argument.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

constexpr std::size_t page_size = 200;
constexpr const char* times[] = {"--since", "--until"};

}  // namespace

std::vector<Parameter> held_filter_parameters() {
  using Kind = Parameter::Kind;
  return {
      {"--sender", Kind::value, "Words of the envelope sender or the shown From", "WORDS"},
      {"--recipient", Kind::value, "Held for this address; with an action, only for it", "ADDRESS"},
      {"--subject", Kind::value, "Words of the subject", "WORDS"},
      {"--finding", Kind::value, "With this finding, or one below it", "CODE"},
      {"--text", Kind::value, "Words anywhere in it", "WORDS"},
      {"--since", Kind::value, "Not older: \"2h\", \"3d\", or a date", "TIME"},
      {"--until", Kind::value, "Not newer", "TIME"},
      {"--kind", Kind::value, "held (the sender was told 250) or refused (copies of what was refused)", "KIND"},
      {"--state", Kind::value, "waiting, asked, released, deleted or any (else waiting and asked)", "STATE"},
  };
}

bool has_held_filter(const Arguments& arguments, bool but_recipient) {
  const auto all = held_filter_parameters();
  return std::ranges::any_of(all, [&](const Parameter& parameter) {
    return arguments.has(parameter.name) && !(but_recipient && parameter.name == "--recipient");
  });
}

Result<std::map<std::string, std::string>> held_filter_query(const Arguments& arguments) {
  net::HttpRequest request;
  for (const auto& parameter : held_filter_parameters()) {
    if (std::ranges::find(times, parameter.name) != std::end(times)) continue;
    if (auto value = arguments.value(parameter.name)) request.query[parameter.name.substr(2)] = *value;
  }
  const auto timed = add_times(arguments, request);
  if (!timed) return std::unexpected(timed.error());
  return std::move(request.query);
}

Result<bj::value> ask_json(const config::Settings& settings, const net::HttpRequest& request) {
  const auto answer = ask_queue(settings, request);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 200) {
    return fail(answer->status == 404 ? ErrorKind::not_found : ErrorKind::refused, explain(*answer));
  }
  bj::error_code error;
  auto value = bj::parse(answer->body, error);
  if (error || !value.is_object()) return fail(ErrorKind::invalid, "the gateway's answer is not understood");
  return value;
}

Result<bj::array> list_held_items(const config::Settings& settings, std::map<std::string, std::string> query,
                                  std::size_t limit) {
  bj::array items;
  while (items.size() < limit) {
    query["limit"] = fmt::to_string(std::min(page_size, limit - items.size()));
    const net::HttpRequest request{.method = "GET", .path = "/api/v1/quarantine", .query = query, .body = {}};
    const auto page = ask_json(settings, request);
    if (!page) return std::unexpected(page.error());
    const auto* found = page->as_object().if_contains("items");
    if (found == nullptr || !found->is_array()) {
      return fail(ErrorKind::invalid, "the gateway's answer is not understood");
    }
    for (const auto& item : found->as_array()) {
      if (item.is_object()) items.push_back(item);
    }
    const auto* next = page->as_object().if_contains("next");
    if (next == nullptr || !next->is_string()) break;
    query["cursor"] = std::string{next->as_string()};
  }
  return items;
}

std::string text_in(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? shown(std::string{value->as_string()}) : std::string{};
}

std::string texts_in(const bj::object& object, std::string_view key) {
  std::string out;
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return out;
  for (const auto& one : value->as_array()) {
    if (one.is_string()) out += (out.empty() ? "" : ", ") + shown(std::string{one.as_string()});
  }
  return out;
}

}  // namespace mailreeve::cli
