// SPDX-License-Identifier: Apache-2.0
#include "web/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "store/vault.h"
#include "web/call.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;

constexpr std::size_t most_ids = 1000;
constexpr std::size_t largest_page = 200;

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

}  // namespace

Result<bj::object> read_object(const net::HttpRequest& request, std::span<const std::string_view> members) {
  bj::error_code error;
  bj::parse_options options;
  options.max_depth = 8;
  auto value = bj::parse({request.body.data(), request.body.size()}, error, {}, options);
  if (error || !value.is_object()) return wrong("the body must be a JSON object");
  for (const auto& member : value.as_object()) {
    const std::string_view key{member.key().data(), member.key().size()};
    if (std::ranges::find(members, key) == members.end()) {
      return wrong(fmt::format("there is no member \"{}\" here; known are {}", readable(key.substr(0, 60)),
                               fmt::join(members, ", ")));
    }
  }
  return std::move(value.as_object());
}

Result<std::optional<std::string>> text_member(const bj::object& object, std::string_view name, std::size_t limit) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>{};
  if (!value->is_string() || value->as_string().size() > limit) {
    return wrong(fmt::format("{} must be a text of at most {} octets", name, limit));
  }
  return std::string{value->as_string().data(), value->as_string().size()};
}

Result<std::string> required_text(const bj::object& object, std::string_view name, std::size_t limit) {
  auto text = text_member(object, name, limit);
  if (!text) return fail(text);
  if (!*text) return wrong(fmt::format("{} is missing", name));
  return std::move(**text);
}

Result<std::vector<MessageId>> ids_member(const bj::object& object) {
  const auto* value = object.if_contains("ids");
  if (value == nullptr || !value->is_array() || value->as_array().empty() || value->as_array().size() > most_ids) {
    return wrong(fmt::format("ids must be a list of 1 to {} ids", most_ids));
  }
  std::vector<MessageId> ids;
  for (const auto& one : value->as_array()) {
    const auto id = one.is_string() ? MessageId::parse({one.as_string().data(), one.as_string().size()})
                                    : std::optional<MessageId>{};
    if (!id) return wrong("ids must be a list of ids");
    if (std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

Result<PageQuery> read_page_query(const net::HttpRequest& request, std::span<const std::string_view> others) {
  PageQuery query;
  for (const auto& [key, value] : request.query) {
    if (key == "text") {
      if (!store::has_word(value)) return wrong("text: there is no word in it to look for");
      query.text = value;
    } else if (key == "limit") {
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), query.limit);
      const bool whole = parsed.ec == std::errc{} && parsed.ptr == value.data() + value.size();
      if (!whole || query.limit < 1 || query.limit > largest_page) {
        return wrong(fmt::format("limit must be a number from 1 to {}", largest_page));
      }
    } else if (key == "cursor") {
      query.cursor = MessageId::parse(value);
      if (!query.cursor) return wrong("cursor must be what an earlier page gave as next");
    } else if (std::ranges::find(others, key) != others.end()) {
      query.others[key] = value;
    } else {
      return wrong(fmt::format("there is no filter \"{}\"", readable(key.substr(0, 60))));
    }
  }
  return query;
}

}  // namespace mailreeve::web
