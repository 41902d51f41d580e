// SPDX-License-Identifier: Apache-2.0
#include "web/learn_routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "base/digest.h"
#include "mail/address.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;

constexpr std::size_t name_limit = 64;
std::span<const std::uint8_t> octets_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

constexpr std::size_t digits = 16;  // of a word's hash

constexpr std::pair<const char*, std::uint32_t store::LessonCounts::*> count_names[] = {
    {"learnt", &store::LessonCounts::learnt},   {"known", &store::LessonCounts::known},
    {"moved", &store::LessonCounts::moved},     {"forgotten", &store::LessonCounts::forgotten},
    {"unknown", &store::LessonCounts::unknown},
};

std::unexpected<Error> bad(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

Result<std::string> unhex(std::string_view text) {
  if (text.empty() || text.size() > 2 * name_limit || text.size() % 2 != 0)
    return bad("message: hex digits of at most 64 octets");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto* const end = text.data() + i + 2;
    const auto [stop, error] = std::from_chars(text.data() + i, end, value, 16);
    if (error != std::errc{} || stop != end) return bad("message: hex digits of at most 64 octets");
    out += static_cast<char>(value);
  }
  return out;
}

Result<std::vector<std::uint64_t>> read_words(std::string_view text) {
  if (text.size() % digits != 0) return bad("words: 16 hex digits each");
  std::vector<std::uint64_t> words;
  words.reserve(text.size() / digits);
  for (std::size_t i = 0; i < text.size(); i += digits) {
    std::uint64_t value = 0;
    const auto* const end = text.data() + i + digits;
    const auto [stop, error] = std::from_chars(text.data() + i, end, value, 16);
    if (error != std::errc{} || stop != end) return bad("words: 16 hex digits each");
    words.push_back(value);
  }
  return words;
}

std::string_view text_of(const bj::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->as_string().data(), value->as_string().size()};
}

Result<store::Lesson> read_lesson(const bj::value& value) {
  if (!value.is_object()) return bad("lessons: objects with message, as and words");
  const auto& object = value.as_object();
  store::Lesson lesson;
  auto message = unhex(text_of(object, "message"));
  if (!message) return fail(message);
  lesson.message = std::move(*message);
  const auto as = text_of(object, "as");
  if (as == "spam" || as == "ham") {
    lesson.as = as == "spam" ? store::MailClass::spam : store::MailClass::ham;
  } else if (as != "forget") {
    return bad("as: write spam, ham or forget");
  }
  auto words = read_words(text_of(object, "words"));
  if (!words) return fail(words);
  lesson.words = std::move(*words);
  return lesson;
}

/// "" or a domain as recipients have it.
Result<std::string> read_scope(std::string_view text) {
  if (text.empty()) return std::string{};
  const auto domain = mail::Domain::parse(text);
  if (!domain || domain->is_literal()) return bad(fmt::format("scope: \"{}\" is no domain", readable(text)));
  return domain->text();
}

}  // namespace

std::string lesson_request(const std::string& scope, const std::vector<store::Lesson>& lessons) {
  bj::array all;
  for (const auto& lesson : lessons) {
    std::string words;
    words.reserve(lesson.words.size() * digits);
    for (const auto word : lesson.words) fmt::format_to(std::back_inserter(words), "{:016x}", word);
    const auto* const as = !lesson.as ? "forget" : (*lesson.as == store::MailClass::spam ? "spam" : "ham");
    all.push_back(bj::object{{"message", hex(octets_of(lesson.message))}, {"as", as}, {"words", std::move(words)}});
  }
  return bj::serialize(bj::object{{"scope", scope}, {"lessons", std::move(all)}});
}

Result<LessonRequest> read_lesson_request(std::string_view body) {
  bj::error_code error;
  const auto value = bj::parse({body.data(), body.size()}, error);
  if (error || !value.is_object()) return bad("the body must be a JSON object with scope and lessons");
  LessonRequest request;
  auto scope = read_scope(text_of(value.as_object(), "scope"));
  if (!scope) return fail(scope);
  request.scope = std::move(*scope);
  const auto* lessons = value.as_object().if_contains("lessons");
  if (lessons == nullptr || !lessons->is_array()) return bad("lessons: a list");
  for (const auto& one : lessons->as_array()) {
    auto lesson = read_lesson(one);
    if (!lesson) return fail(lesson);
    request.lessons.push_back(std::move(*lesson));
  }
  return request;
}

Result<store::LessonCounts> lesson_answer(std::string_view body) {
  bj::error_code error;
  const auto value = bj::parse({body.data(), body.size()}, error);
  if (error || !value.is_object()) return fail(ErrorKind::invalid, "the gateway's answer is not understood");
  store::LessonCounts counts;
  for (const auto& [key, member] : count_names) {
    const auto* number = value.as_object().if_contains(key);
    if (number == nullptr || !number->is_int64())
      return fail(ErrorKind::invalid, "the gateway's answer is not understood");
    counts.*member = static_cast<std::uint32_t>(number->as_int64());
  }
  return counts;
}

Task<net::HttpResponse> show_learnt(Call call) {
  if (call.services->words == nullptr) co_return problem(503, "Unavailable", "nothing is learnt here");
  const auto given = call.request.query.find("scope");
  const auto scope =
      read_scope(given == call.request.query.end() ? std::string_view{} : std::string_view{given->second});
  if (!scope) co_return problem(400, "Bad request", scope.error().text);
  const auto messages = call.services->words->messages(*scope);
  co_return json(bj::object{{"spam", messages.spam}, {"ham", messages.ham}});
}

Task<net::HttpResponse> learn(Call call) {
  if (call.services->words == nullptr) co_return problem(503, "Unavailable", "nothing is learnt here");
  auto request = read_lesson_request(call.request.body);
  if (!request) co_return problem(400, "Bad request", request.error().text);
  const auto counts = co_await call.services->words->learn(std::move(request->scope), std::move(request->lessons));
  if (!counts) co_return problem(counts.error());
  bj::object answer;
  for (const auto& [key, member] : count_names) answer[key] = static_cast<std::int64_t>((*counts).*member);
  co_return json(answer);
}

}  // namespace mailreeve::web
