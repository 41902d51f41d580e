// SPDX-License-Identifier: Apache-2.0
#include "scan/parameters.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "mail/characters.h"
#include "mail/header.h"
#include "scan/charset.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t value_limit = 64U << 10;
constexpr std::size_t parameter_limit = 200;
constexpr std::size_t reading_limit = 8;
constexpr std::size_t name_limit = 1000;  // octets of a reading
constexpr std::size_t comment_depth = 100;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}

  ParameterList run() {
    ParameterList list;
    list.value = mail::lower(head(list));
    while (at_ < text_.size() && list.parameters.size() < parameter_limit) {
      ++at_;  // the semicolon
      parameter(list);
    }
    return list;
  }

 private:
  std::string head(ParameterList& list) {
    std::string out;
    while (at_ < text_.size() && text_[at_] != ';') {
      if (text_[at_] == '(') {
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
      } else if (text_[at_] == '(') {
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
      quoted(parameter.value, list);
      skip(list);
      if (at_ < text_.size() && text_[at_] != ';') {
        list.odd = true;
        // name="a"b: some read `a`, some `ab`.
        if (next_is_parameter()) {
          list.parameters.push_back(std::move(parameter));
          --at_;
          return;
        }
        auto longer = parameter;
        longer.value += token();
        list.parameters.push_back(std::move(parameter));
        list.parameters.push_back(std::move(longer));
        return;
      }
    } else {
      const auto start = at_;
      parameter.value = token();
      const auto word = parameter.value.find_first_of(" \t\r\n");
      if (word != std::string::npos) {
        // name=report final.exe: some read to the blank, some to the semicolon.
        list.odd = true;
        auto longer = parameter;
        parameter.value.resize(word);
        // A forgotten semicolon: what follows is a parameter of its own, too.
        const auto end = at_;
        at_ = start + word + 1;
        skip(list);
        if (next_is_parameter()) {
          --at_;
        } else {
          at_ = end;
        }
        list.parameters.push_back(std::move(parameter));
        list.parameters.push_back(std::move(longer));
        return;
      }
    }
    list.parameters.push_back(std::move(parameter));
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

  void quoted(std::string& out, ParameterList& list) {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\r' || c == '\n') continue;
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_];
    }
    list.odd = true;
  }

  std::string token() {
    const auto end = std::min(text_.find(';', at_), text_.size());
    std::string out{text_.substr(at_, end - at_)};
    while (!out.empty() && is_blank(out.back())) out.pop_back();
    at_ = end;
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

int hex_value(char c) {
  const char low = mail::to_lower(c);
  if (mail::is_digit(c)) return c - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// "utf-8'en'na%C3%AFve": charset, language, text (RFC 2231 4).
std::string extended_value(std::string_view text, bool decode) {
  const auto first = text.find('\'');
  const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
  if (second == std::string_view::npos) return percent_decoded(text);
  const auto bytes = percent_decoded(text.substr(second + 1));
  return decode ? to_utf8(bytes, text.substr(0, first), name_limit).utf8 : bytes;
}

void add(std::vector<std::string>& readings, std::string value) {
  if (value.size() > name_limit) value.resize(name_limit);
  if (readings.size() < reading_limit && std::ranges::find(readings, value) == readings.end()) {
    readings.push_back(std::move(value));
  }
}

std::vector<std::string> read(const ParameterList& list, std::string_view name, bool decode) {
  std::vector<std::string> readings;
  // RFC 2231 3: sections joined by number, whatever order they came in; a gap ends the value.
  std::map<int, const Parameter*> sections;
  for (const auto& parameter : list.parameters) {
    if (parameter.name == name && parameter.section >= 0) sections.try_emplace(parameter.section, &parameter);
  }
  std::string joined;
  bool extended = false;
  int next = 0;
  for (const auto& [number, parameter] : sections) {
    if (number != next++) break;
    extended = extended || parameter->extended;
    joined += parameter->value;
  }
  if (!joined.empty()) add(readings, extended ? extended_value(joined, decode) : joined);
  // Programs that know nothing of sections, and those that do not mind a gap, see these.
  if (sections.size() > 1) {
    std::string all;
    for (const auto& [number, parameter] : sections) all += parameter->value;
    if (all != joined) add(readings, extended ? extended_value(all, decode) : all);
    std::string each;  // as if every section were whole
    for (const auto& [number, parameter] : sections) {
      each += parameter->extended ? extended_value(parameter->value, decode) : parameter->value;
    }
    add(readings, std::move(each));
  }
  for (const auto& parameter : list.parameters) {
    if (parameter.name == name && parameter.section < 0 && parameter.extended) {
      add(readings, extended_value(parameter.value, decode));
    }
  }
  for (const auto& parameter : list.parameters) {
    if (parameter.name != name || parameter.section >= 0 || parameter.extended) continue;
    if (!decode) {
      add(readings, parameter.value);
      continue;
    }
    // RFC 2047 5 forbids encoded words here; nearly every program writes and reads them.
    if (has_encoded_word(parameter.value)) add(readings, decode_words(parameter.value, name_limit));
    add(readings, to_utf8(parameter.value, {}, name_limit).utf8);
  }
  return readings;
}

}  // namespace

ParameterList parse_parameters(std::string_view field_value) {
  const auto text = field_value.substr(0, value_limit);
  auto list = Reader{text}.run();
  if (field_value.size() > value_limit) list.odd = true;
  return list;
}

std::vector<std::string> readings_of(const ParameterList& list, std::string_view name) {
  return read(list, name, true);
}

std::vector<std::string> raw_readings_of(const ParameterList& list, std::string_view name) {
  return read(list, name, false);
}

}  // namespace mailreeve::scan
