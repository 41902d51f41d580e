// SPDX-License-Identifier: Apache-2.0
// Having a message's content looked at; implemented in gateway/, which keeps the scanner processes.
#pragma once

#include <memory>
#include <string>

#include "base/spawner.h"
#include "base/task.h"
#include "mail/body.h"
#include "scan/report.h"

namespace mailreeve::judge {

struct ContentScan {
  std::shared_ptr<const scan::ContentReport> report;  // null when nobody could look
  bool crashes = false;                               // because this very content ended its scanner more than once
  std::string why;                                    // of a missing report
};

class ContentScanner {
 public:
  virtual ~ContentScanner() = default;
  /// `where`: what the waiting coroutine runs on.
  virtual Task<ContentScan> scan(Spawner& where, std::shared_ptr<const mail::Body> body) = 0;
};

}  // namespace mailreeve::judge
