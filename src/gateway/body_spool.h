// SPDX-License-Identifier: Apache-2.0
// Where a message grows while it arrives: memory up to a bound, then a temporary file without a name.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "mail/body.h"

namespace mailreeve::gateway {

class BodySpool {
 public:
  /// `directory`: where the temporary file goes; `memory`: octets held before that.
  BodySpool(Files& files, std::string directory, std::uint64_t memory);
  /// ErrorKind::full when the disk is; after an error the spool is only good to be dropped.
  Result<void> append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  /// The finished message; the spool is empty after it.
  Result<std::shared_ptr<const mail::Body>> finish();

 private:
  Result<void> flush();
  Files& files_;
  std::string directory_;
  std::uint64_t memory_;
  std::string buffer_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
};

}  // namespace mailreeve::gateway
