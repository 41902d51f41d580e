// SPDX-License-Identifier: Apache-2.0
// Passwords: Argon2id, on threads of their own, two at once at most.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/offload.h"
#include "base/task.h"

namespace mailreeve::web {

constexpr std::size_t password_least = 12;   // characters
constexpr std::size_t password_most = 1024;  // octets

/// What a new password must be; the error says it.
Result<void> check_new_password(std::string_view name, std::string_view password);
/// A name of an account: a-z, 0-9, '.', '_', '-', at most 64, in lower case afterwards. No '@': those are recipients.
Result<std::string> check_account_name(std::string_view name);

/// What one hash costs; the standard is libsodium's "interactive": 64 MiB, some 70 ms.
struct PasswordCost {
  unsigned long long passes = 2;
  std::size_t memory = 64U << 20;
};

class Passwords {
 public:
  explicit Passwords(PasswordCost cost = {}) : cost_{cost} {}
  /// ErrorKind::busy: too many wait already.
  Task<Result<std::string>> hash(std::string password);
  /// An empty hash takes as long and is never right.
  Task<Result<bool>> verify(std::string hash, std::string password);

 private:
  template <class T>
  Task<Result<T>> run(std::function<T()> work);
  std::string make_hash(const std::string& password) const;

  PasswordCost cost_;
  std::atomic<int> waiting_{0};
  std::string dummy_;  // made by the first who needs it
  std::mutex mutex_;
  Offload threads_{2};  // last: it ends before what it uses
};

}  // namespace mailreeve::web
