// SPDX-License-Identifier: Apache-2.0
// Numbers, texts and lists as octets, and back out of octets that nobody vouches for.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "scan/report.h"

namespace mailreeve::scan {

class OctetWriter {
 public:
  void add(std::uint64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    out_ += text;
  }
  void add(const std::vector<std::string>& texts) {
    add(std::uint64_t{texts.size()});
    for (const auto& text : texts) add(std::string_view{text});
  }
  std::size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;  // of this machine's byte order: it stays on it
};

class OctetReader {
 public:
  explicit OctetReader(std::string_view bytes) : rest_{bytes} {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (rest_.size() < sizeof value) {
      failed_ = true;
      return 0;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number();
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    std::string out{rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return out;
  }
  /// How many follow: each takes eight octets at least.
  std::uint64_t count() {
    const auto value = number();
    if (value > rest_.size() / sizeof value) failed_ = true;
    return failed_ ? 0 : value;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (auto left = count(); left > 0 && !failed_; --left) out.push_back(text());
    return out;
  }
  bool failed() const { return failed_; }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

void write_items(OctetWriter& out, const std::vector<Item>& items);
std::vector<Item> read_items(OctetReader& in);

}  // namespace mailreeve::scan
