// SPDX-License-Identifier: Apache-2.0
// What signatures need of a message, taken as its octets pass by: the header, and a hash of the body for each way in
// which a signature covers it. The body is not kept.
#pragma once

#include <memory>
#include <string_view>

#include "mail/header.h"

namespace mailreeve::auth {

class MessageDigest {
 public:
  struct Limits {
    std::size_t header_bytes = 1U << 20;  // beyond it the header is not kept, and every signature is a permerror
    std::size_t signatures = 10;          // DKIM-Signature fields that are looked at
    std::size_t arc_sets = 50;            // RFC 8617 4.2.1
    std::size_t body_hashes = 24;         // different (canonicalisation, algorithm, l=) at once
  };
  MessageDigest();
  explicit MessageDigest(Limits limits);
  MessageDigest(MessageDigest&&) noexcept;
  MessageDigest& operator=(MessageDigest&&) noexcept;
  ~MessageDigest();

  /// The message in whatever pieces, lines ending in CRLF (dot-stuffing removed).
  void feed(std::string_view bytes);
  /// No more comes. Before it no signature can be verified.
  void finish();

  bool header_complete() const;
  /// Only when `header_complete`.
  const mail::Header& header() const;
  bool header_too_big() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }  // for auth/ alone

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailreeve::auth
