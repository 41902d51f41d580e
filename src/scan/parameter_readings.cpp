// SPDX-License-Identifier: Apache-2.0
// What programs make of the parameters of one name.
#include <algorithm>

#include "mail/characters.h"
#include "scan/charset.h"
#include "scan/parameters.h"
#include "scan/percent.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t reading_limit = 64;
constexpr std::size_t name_limit = 1000;  // octets of a reading
constexpr std::size_t decoded_limit = 256U << 10;

class Readings {
 public:
  explicit Readings(bool decode) : decode_{decode} {}

  void add(std::string value) {
    // The ending of a name must not be lost.
    if (value.size() > name_limit && decode_) value.erase(name_limit / 2, value.size() - name_limit);
    if (value.size() > name_limit) value.resize(name_limit);
    const auto nul = value.find('\0');
    if (nul != std::string::npos) add_once(value.substr(0, nul));  // where C ends a string
    add_once(std::move(value));
  }

  /// "utf-8'en'na%C3%AFve": charset, language, text (RFC 2231 4).
  void add_extended(std::string_view text) {
    for (auto& value : extended(text)) add(std::move(value));
  }

  std::vector<std::string> extended(std::string_view text) const {
    const auto first = text.find('\'');
    const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
    if (second == std::string_view::npos) return {percent_decoded(text)};
    const auto encoded = text.substr(second + 1);
    const auto bytes = percent_decoded(encoded);
    const auto charset = text.substr(0, first);
    std::vector<std::string> values{decode_ ? to_utf8(bytes, charset, decoded_limit).utf8 : bytes};
    // RFC 2781 4.3 makes it big-endian without a mark; most programs do otherwise.
    if (decode_ && mail::lower(charset) == "utf-16") values.push_back(to_utf8(bytes, "utf-16le", decoded_limit).utf8);
    // No apostrophe may stand in it: some end there.
    if (const auto third = encoded.find('\''); third != std::string_view::npos) {
      for (auto& shorter : extended(text.substr(0, second + 1 + third))) values.push_back(std::move(shorter));
    }
    return values;
  }

  void add_plain(const std::string& value) {
    // RFC 2047 5 forbids encoded words here; nearly every program writes and reads them.
    if (has_encoded_word(value)) add(decode_words(value, decoded_limit));
    add(decode_ ? to_utf8(value, {}, decoded_limit).utf8 : value);
  }

  std::vector<std::string> take() { return std::move(readings_); }

 private:
  void add_once(std::string value) {
    if (readings_.size() < reading_limit && std::ranges::find(readings_, value) == readings_.end()) {
      readings_.push_back(std::move(value));
    }
  }

  bool decode_;
  std::vector<std::string> readings_;
};

/// RFC 2231 3: sections joined by number, whatever order they came in; a gap ends the value. Then what other programs
/// make of them.
void add_sections(const ParameterList& list, std::string_view name, Readings& readings) {
  std::vector<const Parameter*> sections;
  for (const auto& parameter : list.parameters) {
    if (parameter.name == name && parameter.section >= 0) sections.push_back(&parameter);
  }
  if (sections.empty()) return;
  std::ranges::sort(sections, [](const Parameter* one, const Parameter* other) {
    return one->section != other->section ? one->section < other->section : one < other;
  });
  std::string joined, all, each, everything;
  bool extended = false;
  bool repeated = false;
  int next = 0;
  int last = -1;
  for (const auto* parameter : sections) {
    everything += parameter->value;
    if (parameter->section == last) {
      repeated = true;
      continue;
    }
    last = parameter->section;
    extended = extended || parameter->extended;
    all += parameter->value;
    each += parameter->extended ? readings.extended(parameter->value).front() : parameter->value;
    if (parameter->section != next) continue;
    ++next;
    joined += parameter->value;
  }
  const auto add = [&](const std::string& value) {
    if (extended) {
      readings.add_extended(value);
    } else {
      readings.add_plain(value);
    }
  };
  if (!joined.empty()) add(joined);
  if (all != joined) add(all);                  // to some a gap is none
  if (sections.size() > 1) readings.add(each);  // as if every section were whole
  if (!repeated) return;
  add(everything);
  for (const auto* parameter : sections) add(parameter->value);
}

std::vector<std::string> read(const ParameterList& list, std::string_view name, bool decode) {
  Readings readings{decode};
  add_sections(list, name, readings);
  for (const auto& parameter : list.parameters) {
    if (parameter.name == name && parameter.section < 0 && parameter.extended) readings.add_extended(parameter.value);
  }
  for (const auto& parameter : list.parameters) {
    if (parameter.name == name && parameter.section < 0 && !parameter.extended) readings.add_plain(parameter.value);
  }
  return readings.take();
}

}  // namespace

std::vector<std::string> readings_of(const ParameterList& list, std::string_view name) {
  return read(list, name, true);
}

std::vector<std::string> raw_readings_of(const ParameterList& list, std::string_view name) {
  return read(list, name, false);
}

}  // namespace mailreeve::scan
