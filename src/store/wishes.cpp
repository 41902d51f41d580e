// SPDX-License-Identifier: Apache-2.0
#include "store/wishes.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "mail/characters.h"
#include "store/memory_wishes.h"

namespace mailreeve::store {
namespace {

constexpr std::string_view digest_words[] = {"never", "hourly", "daily", "weekdays", "weekly"};

bool holds_exactly(const std::vector<std::string>& sorted, std::string_view entry) {
  return std::ranges::binary_search(sorted, entry, {}, [](const std::string& one) { return std::string_view{one}; });
}

std::string without_tag(std::string local) {
  const auto tag = local.find('+');
  if (tag != std::string::npos && tag > 0) local.resize(tag);
  return local;
}

void erase(std::vector<std::string>& list, const std::string& entry) { std::erase(list, entry); }

class MemoryWishes final : public ChangingWishes {
 protected:
  Task<Result<bool>> change(std::string owner, Change change) override {
    const std::lock_guard lock{mutex_};
    const auto before = of(owner);
    auto wish = before ? *before : Wish{};
    const auto made = change(wish);
    if (!made) co_return std::unexpected(made.error());
    const bool differs = wish != (before ? *before : Wish{});
    if (differs) replace(owner, std::move(wish));
    co_return differs;
  }

 private:
  std::mutex mutex_;
};

}  // namespace

std::string_view name(DigestTimes times) { return digest_words[static_cast<std::size_t>(times)]; }

std::optional<DigestTimes> parse_digest_times(std::string_view text) {
  const auto* found = std::ranges::find(digest_words, text);
  if (found == std::end(digest_words)) return std::nullopt;
  return static_cast<DigestTimes>(found - std::begin(digest_words));
}

std::string owner_key(const mail::Mailbox& address) {
  return without_tag(mail::lower(address.local())) + '@' + address.domain().text();
}

Result<std::string> normal_entry(std::string_view text) {
  const auto wrong = [text] {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is neither an address nor a domain; write \"anna@example.org\" or \"example.org\"",
                            text.substr(0, 300)),
                Blame::peer);
  };
  auto inner = text;
  if (const auto open = inner.rfind('<'); open != std::string_view::npos && inner.ends_with('>')) {
    inner = inner.substr(open + 1, inner.size() - open - 2);
  }
  while (inner.starts_with(' ')) inner.remove_prefix(1);
  while (inner.ends_with(' ')) inner.remove_suffix(1);
  if (inner.starts_with("*@")) inner.remove_prefix(1);
  if (inner.starts_with('@')) inner.remove_prefix(1);
  if (inner.find('@') != std::string_view::npos) {
    const auto mailbox = mail::Mailbox::parse(inner, mail::Utf8::allow);
    if (!mailbox || !mail::is_safe_utf8(mailbox->text())) return wrong();
    return mail::lower(mailbox->text());
  }
  const auto domain = mail::Domain::parse(inner);
  // A whole top-level domain is hardly what somebody means who blocks a sender.
  if (!domain || domain->is_literal() || domain->text().find('.') == std::string::npos) return wrong();
  return domain->text();
}

std::optional<std::string> find_entry(const std::vector<std::string>& list, std::string_view address) {
  if (list.empty()) return std::nullopt;
  auto sender = mail::lower(address);
  // Domains stand in lists as A-labels.
  if (const auto mailbox = mail::Mailbox::parse(sender, mail::Utf8::allow)) sender = mail::lower(mailbox->text());
  const auto at = sender.rfind('@');
  if (at == std::string::npos) return std::nullopt;
  if (holds_exactly(list, sender)) return sender;
  auto plain = without_tag(sender.substr(0, at)) + sender.substr(at);
  if (holds_exactly(list, plain)) return plain;
  for (auto domain = std::string_view{sender}.substr(at + 1); !domain.empty();) {
    if (holds_exactly(list, domain)) return std::string{domain};
    const auto dot = domain.find('.');
    domain = dot == std::string_view::npos ? std::string_view{} : domain.substr(dot + 1);
  }
  return std::nullopt;
}

std::shared_ptr<const Wish> ChangingWishes::of(const std::string& owner) const {
  const std::shared_lock lock{mutex_};
  const auto found = wishes_.find(owner);
  return found == wishes_.end() ? nullptr : found->second;
}

void ChangingWishes::replace(const std::string& owner, Wish wish) {
  auto fresh = wish == Wish{} ? nullptr : std::make_shared<const Wish>(std::move(wish));
  const std::unique_lock lock{mutex_};
  if (fresh) {
    wishes_.insert_or_assign(owner, std::move(fresh));
  } else {
    wishes_.erase(owner);
  }
}

Task<Result<void>> ChangingWishes::choose_policy(std::string owner, std::string policy) {
  Change set = [policy = std::move(policy)](Wish& wish) -> Result<void> {
    wish.policy = policy;
    return {};
  };
  const auto changed = co_await change(std::move(owner), std::move(set));
  if (!changed) co_return std::unexpected(changed.error());
  co_return Result<void>{};
}

Task<Result<void>> ChangingWishes::choose_digest(std::string owner, std::optional<DigestTimes> times) {
  Change set = [times](Wish& wish) -> Result<void> {
    wish.digest = times;
    return {};
  };
  const auto changed = co_await change(std::move(owner), std::move(set));
  if (!changed) co_return std::unexpected(changed.error());
  co_return Result<void>{};
}

Task<Result<bool>> ChangingWishes::add(std::string owner, WishList list, std::string entry) {
  auto normal = normal_entry(entry);
  if (!normal) co_return std::unexpected(normal.error());
  Change set = [list, entry = std::move(*normal)](Wish& wish) -> Result<void> {
    auto& to = list == WishList::allow ? wish.allow : wish.block;
    auto& from = list == WishList::allow ? wish.block : wish.allow;
    if (holds_exactly(to, entry)) return {};
    if (to.size() >= wish_entries_limit) {
      return fail(ErrorKind::full,
                  fmt::format("there are {} entries already: take one out, or name a whole domain", to.size()),
                  Blame::peer);
    }
    erase(from, entry);
    to.insert(std::ranges::lower_bound(to, entry), entry);
    return {};
  };
  auto changed = co_await change(std::move(owner), std::move(set));
  co_return changed;
}

Task<Result<bool>> ChangingWishes::remove(std::string owner, WishList list, std::string entry) {
  auto normal = normal_entry(entry);
  if (!normal) co_return std::unexpected(normal.error());
  Change set = [list, entry = std::move(*normal)](Wish& wish) -> Result<void> {
    erase(list == WishList::allow ? wish.allow : wish.block, entry);
    return {};
  };
  auto changed = co_await change(std::move(owner), std::move(set));
  co_return changed;
}

Task<Result<void>> ChangingWishes::told(std::string owner, WallTime when) {
  Change set = [when](Wish& wish) -> Result<void> {
    wish.last_digest = when;
    return {};
  };
  const auto changed = co_await change(std::move(owner), std::move(set));
  if (!changed) co_return std::unexpected(changed.error());
  co_return Result<void>{};
}

std::unique_ptr<Wishes> make_memory_wishes() { return std::make_unique<MemoryWishes>(); }

}  // namespace mailreeve::store
