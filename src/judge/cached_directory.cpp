// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "judge/directories.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

constexpr std::size_t entry_limit = 100'000;

class CachedDirectory final : public Directory {
 public:
  CachedDirectory(std::shared_ptr<const Directory> inner, DirectoryCacheOptions options)
      : inner_{std::move(inner)}, options_{options} {}

  Task<Answer> find(mail::Mailbox address) const override {
    const auto whole = co_await ask(address);
    if (whole != Answer::missing) co_return whole;
    const auto tag = address.local().find('+');
    if (tag == std::string::npos || tag == 0) co_return whole;
    const auto plain =
        mail::Mailbox::parse(address.local().substr(0, tag) + '@' + address.domain().text(), mail::Utf8::allow);
    if (!plain) co_return whole;
    const auto without = co_await ask(*plain);
    co_return without;
  }
  // Passwords are not remembered.
  Task<Verified> verify(mail::Mailbox address, std::string password) const override {
    return inner_->verify(std::move(address), std::move(password));
  }
  bool knows_passwords() const override { return inner_->knows_passwords(); }

 private:
  struct Entry {
    Answer answer = Answer::missing;
    SteadyTime expires;
  };

  Task<Answer> ask(mail::Mailbox address) const {
    const auto key = mail::lower(address.text());
    const auto now = std::chrono::steady_clock::now();
    bool was_found = false;
    {
      std::lock_guard lock{mutex_};
      const auto known = entries_.find(key);
      if (known != entries_.end()) {
        if (known->second.expires > now) co_return known->second.answer;
        was_found = known->second.answer == Answer::found;
      }
    }
    const auto answer = co_await inner_->find(std::move(address));
    if (answer == Answer::unavailable) {
      co_return was_found&& options_.accept_cached ? Answer::found : Answer::unavailable;
    }
    std::lock_guard lock{mutex_};
    if (entries_.size() >= entry_limit) {
      // A harvest fills it with those that do not exist: they go first.
      std::erase_if(entries_, [](const auto& entry) { return entry.second.answer == Answer::missing; });
      if (entries_.size() >= entry_limit) entries_.clear();
    }
    entries_[key] = {answer, now + (answer == Answer::found ? options_.found : options_.missing)};
    co_return answer;
  }

  std::shared_ptr<const Directory> inner_;
  DirectoryCacheOptions options_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Entry> entries_;
};

}  // namespace

Task<Directory::Answer> WatchedDirectory::find(mail::Mailbox address) const {
  const auto answer = co_await inner_->find(std::move(address));
  auto* item = item_.load(std::memory_order_relaxed);
  if (item != nullptr && answer == Answer::unavailable) {
    item->fails("it cannot say whether an address exists; unknown recipients are told to come back");
  } else if (item != nullptr) {
    item->works();
  }
  co_return answer;
}

std::shared_ptr<const Directory> make_cached_directory(std::shared_ptr<const Directory> inner,
                                                       DirectoryCacheOptions options) {
  return std::make_shared<const CachedDirectory>(std::move(inner), options);
}

}  // namespace mailreeve::judge
