// SPDX-License-Identifier: Apache-2.0
#include "store/memory_word_counts.h"

#include <algorithm>
#include <mutex>

namespace mailreeve::store {
namespace {

std::uint32_t changed(std::uint32_t count, std::int64_t by) {
  const auto sum = static_cast<std::int64_t>(count) + by;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(sum, 0, UINT32_MAX));
}

WordCount changed(WordCount count, const WordTable::Change& by) {
  return {changed(count.spam, by.spam), changed(count.ham, by.ham)};
}

class MemoryWordCounts final : public WordCounts {
 public:
  WordCount messages(std::string_view scope) const override { return table_.messages(scope); }
  void look(std::string_view scope, std::span<const std::uint64_t> words, std::span<WordCount> counts) const override {
    table_.look(scope, words, counts);
  }
  Task<Result<LessonCounts>> learn(std::string scope, std::vector<Lesson> lessons) override {
    const std::lock_guard lock{mutex_};
    LessonCounts counts;
    auto& known = known_[scope];
    for (const auto& lesson : lessons) {
      const auto before = known.find(lesson.message);
      const auto effect =
          effect_of(lesson, before == known.end() ? std::nullopt : std::optional<MailClass>{before->second});
      ++(counts.*effect.counted);
      if (effect.change.spam == 0 && effect.change.ham == 0) continue;
      if (lesson.as) {
        known[lesson.message] = *lesson.as;
      } else {
        known.erase(before);
      }
      WordTable::Changes words;
      for (const auto word : lesson.words) words[word] = effect.change;
      table_.change(scope, effect.change, words);
    }
    co_return counts;
  }

 private:
  WordTable table_;
  std::mutex mutex_;
  std::map<std::string, std::map<std::string, MailClass>> known_;
};

}  // namespace

WordCount WordTable::messages(std::string_view scope) const {
  const std::shared_lock lock{mutex_};
  const auto found = scopes_.find(scope);
  return found == scopes_.end() ? WordCount{} : found->second.messages;
}

void WordTable::look(std::string_view scope, std::span<const std::uint64_t> words, std::span<WordCount> counts) const {
  std::ranges::fill(counts, WordCount{});
  const std::shared_lock lock{mutex_};
  const auto found = scopes_.find(scope);
  if (found == scopes_.end()) return;
  const auto& known = found->second.counts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto entry = known.find(words[i]);
    if (entry != known.end()) counts[i] = entry->second;
  }
}

void WordTable::change(const std::string& scope, const Change& messages, const Changes& words) {
  const std::unique_lock lock{mutex_};
  auto& changing = scopes_[scope];
  changing.messages = changed(changing.messages, messages);
  for (const auto& [word, by] : words) {
    auto& count = changing.counts[word];
    count = changed(count, by);
    if (count == WordCount{}) changing.counts.erase(word);
  }
}

void WordTable::replace(const std::string& scope, WordCount messages, Counts counts) {
  const std::unique_lock lock{mutex_};
  scopes_.insert_or_assign(scope, Scope{messages, std::move(counts)});
}

std::size_t WordTable::size() const {
  const std::shared_lock lock{mutex_};
  std::size_t words = 0;
  for (const auto& [name, scope] : scopes_) words += scope.counts.size();
  return words;
}

LessonEffect effect_of(const Lesson& lesson, std::optional<MailClass> before) {
  if (lesson.as == before) return {{}, before ? &LessonCounts::known : &LessonCounts::unknown};
  LessonEffect effect;
  if (before) --(*before == MailClass::spam ? effect.change.spam : effect.change.ham);
  if (lesson.as) ++(*lesson.as == MailClass::spam ? effect.change.spam : effect.change.ham);
  effect.counted = !lesson.as ? &LessonCounts::forgotten : (before ? &LessonCounts::moved : &LessonCounts::learnt);
  return effect;
}

std::unique_ptr<WordCounts> make_memory_word_counts() { return std::make_unique<MemoryWordCounts>(); }

}  // namespace mailreeve::store
