// SPDX-License-Identifier: Apache-2.0
// A body that is read from its chunks as it is needed.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/digest.h"
#include "mail/body.h"
#include "store/sqlite/reader.h"

namespace mailreeve::store::sqlite {

/// The bytes of one row of a body's chunks: a whole row, but at the end. A body may answer less than a whole row at
/// once; then they are gathered in `scratch`. ErrorKind::io: it ends before its size.
Result<std::string_view> read_row(const mail::Body& body, std::uint64_t offset, std::string& scratch);

/// Hashes what it hands out in order; the read that reaches the end fails when size or SHA-256 are not what was
/// accepted, so nobody who reads to the end can take a damaged message for a whole one.
class StoredBody final : public mail::Body {
 public:
  StoredBody(std::shared_ptr<ReaderPool> readers, std::int64_t key, std::uint64_t size, Sha256 sha256,
             std::function<void()> on_damage);
  std::uint64_t size() const override { return size_; }
  Result<std::string_view> read(std::uint64_t offset, std::string& scratch) const override;

 private:
  Result<void> verify(std::uint64_t offset, std::string_view bytes) const;
  std::unexpected<Error> damaged() const;

  std::shared_ptr<ReaderPool> readers_;
  std::int64_t key_;
  std::uint64_t size_;
  Sha256 sha256_;
  std::function<void()> on_damage_;

  mutable std::mutex mutex_;
  mutable std::unique_ptr<Sha256Stream> digest_;
  mutable std::uint64_t hashed_ = 0;  // bytes from the beginning
};

}  // namespace mailreeve::store::sqlite
