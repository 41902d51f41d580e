// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace mailreeve {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 of bytes that come in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void add(std::string_view bytes);
  Sha256 finish();

 private:
  evp_md_ctx_st* context_;
};

Sha256 sha256_of(std::string_view bytes);

/// Lower case, two digits an octet.
std::string hex(std::span<const std::uint8_t> octets);

}  // namespace mailreeve
