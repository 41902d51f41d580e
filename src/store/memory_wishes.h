// SPDX-License-Identifier: Apache-2.0
// Wishes in memory, as sessions ask for them; the durable kind fills and changes them.
#pragma once

#include <functional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "store/wishes.h"

namespace mailreeve::store {

/// What wishes can be changed by; each kind says how one change is kept.
class ChangingWishes : public Wishes {
 public:
  std::shared_ptr<const Wish> of(const std::string& owner) const override;
  Task<Result<void>> choose_policy(std::string owner, std::string policy) override;
  Task<Result<void>> choose_digest(std::string owner, std::optional<DigestTimes> times) override;
  Task<Result<bool>> add(std::string owner, WishList list, std::string entry) override;
  Task<Result<bool>> remove(std::string owner, WishList list, std::string entry) override;
  Task<Result<void>> told(std::string owner, WallTime when) override;

 protected:
  using Change = std::function<Result<void>(Wish&)>;
  /// Changes are made one after the other. Answers whether anything is different now.
  virtual Task<Result<bool>> change(std::string owner, Change change) = 0;
  void replace(const std::string& owner, Wish wish);

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Wish>> wishes_;
};

}  // namespace mailreeve::store
