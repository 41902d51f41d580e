// SPDX-License-Identifier: Apache-2.0
#include "scan/html_tokens.h"

#include "mail/characters.h"
#include "scan/html.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t tag_name_limit = 40;
constexpr std::size_t attribute_name_limit = 60;

}  // namespace

HtmlTokens::Kind HtmlTokens::next() {
  if (at_ >= html_.size()) return Kind::end;
  const auto open = std::min(html_.find('<', at_), html_.size());
  if (open == at_) {
    ++at_;
    return markup();
  }
  text_ = html_.substr(at_, open - at_);
  at_ = open;
  return Kind::text;
}

HtmlTokens::Kind HtmlTokens::markup() {
  const auto rest = html_.substr(at_);
  if (rest.starts_with("!--")) return comment();
  // "I <3 you" begins no tag.
  const auto begins = [](char c) { return mail::is_alphanumeric(c) && !mail::is_digit(c); };
  const bool is_name = !rest.empty() && (begins(rest.front()) || rest.front() == '/');
  const bool is_odd_end = rest.starts_with('/') && (rest.size() == 1 || !begins(rest[1]));
  if (is_name && !is_odd_end) {
    read_tag();
    return Kind::tag;
  }
  if (is_odd_end || rest.starts_with('!') || rest.starts_with('?')) {
    const auto end = html_.find('>', at_);
    at_ = end == std::string_view::npos ? html_.size() : end + 1;
    text_ = {};
    return Kind::comment;
  }
  text_ = html_.substr(at_ - 1, 1);
  return Kind::text;
}

/// "--!>" ends one too.
HtmlTokens::Kind HtmlTokens::comment() {
  const auto rest = html_.substr(at_);
  // WHATWG 13.2.5.43: "<!-->" and "<!--->" are whole comments.
  if (rest.starts_with("!-->") || rest.starts_with("!--->")) {
    at_ = html_.find('>', at_) + 1;
    text_ = {};
    return Kind::comment;
  }
  const auto start = at_ + 3;
  auto end = html_.find("--", start);
  const auto ends = [this](std::size_t at) {
    return html_.substr(at + 2).starts_with('>') || html_.substr(at + 2).starts_with("!>");
  };
  while (end != std::string_view::npos && !ends(end)) end = html_.find("--", end + 1);
  text_ = html_.substr(start, end - start);
  at_ = end == std::string_view::npos ? html_.size() : html_.find('>', end) + 1;
  return Kind::comment;
}

void HtmlTokens::read_tag() {
  tag_ = {};
  if (html_[at_] == '/') tag_.name = html_[at_++];
  while (at_ < html_.size() && !is_html_blank(html_[at_]) && html_[at_] != '>' && html_[at_] != '/') {
    if (tag_.name.size() < tag_name_limit) tag_.name += mail::to_lower(html_[at_]);
    ++at_;
  }
  while (at_ < html_.size()) {
    while (at_ < html_.size() && (is_html_blank(html_[at_]) || html_[at_] == '/')) ++at_;
    if (at_ >= html_.size()) break;
    if (html_[at_] == '>') {
      ++at_;
      break;
    }
    read_attribute();
  }
}

void HtmlTokens::read_attribute() {
  HtmlAttribute attribute;
  while (at_ < html_.size() && !is_html_blank(html_[at_]) && html_[at_] != '=' && html_[at_] != '>' &&
         html_[at_] != '/') {
    if (attribute.name.size() < attribute_name_limit) attribute.name += mail::to_lower(html_[at_]);
    ++at_;
  }
  auto behind = at_;
  while (behind < html_.size() && is_html_blank(html_[behind])) ++behind;
  if (behind < html_.size() && html_[behind] == '=') {
    at_ = behind + 1;
    while (at_ < html_.size() && is_html_blank(html_[at_])) ++at_;
    attribute.value = read_value();
  } else if (attribute.name.empty()) {
    ++at_;  // something odd: never stand still
  }
  // However many there are, those that matter must not be pushed out; of two of a name the first counts.
  if (attribute.name.size() > 2 && attribute.name.starts_with("on")) tag_.has_event = true;
  const bool matters = std::ranges::find(wanted_, attribute.name) != wanted_.end();
  if (matters && !tag_.has(attribute.name)) tag_.attributes.push_back(std::move(attribute));
}

std::string HtmlTokens::read_value() {
  if (at_ >= html_.size()) return {};
  const char quote = html_[at_];
  std::size_t end = 0;
  auto start = at_;
  if (quote == '"' || quote == '\'') {
    start = at_ + 1;
    end = std::min(html_.find(quote, start), html_.size());
    at_ = std::min(end + 1, html_.size());
  } else {
    end = std::min(html_.find_first_of(" \t\r\n\f>", start), html_.size());
    at_ = end;
  }
  tag_.longest = std::max(tag_.longest, end - start);
  return decode_entities(html_.substr(start, std::min(end - start, value_limit_)), EntitiesIn::attribute);
}

std::optional<std::string_view> HtmlTokens::take_content(const std::string& name) {
  if (std::ranges::find(endless_, name) != endless_.end()) return std::nullopt;
  const auto end = end_of(name);
  if (end == html_.size()) {
    // There is none behind either, so it is not sought again.
    endless_.push_back(name);
    return std::nullopt;
  }
  const auto content = html_.substr(at_, end - at_);
  at_ = end;
  return content;
}

std::string_view HtmlTokens::take_rest() {
  const auto rest = html_.substr(at_);
  at_ = html_.size();
  return rest;
}

std::size_t HtmlTokens::end_of(std::string_view name) const {
  for (auto at = html_.find("</", at_); at != std::string_view::npos; at = html_.find("</", at + 2)) {
    const auto behind = at + 2 + name.size();
    const bool is_whole =
        behind >= html_.size() || is_html_blank(html_[behind]) || html_[behind] == '/' || html_[behind] == '>';
    if (is_whole && mail::equals_ignoring_case(html_.substr(at + 2, name.size()), name)) return at;
  }
  return html_.size();
}

}  // namespace mailreeve::scan
