// SPDX-License-Identifier: Apache-2.0
#include "gateway/body_spool.h"

namespace mailreeve::gateway {
namespace {

/// A message in an unnamed file. Reads from several threads do not disturb each other: each names its offset.
class FileBody final : public mail::Body {
 public:
  FileBody(std::unique_ptr<File> file, std::uint64_t size) : file_{std::move(file)}, size_{size} {}
  std::uint64_t size() const override { return size_; }
  Result<std::string_view> read(std::uint64_t offset, std::string& scratch) const override {
    if (offset >= size_) return std::string_view{};
    scratch.resize(std::min<std::uint64_t>(chunk_size, size_ - offset));
    auto got = file_->read_at(offset, scratch.data(), scratch.size());
    if (!got) return fail(got);
    if (*got != scratch.size()) return fail(ErrorKind::io, "a temporary file is shorter than what was written to it");
    return std::string_view{scratch};
  }

 private:
  std::unique_ptr<File> file_;
  std::uint64_t size_;
};

}  // namespace

BodySpool::BodySpool(Files& files, std::string directory, std::uint64_t memory)
    : files_{files}, directory_{std::move(directory)}, memory_{memory} {}

Result<void> BodySpool::append(std::string_view bytes) {
  size_ += bytes.size();
  buffer_.append(bytes);
  const auto bound = file_ ? mail::Body::chunk_size : memory_;
  if (buffer_.size() <= bound) return {};
  return flush();
}

Result<void> BodySpool::flush() {
  if (!file_) {
    auto created = files_.create_unnamed(directory_);
    if (!created) return fail(created);
    file_ = std::move(*created);
  }
  auto written = file_->write(buffer_);
  buffer_.clear();
  return written;
}

Result<std::shared_ptr<const mail::Body>> BodySpool::finish() {
  if (!file_) return std::make_shared<const mail::MemoryBody>(std::move(buffer_));
  auto flushed = flush();
  if (!flushed) return fail(flushed);
  return std::make_shared<const FileBody>(std::move(file_), size_);
}

}  // namespace mailreeve::gateway
