// SPDX-License-Identifier: Apache-2.0
// For commands: content looked at in a cell of their own, one message after the other.
#pragma once

#include <optional>

#include "cell/child.h"
#include "judge/content.h"
#include "scan/preview.h"

namespace mailreeve::cli {

class CellScanner final : public judge::ContentScanner {
 public:
  Task<judge::ContentScan> scan(Spawner& where, std::shared_ptr<const mail::Body> body) override;
  Result<scan::Preview> preview(const mail::Body& body);

 private:
  Result<std::string> ask(cell::Question question, const mail::Body& body);

  std::optional<cell::Child> child_;
};

}  // namespace mailreeve::cli
