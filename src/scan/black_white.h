// SPDX-License-Identifier: Apache-2.0
// A picture in black and white, and the marks in it that could be corners of a QR code. Finding codes among very many
// such marks takes time by the cube of their number: they are counted first.
#pragma once

#include <string>
#include <vector>

#include "scan/picture.h"

namespace mailreeve::scan {

/// 0 and 255 in place of shades, by the brightness around each spot.
std::string black_and_white(const Picture& picture);

/// How many places look like a corner of a QR code (ISO 18004 6.3.3: runs of 1:1:3:1:1 both ways), dark ones or light
/// ones; counting ends at `most`.
std::size_t count_corners(const std::string& bits, std::size_t width, bool dark, std::size_t most);

}  // namespace mailreeve::scan
