// SPDX-License-Identifier: Apache-2.0
#include "scan/parameters.h"

#include <algorithm>
#include <charconv>

#include "mail/characters.h"
#include "mail/header.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t value_limit = 64U << 10;
constexpr std::size_t parameter_limit = 200;
constexpr std::size_t comment_depth = 100;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// RFC 2045 5.1: none of these is in a token.
constexpr std::string_view specials = "()<>@,;:\\\"/[]?= \t\r\n";

enum class Comments : std::uint8_t { known, unknown };

class Reader {
 public:
  Reader(std::string_view text, Comments comments) : text_{text}, comments_{comments} {}

  ParameterList run() {
    ParameterList list;
    list.value = mail::lower(head(list));
    if (list.value.find('=') != std::string::npos) {
      // A parameter where the value should be: some take it for one.
      list.odd = true;
      const auto end = at_;
      at_ = 0;
      parameter(list);
      at_ = end;
    }
    while (at_ < text_.size() && list.parameters.size() < parameter_limit) {
      ++at_;  // the semicolon
      parameter(list);
    }
    list.cut = at_ < text_.size();
    return list;
  }

 private:
  std::string head(ParameterList& list) {
    std::string out;
    while (at_ < text_.size() && text_[at_] != ';') {
      if (is_comment()) {
        comment(list);
      } else if (is_blank(text_[at_])) {
        ++at_;
        skip(list);
        // A second word without a semicolon: "text/plain charset=x".
        if (at_ < text_.size() && text_[at_] != ';' && !out.empty() && !out.ends_with('/') && text_[at_] != '/') {
          list.odd = true;
          --at_;
          return out;
        }
      } else {
        out += text_[at_++];
      }
    }
    return out;
  }

  bool is_comment() const { return comments_ == Comments::known && text_[at_] == '('; }

