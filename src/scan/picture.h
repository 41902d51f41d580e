// SPDX-License-Identifier: Apache-2.0
// Pictures as shades of grey, small enough to look for codes in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailreeve::scan {

struct PictureLimits {
  std::uint64_t shown = 4'000'000;  // pixels that come out; larger pictures come out smaller
  std::uint64_t work = 40'000'000;  // pixels that go in; those of plain JPEG count a quarter
};

struct Picture {
  std::size_t width = 0;  // 0: it could not be read, or is too small to show anything
  std::size_t height = 0;
  std::string grey;        // row by row, an octet a pixel, 0 black, 255 white; transparent is white
  std::uint64_t work = 0;  // as in the limits, whether or not anything came out
  bool too_large = false;  // for the limits
};

/// "png", "jpeg", "gif", "bmp"
bool is_picture(std::string_view type);

/// What is damaged is read as far as it goes. Of animations the first picture.
Picture read_picture(std::string_view bytes, std::string_view type, const PictureLimits& limits);

}  // namespace mailreeve::scan
