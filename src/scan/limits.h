// SPDX-License-Identifier: Apache-2.0
// How much of a message is looked at. What goes beyond is a finding `scan.limit.*`, never a crash, never a silent pass.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mailreeve::scan {

/// reliability.md M01 to M05, A01 to A06.
struct Limits {
  unsigned depth = 32;                       // of parts in parts, messages in messages, archives in archives together
  std::size_t parts = 1'000;                 // of the message's own structure
  std::size_t header_bytes = 256U << 10;     // of one part's header
  std::size_t header_fields = 1'000;         // of one part's header
  std::size_t items = 10'000;                // leaves and members of archives
  std::uint64_t member_bytes = 64U << 20;    // of one part or member, decoded
  std::uint64_t decoded_bytes = 200U << 20;  // of everything together, decoded or unpacked
  std::uint64_t ratio = 200;                 // unpacked to packed, of one archive larger than `ratio_from` unpacked
  std::uint64_t ratio_from = 8U << 20;
  std::size_t text_bytes = 1U << 20;  // of text that words, languages and links are read from
  std::size_t links = 1'000;
  std::size_t pictures = 20;                // in which codes are looked for
  std::uint64_t picture_work = 40'000'000;  // pixels of all of them, see PictureLimits
  std::uint64_t code_effort = 12'000'000;   // see read_qr
  std::size_t notes = 200;
};

}  // namespace mailreeve::scan