  void comment(ParameterList& list) {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '(') {
        if (++depth > comment_depth) list.odd = true;
      } else if (text_[at_] == ')' && --depth == 0) {
        ++at_;
        return;
      }
    }
    at_ = text_.size();
    list.odd = true;
  }

  void skip(ParameterList& list) {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        ++at_;
      } else if (is_comment()) {
        comment(list);
      } else {
        return;
      }
    }
  }

  void parameter(ParameterList& list) {
    skip(list);
    std::string name;
    while (at_ < text_.size() && text_[at_] != '=' && text_[at_] != ';') {
      if (is_comment()) {
        comment(list);
        continue;
      }
      if (!is_blank(text_[at_])) name += text_[at_];
      ++at_;
    }
    if (at_ >= text_.size() || text_[at_] == ';') {
      if (!name.empty()) list.odd = true;
      return;
    }
    ++at_;
    skip(list);
    Parameter parameter;
    parameter.name = mail::lower(name);
    take_asterisks(parameter, list);
    if (at_ < text_.size() && text_[at_] == '"') {
      quoted_value(parameter, list);
    } else {
      token_value(parameter, list);
    }
  }

  static void add(ParameterList& list, const Parameter& like, std::string_view value) {
    auto parameter = like;
    parameter.value = mail::unfolded(value);
    list.parameters.push_back(std::move(parameter));
  }

  void quoted_value(const Parameter& like, ParameterList& list) {
    const auto start = at_;
    const auto index = list.parameters.size();
    if (!quoted(like, list)) {
      // Nothing ends it: some end it at the semicolon.
      list.odd = true;
      at_ = start;
      const auto rest = token();
      add(list, like, rest);
      add(list, like, std::string_view{rest}.substr(1));
      return;
    }
    const std::string value = list.parameters[index].value;
    const auto end = at_;
    skip(list);
    if (at_ >= text_.size() || text_[at_] == ';') return;
    list.odd = true;
    // name="a"b: some read `a`, some `ab`, some `"a"b`.
    const bool goes_on = next_is_parameter();
    const auto next = at_ - 1;
    at_ = end;
    const auto rest = token();
    if (!goes_on) add(list, like, value + rest);
    const auto whole = trimmed(text_.substr(start, at_ - start));
    add(list, like, whole);
    if (whole.size() > 2 && whole.ends_with('"')) add(list, like, whole.substr(1, whole.size() - 2));
    if (goes_on) at_ = next;
  }

  void token_value(const Parameter& like, ParameterList& list) {
    const auto start = at_;
    const auto value = token();
    const auto end = at_;
    const auto special = value.find_first_of(specials);
    if (special == std::string::npos) {
      add(list, like, value);
      return;
    }
    list.odd = true;
    // name=report final.exe: some read to the blank, some to the semicolon.
    const auto word = value.find_first_of(" \t\r\n");
    if (word != std::string::npos) {
      add(list, like, value.substr(0, word));
      // A forgotten semicolon: what follows is a parameter of its own, too.
      at_ = start + word + 1;
      skip(list);
      if (next_is_parameter()) {
        --at_;
      } else {
        at_ = end;
      }
    }
    add(list, like, value);
    // By the grammar it ends at the first of these: of interest where that is another ending.
    const auto cut = value.substr(0, special);
    if (like.name != "boundary" && cut.find('.') != std::string::npos) add(list, like, cut);
    if (value.ends_with('"')) add(list, like, value.substr(0, value.size() - 1));
    // To some, a semicolon between quotes ends nothing, wherever the quotes stand.
    // Once a field, so that many cost no time.
    if (!across_quotes_ && std::ranges::count(value, '"') % 2 == 1) {
      across_quotes_ = true;
      add(list, like, token_across_quotes(start));
    }
    if (value.starts_with('<') && value.ends_with('>')) add(list, like, value.substr(1, value.size() - 2));
  }

  /// "name=" follows, before any semicolon or blank.
  bool next_is_parameter() const {
    const auto end = text_.find_first_of("=; \t\r\n\"", at_);
    return end != std::string_view::npos && end > at_ && text_[end] == '=';
  }

  void take_asterisks(Parameter& parameter, ParameterList& list) {
    if (parameter.name.ends_with('*')) {
      parameter.extended = true;
      parameter.name.pop_back();
    }
    const auto star = parameter.name.find('*');
    if (star == std::string::npos) return;
    const auto number = std::string_view{parameter.name}.substr(star + 1);
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), parameter.section);
    if (parsed.ec != std::errc{} || parsed.ptr != number.data() + number.size() || parameter.section < 0) {
      parameter.section = -1;
      list.odd = true;
    }
    parameter.name.resize(star);
  }

  static std::string_view ending(std::string_view name) { return name.substr(std::min(name.rfind('.'), name.size())); }

  /// False when no quote ends it.
  bool quoted(const Parameter& like, ParameterList& list) {
    std::string out;
    std::string as_written;  // "C:\dir\a.exe": not everybody undoes escapes
    std::string joined;      // some take the blanks behind a fold for its own
    bool in_fold = false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        add(list, like, out);
        if (as_written.size() != out.size()) add(list, like, as_written);
        if (ending(joined) != ending(out)) add(list, like, joined);
        return true;
      }
      if (c == '\r' || c == '\n') {
        in_fold = true;
        continue;
      }
      in_fold = in_fold && (c == ' ' || c == '\t');
      if (c == '\\' && at_ + 1 < text_.size()) {
        as_written += c;
        ++at_;
      }
      out += text_[at_];
      as_written += text_[at_];
      if (!in_fold) joined += text_[at_];
    }
    add(list, like, out);
    return false;
  }

  static std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
  }

  std::string_view token_across_quotes(std::size_t start) const {
    bool quoted = false;
    auto end = start;
    for (; end < text_.size() && (quoted || text_[end] != ';'); ++end) {
      if (text_[end] == '"') quoted = !quoted;
    }
    return trimmed(text_.substr(start, end - start));
  }

  std::string token() {
    const auto end = std::min(text_.find(';', at_), text_.size());
    const std::string out{trimmed(text_.substr(at_, end - at_))};
    at_ = end;
    return out;
  }

  std::string_view text_;
  Comments comments_;
  std::size_t at_ = 0;
  bool across_quotes_ = false;  // a reading that ignores semicolons between quotes is there
};

}  // namespace

ParameterList parse_parameters(std::string_view field_value) {
  const auto text = field_value.substr(0, value_limit);
  auto list = Reader{text, Comments::known}.run();
  if (text.find('(') != std::string_view::npos) {
    // Few programs know comments: what stands in one, or is hidden by one that never ends, may count.
    const auto other = Reader{text, Comments::unknown}.run();
    list.parameters.insert(list.parameters.end(), other.parameters.begin(), other.parameters.end());
    list.cut = list.cut || other.cut;
  }
  if (field_value.size() > value_limit) list.odd = list.cut = true;
  return list;
}

}  // namespace mailreeve::scan
