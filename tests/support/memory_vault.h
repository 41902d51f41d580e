// SPDX-License-Identifier: Apache-2.0
// For tests of what stands above the store: a vault that forgets with its end. It finds by state, kind and recipient.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "store/vault.h"
#include "store/wishes.h"

namespace mailreeve::support {

class MemoryVault final : public store::Vault {
 public:
  Task<Result<void>> keep(store::NewHeld item) override {
    std::lock_guard lock{mutex_};
    item.message.size = item.body->size();
    const auto id = item.message.id;
    items_.try_emplace(id, std::move(item));
    co_return Result<void>{};
  }
  Task<Result<std::vector<store::HeldMessage>>> search(store::HeldFilter filter) override {
    std::lock_guard lock{mutex_};
    std::vector<store::HeldMessage> found;
    for (auto item = items_.rbegin(); item != items_.rend() && found.size() < filter.limit; ++item) {
      const auto& message = item->second.message;
      if (filter.kind && message.kind != *filter.kind) continue;
      if (filter.before && !(message.id < *filter.before)) continue;
      if (std::ranges::any_of(message.recipients, [&](const auto& one) { return fits(filter, one); })) {
        found.push_back(message);
      }
    }
    co_return found;
  }
  Task<Result<std::optional<store::HeldMessage>>> show(MessageId id) override {
    std::lock_guard lock{mutex_};
    const auto found = items_.find(id);
    co_return found == items_.end() ? std::nullopt : std::optional{found->second.message};
  }
  Task<Result<std::optional<MessageId>>> of_transaction(MessageId transaction) override {
    std::lock_guard lock{mutex_};
    for (const auto& [id, item] : items_) {
      if (item.message.transaction == transaction) co_return std::optional{id};
    }
    co_return std::optional<MessageId>{};
  }
  Task<Result<std::shared_ptr<const mail::Body>>> body(MessageId id) override {
    std::lock_guard lock{mutex_};
    const auto found = items_.find(id);
    if (found == items_.end()) co_return fail(ErrorKind::not_found, "no such message");
    co_return found->second.body;
  }
  Task<Result<std::uint64_t>> change(MessageId id, std::vector<std::uint32_t> recipients, store::HeldState state,
                                     std::string by, WallTime now) override {
    std::lock_guard lock{mutex_};
    co_return set(id, recipients, state, by, now);
  }
  Task<Result<std::optional<store::Release>>> begin_release(MessageId id, std::vector<std::uint32_t> recipients,
                                                            MessageId release, std::string by, WallTime now) override {
    std::lock_guard lock{mutex_};
    const auto found = items_.find(id);
    if (found == items_.end()) co_return std::optional<store::Release>{};
    store::Release begun{release, found->second.message, by};
    std::erase_if(begun.message.recipients, [&](const store::HeldRecipient& one) { return !meant(recipients, one); });
    if (begun.message.recipients.empty()) co_return std::optional<store::Release>{};
    set(id, recipients, store::HeldState::releasing, by, now);
    under_way_[release] = begun;
    co_return std::optional{std::move(begun)};
  }
  Task<Result<void>> end_release(MessageId release, WallTime now) override {
    std::lock_guard lock{mutex_};
    settle(release, store::HeldState::released, now);
    co_return Result<void>{};
  }
  Task<Result<void>> cancel_release(MessageId release) override {
    std::lock_guard lock{mutex_};
    settle(release, store::HeldState::waiting, {});
    co_return Result<void>{};
  }
  Task<Result<std::vector<store::Release>>> unfinished_releases() override {
    std::lock_guard lock{mutex_};
    std::vector<store::Release> all;
    for (const auto& [id, release] : under_way_) all.push_back(release);
    co_return all;
  }
  Task<Result<std::uint64_t>> expire(WallTime before) override {
    std::lock_guard lock{mutex_};
    co_return std::erase_if(items_, [&](const auto& item) { return item.second.message.time < before; });
  }
  Task<Result<void>> shrink() override { co_return Result<void>{}; }
  store::HeldCounts counts() const override {
    std::lock_guard lock{mutex_};
    store::HeldCounts counts;
    for (const auto& [id, item] : items_) {
      bool open = false;
      for (const auto& one : item.message.recipients) {
        open = open || is_open(one.state);
        if (one.state == store::HeldState::asked) ++counts.asked;
      }
      if (open) ++(item.message.kind == store::HeldKind::held ? counts.held : counts.refused);
      counts.bytes += item.message.size;
    }
    return counts;
  }
  Task<Result<std::vector<std::pair<std::string, std::uint64_t>>>> released_findings(WallTime) override {
    co_return std::vector<std::pair<std::string, std::uint64_t>>{};
  }

 private:
  static bool fits(const store::HeldFilter& filter, const store::HeldRecipient& one) {
    if (!filter.recipient.empty() && store::owner_key(one.envelope.address) != filter.recipient) return false;
    return filter.states.empty() || std::ranges::find(filter.states, one.state) != filter.states.end();
  }
  static bool meant(const std::vector<std::uint32_t>& numbers, const store::HeldRecipient& one) {
    return is_open(one.state) && (numbers.empty() || std::ranges::find(numbers, one.number) != numbers.end());
  }
  std::uint64_t set(MessageId id, const std::vector<std::uint32_t>& numbers, store::HeldState state,
                    const std::string& by, WallTime now) {
    const auto found = items_.find(id);
    if (found == items_.end()) return 0;
    std::uint64_t changed = 0;
    for (auto& one : found->second.message.recipients) {
      if (!meant(numbers, one) || one.state == state) continue;
      one.state = state;
      one.by = by;
      one.changed = now;
      ++changed;
    }
    return changed;
  }
  void settle(MessageId release, store::HeldState state, WallTime now) {
    const auto begun = under_way_.find(release);
    if (begun == under_way_.end()) return;
    for (auto& one : items_[begun->second.message.id].message.recipients) {
      const auto same = [&](const store::HeldRecipient& other) { return other.number == one.number; };
      if (!std::ranges::any_of(begun->second.message.recipients, same)) continue;
      one.state = state;
      one.changed = now;
    }
    under_way_.erase(begun);
  }

  mutable std::mutex mutex_;
  std::map<MessageId, store::NewHeld> items_;
  std::map<MessageId, store::Release> under_way_;
};

}  // namespace mailreeve::support
