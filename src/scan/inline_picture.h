// SPDX-License-Identifier: Apache-2.0
// Pictures that a message brings along, as data: addresses.
#pragma once

#include <string>
#include <string_view>

#include "scan/sanitise.h"

namespace mailreeve::scan {

/// Where an <img> gets its picture from.
enum class PictureSource : std::uint8_t { nothing, message, data, elsewhere };
PictureSource picture_source(std::string_view address);

class InlinePictures {
 public:
  InlinePictures(const SanitiseLimits& limits, const FindPicture& find) : limits_{limits}, find_{find} {}
  /// "data:image/png;base64,..." of a cid: or data: address that leads to a PNG, JPEG or GIF of bearable size, whatever
  /// type it was declared as; else empty.
  std::string data_address(std::string_view address);

 private:
  const SanitiseLimits& limits_;
  const FindPicture& find_;
  std::size_t used_ = 0;
};

}  // namespace mailreeve::scan
