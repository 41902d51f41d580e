// SPDX-License-Identifier: Apache-2.0
#include "judge/keywords.h"

#include <fmt/format.h>
#include <hs/hs.h>

#include <algorithm>

#include "judge/pattern_cost.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

using In = KeywordRule::In;

constexpr std::size_t shown = 60;  // octets of a match
// Measured: a set at these bounds compiles within seconds, `.{0,1000}` takes minutes.
constexpr std::size_t largest_repeat = 100;
constexpr std::size_t most_repeated = 300;       // characters of one pattern, see PatternCost
constexpr std::size_t most_repeated_all = 3000;  // of all together
constexpr std::size_t most_octets = 256U << 10;  // of all patterns
constexpr unsigned flags = HS_FLAG_UTF8 | HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH;

std::string_view name(In place) {
  constexpr std::string_view names[] = {"subject", "body", "headers", "names", "urls"};
  return names[static_cast<std::size_t>(place)];
}

std::unexpected<Error> wrong(const KeywordRule& rule, std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("match of \"{}\": {}", rule.name, why));
}

/// What Vectorscan says, as something to do.
std::string advice(std::string_view message) {
  if (message.find("ALLOWEMPTY") != std::string_view::npos) {
    return "it matches empty text, and so every message; write what must be there at least";
  }
  if (message.find("too large") != std::string_view::npos) {
    return "it is too large to be compiled; write shorter repeats, .* for any distance, or several rules";
  }
  return std::string{message};
}

/// Nothing stops the compiler once it has begun, so what it cannot do in time is refused before.
Result<void> check_cost(const std::vector<KeywordRule>& rules) {
  std::size_t all = 0;
  std::size_t octets = 0;
  for (const auto& rule : rules) {
    const auto cost = cost_of(rule.pattern);
    if (cost.largest > largest_repeat) {
      return wrong(rule, fmt::format("a repeat of {} is too long to be compiled in time; write at most {}, as in "
                                     ".{{0,{}}}, or .* for any distance",
                                     cost.largest, largest_repeat, largest_repeat));
    }
    if (cost.repeated > most_repeated) {
      return wrong(rule, fmt::format("its repeats are {} characters when multiplied out, {} are possible; write "
                                     "shorter repeats, or .* for any distance",
                                     cost.repeated, most_repeated));
    }
    all += cost.repeated;
    octets += rule.pattern.size();
    if (all > most_repeated_all) {
      return wrong(rule, fmt::format("with it the repeats of all rules are more than {} characters when multiplied "
                                     "out; write .* for any distance where you can",
                                     most_repeated_all));
    }
    if (octets > most_octets) {
      return wrong(rule, fmt::format("with it all patterns together are longer than {} octets", most_octets));
    }
  }
  return {};
}

struct Look {
  const std::vector<KeywordRule>* rules;
  std::vector<KeywordHit>* hits;
  std::string_view text;
  In place;
};

int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  auto& look = *static_cast<Look*>(context);
  const auto& rule = (*look.rules)[id];
  const bool is_wanted = std::ranges::find(rule.in, look.place) != rule.in.end();
  const bool is_known = std::ranges::any_of(*look.hits, [id](const auto& hit) { return hit.rule == id; });
  if (!is_wanted || is_known) return 0;
  const auto end = std::min<std::size_t>(to, look.text.size());
  auto start = end > shown ? end - shown : 0;
  while (start < end && (static_cast<unsigned char>(look.text[start]) & 0xc0) == 0x80) ++start;
  look.hits->push_back({id, fmt::format("in the {}: ...{}", name(look.place),
                                        scan::clean_text(look.text.substr(start, end - start), shown))});
  return 0;
}

}  // namespace

