// SPDX-License-Identifier: Apache-2.0
// QR codes in pictures, by ZXing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scan/picture.h"

namespace mailreeve::scan {

struct QrLook {
  std::vector<std::string> texts;  // UTF-8; at most ten, each at most 2,000 octets
  bool too_many_marks = false;     // that could be corners of codes: they were left alone
};

/// `effort`: what may still be spent, some 80 ns each: 1 for three marks compared, 1,000 for three tried as a code.
QrLook read_qr(const Picture& picture, std::uint64_t& effort);

}  // namespace mailreeve::scan
