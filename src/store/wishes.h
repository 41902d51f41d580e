// SPDX-License-Identifier: Apache-2.0
// What recipients want for themselves: a policy, whom they allow and block, how often they are told what is held.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "mail/address.h"

namespace mailreeve::store {

/// How often somebody is told by mail what is held for him.
enum class DigestTimes : std::uint8_t { never, hourly, daily, weekdays, weekly };
std::string_view name(DigestTimes times);
std::optional<DigestTimes> parse_digest_times(std::string_view text);

/// Whose mailbox it is: lower case, without a +tag. Wishes, and policies of single recipients, go by it.
std::string owner_key(const mail::Mailbox& address);

struct Wish {
  std::string policy;                 // chosen by name; empty: the domain's
  std::optional<DigestTimes> digest;  // nothing: the policy's
  /// Senders, addresses or domains, lower case, as normal_entry makes them, sorted.
  std::vector<std::string> allow, block;
  std::optional<WallTime> last_digest;  // what is older than this was told
  bool operator==(const Wish&) const = default;
};

enum class WishList : std::uint8_t { allow, block };

/// "Anna@Example.ORG", "example.org", "@example.org", "*@example.org": lower case, a domain without anything before it.
/// The error says what to write.
Result<std::string> normal_entry(std::string_view text);
/// The entry of such a list that covers this sender, an address in any case: itself, itself without a +tag, or the
/// longest domain that it is in or below.
std::optional<std::string> find_entry(const std::vector<std::string>& list, std::string_view address);

constexpr std::size_t wish_entries_limit = 500;  // of one list of one recipient

/// Answers come from memory, at once; what is changed is durable when the Task ends. Safe from any loop. `owner` is
/// what owner_key makes.
class Wishes {
 public:
  virtual ~Wishes() = default;
  /// Null: this recipient never wished for anything.
  virtual std::shared_ptr<const Wish> of(const std::string& owner) const = 0;

  /// Empty: the domain's again.
  virtual Task<Result<void>> choose_policy(std::string owner, std::string policy) = 0;
  virtual Task<Result<void>> choose_digest(std::string owner, std::optional<DigestTimes> times) = 0;
  /// Whether the list changed. An entry goes out of the other list. ErrorKind::full: the list has no room;
  /// ErrorKind::invalid: not an entry.
  virtual Task<Result<bool>> add(std::string owner, WishList list, std::string entry) = 0;
  virtual Task<Result<bool>> remove(std::string owner, WishList list, std::string entry) = 0;
  virtual Task<Result<void>> told(std::string owner, WallTime when) = 0;
};

/// Lives in memory alone: tests, offline commands.
std::unique_ptr<Wishes> make_memory_wishes();

}  // namespace mailreeve::store