/// Vectorscan's memory for one search under way.
class KeywordSet::Scratch {
 public:
  explicit Scratch(const KeywordSet& set) : set_{set} {
    std::lock_guard lock{set.mutex_};
    if (!set.idle_.empty()) {
      scratch_ = set.idle_.back();
      set.idle_.pop_back();
    } else if (::hs_clone_scratch(set.prototype_, &scratch_) != HS_SUCCESS) {
      scratch_ = nullptr;
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (scratch_ == nullptr) return;
    std::lock_guard lock{set_.mutex_};
    set_.idle_.push_back(scratch_);
  }
  hs_scratch* get() const { return scratch_; }

 private:
  const KeywordSet& set_;
  hs_scratch* scratch_ = nullptr;
};

KeywordSet::~KeywordSet() {
  for (auto* scratch : idle_) ::hs_free_scratch(scratch);
  ::hs_free_scratch(prototype_);
  ::hs_free_database(database_);
}

Result<std::shared_ptr<const KeywordSet>> KeywordSet::compile(std::vector<KeywordRule> rules) {
  std::shared_ptr<KeywordSet> set{new KeywordSet{std::move(rules)}};
  if (set->rules_.empty()) return set;
  auto affordable = check_cost(set->rules_);
  if (!affordable) return fail(affordable);
  std::vector<const char*> patterns;
  std::vector<unsigned> ids, all_flags;
  for (const auto& rule : set->rules_) {
    if (rule.pattern.find('\0') != std::string::npos) return wrong(rule, "a NUL character; write \\x00");
    ids.push_back(static_cast<unsigned>(patterns.size()));
    patterns.push_back(rule.pattern.c_str());
    all_flags.push_back(flags);
  }
  hs_compile_error_t* error = nullptr;
  if (::hs_compile_multi(patterns.data(), all_flags.data(), ids.data(), static_cast<unsigned>(patterns.size()),
                         HS_MODE_BLOCK, nullptr, &set->database_, &error) != HS_SUCCESS) {
    const auto which = error != nullptr && error->expression >= 0 ? static_cast<std::size_t>(error->expression) : 0;
    const auto text = error == nullptr ? std::string{"cannot be compiled"} : advice(error->message);
    ::hs_free_compile_error(error);
    return wrong(set->rules_[std::min(which, set->rules_.size() - 1)], text);
  }
  if (::hs_alloc_scratch(set->database_, &set->prototype_) != HS_SUCCESS)
    return fail(ErrorKind::internal, "keywords: no memory");
  return set;
}

void KeywordSet::look(In place, std::string_view text, hs_scratch* scratch, std::vector<KeywordHit>& hits) const {
  if (text.empty()) return;
  // On what is no UTF-8 Vectorscan may do anything, and a report is only as good as the process that wrote it.
  std::string clean;
  if (!mail::is_safe_utf8(text)) text = clean = scan::clean_text(text, text.size() * 3);
  Look look{&rules_, &hits, text, place};
  ::hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch, on_match, &look);
}

std::vector<KeywordHit> KeywordSet::search(const scan::ContentReport& content, std::string_view header) const {
  std::vector<KeywordHit> hits;
  if (database_ == nullptr) return hits;
  const Scratch scratch{*this};
  if (scratch.get() == nullptr) return hits;
  const auto wants = [this](In place) {
    return std::ranges::any_of(
        rules_, [place](const auto& rule) { return std::ranges::find(rule.in, place) != rule.in.end(); });
  };
  if (wants(In::subject))
    look(In::subject, scan::readable_text(content.subject, content.subject.size()), scratch.get(), hits);
  if (wants(In::body)) look(In::body, content.text, scratch.get(), hits);
  constexpr std::size_t header_octets = 64U << 10;
  if (wants(In::headers)) look(In::headers, scan::clean_text(header, header_octets), scratch.get(), hits);
  if (wants(In::names)) {
    for (const auto& item : content.items) {
      for (const auto& one : item.names) look(In::names, one, scratch.get(), hits);
    }
  }
  if (wants(In::urls)) {
    for (const auto& link : content.links) look(In::urls, link.url, scratch.get(), hits);
  }
  return hits;
}

}  // namespace mailreeve::judge
