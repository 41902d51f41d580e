// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/stored_body.h"

#include "store/sqlite/schema.h"

namespace mailreeve::store::sqlite {

Result<std::string_view> read_row(const mail::Body& body, std::uint64_t offset, std::string& scratch) {
  const auto wanted = std::min<std::uint64_t>(mail::Body::chunk_size, body.size() - offset);
  auto bytes = body.read(offset, scratch);
  if (!bytes || bytes->size() == wanted) return bytes;
  std::string gathered{*bytes};
  while (gathered.size() < wanted) {
    bytes = body.read(offset + gathered.size(), scratch);
    if (!bytes) return bytes;
    if (bytes->empty()) return fail(ErrorKind::io, "a body to store ended before its size");
    gathered.append(bytes->substr(0, wanted - gathered.size()));
  }
  scratch = std::move(gathered);
  return std::string_view{scratch};
}

StoredBody::StoredBody(std::shared_ptr<ReaderPool> readers, std::int64_t key, std::uint64_t size, Sha256 sha256,
                       std::function<void()> on_damage)
    : readers_{std::move(readers)}, key_{key}, size_{size}, sha256_{sha256}, on_damage_{std::move(on_damage)} {}

Result<std::string_view> StoredBody::read(std::uint64_t offset, std::string& scratch) const {
  if (offset >= size_) return std::string_view{};
  const auto chunk = offset / chunk_size;
  {
    const auto database = readers_->borrow();
    Statement row{*database, "SELECT bytes FROM chunk WHERE key=?1"};
    row.bind(1, key_ * chunks_per_message + static_cast<std::int64_t>(chunk));
    const bool found = row.row();
    if (found) scratch = row.bytes(0);
    const auto status = (*database).status();
    if (!status) return std::unexpected(status.error());
    if (!found) return damaged();
  }
  const auto expected = std::min<std::uint64_t>(chunk_size, size_ - chunk * chunk_size);
  if (scratch.size() != expected) return damaged();
  if (auto verified = verify(chunk * chunk_size, scratch); !verified) return fail(verified);
  return std::string_view{scratch}.substr(offset % chunk_size);
}

Result<void> StoredBody::verify(std::uint64_t offset, std::string_view bytes) const {
  std::lock_guard lock{mutex_};
  if (offset == 0) {
    digest_ = std::make_unique<Sha256Stream>();
    hashed_ = 0;
  }
  if (!digest_ || offset != hashed_) return {};
  digest_->add(bytes);
  hashed_ += bytes.size();
  if (hashed_ < size_) return {};
  const bool same = digest_->finish() == sha256_;
  digest_.reset();
  if (!same) return damaged();
  return {};
}

std::unexpected<Error> StoredBody::damaged() const {
  on_damage_();
  return fail(ErrorKind::io, "the stored body is not what was accepted (size or SHA-256): the message is set aside");
}

}  // namespace mailreeve::store::sqlite
