// SPDX-License-Identifier: Apache-2.0
// What is decided of held mail teaches the statistics.
#pragma once

#include <string>
#include <vector>

#include "gateway/scanner_pool.h"
#include "store/queue.h"
#include "store/vault.h"
#include "store/word_counts.h"

namespace mailreeve::gateway {

class Teacher {
 public:
  Teacher(net::LoopGroup& loops, store::Queue& queue, store::Vault& vault, ScannerPool& scanners,
          store::WordCounts& words)
      : loops_{loops}, queue_{queue}, vault_{vault}, scanners_{scanners}, words_{words} {}
  /// Takes a message of the vault or the queue apart and learns it, for the installation and for its recipients'
  /// domains where `per_domain`. ErrorKind::not_found: there is no such message. Runs on the first loop, whichever
  /// asks.
  Task<Result<void>> learn(MessageId id, store::MailClass as, bool per_domain);

 private:
  Task<void> learn_there(MessageId id, store::MailClass as, bool per_domain, Done<Result<void>> done);
  Task<Result<void>> learn_here(MessageId id, store::MailClass as, bool per_domain);
  struct Material {
    std::shared_ptr<const mail::Body> body;
    std::vector<mail::Mailbox> recipients;
  };
  Task<Result<Material>> find(MessageId id);

  net::LoopGroup& loops_;
  store::Queue& queue_;
  store::Vault& vault_;
  ScannerPool& scanners_;
  store::WordCounts& words_;
};

}  // namespace mailreeve::gateway
