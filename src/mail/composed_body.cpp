// SPDX-License-Identifier: Apache-2.0
#include "mail/composed_body.h"

#include <algorithm>

namespace mailreeve::mail {
namespace {

/// A run of octets: of our own, or of the message.
struct Piece {
  std::uint64_t at = 0;  // in the composed message
  std::uint64_t size = 0;
  std::string own;           // not empty: these octets
  std::uint64_t origin = 0;  // else: from here in the message
};

class ComposedBody final : public Body {
 public:
  ComposedBody(std::shared_ptr<const Body> message, std::vector<Piece> pieces)
      : message_{std::move(message)}, pieces_{std::move(pieces)} {
    size_ = pieces_.empty() ? 0 : pieces_.back().at + pieces_.back().size;
  }
  std::uint64_t size() const override { return size_; }
  Result<std::string_view> read(std::uint64_t offset, std::string& scratch) const override {
    if (offset >= size_) return std::string_view{};
    auto piece = std::ranges::upper_bound(pieces_, offset, {}, &Piece::at);
    --piece;
    const auto within = offset - piece->at;
    if (!piece->own.empty()) return std::string_view{piece->own}.substr(within, chunk_size);
    auto got = message_->read(piece->origin + within, scratch);
    if (!got) return got;
    return got->substr(0, piece->size - within);
  }

 private:
  std::shared_ptr<const Body> message_;
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

std::vector<Piece> pieces_of(std::string prefix, std::uint64_t message_size, std::vector<Edit> edits) {
  std::vector<Piece> pieces;
  std::uint64_t at = 0;
  const auto add_own = [&](std::string text) {
    if (text.empty()) return;
    const auto size = text.size();
    pieces.push_back({at, size, std::move(text), 0});
    at += size;
  };
  const auto add_message = [&](std::uint64_t from, std::uint64_t to) {
    if (from >= to) return;
    pieces.push_back({at, to - from, {}, from});
    at += to - from;
  };
  add_own(std::move(prefix));
  std::uint64_t done = 0;
  for (auto& edit : edits) {
    add_message(done, std::min(edit.offset, message_size));
    add_own(std::move(edit.inserted));
    done = std::max(done, edit.offset + edit.removed);
  }
  add_message(done, message_size);
  return pieces;
}

}  // namespace

Result<std::shared_ptr<const Body>> compose(std::string prefix, std::shared_ptr<const Body> message,
                                            std::vector<Edit> edits) {
  const auto size = message->size();
  auto composed =
      std::make_shared<const ComposedBody>(std::move(message), pieces_of(std::move(prefix), size, std::move(edits)));
  if (composed->size() > Body::chunk_size) return composed;
  auto whole = read_whole(*composed, Body::chunk_size);
  if (!whole) return fail(whole);
  return std::make_shared<const MemoryBody>(std::move(*whole));
}

}  // namespace mailreeve::mail
