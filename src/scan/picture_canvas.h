// SPDX-License-Identifier: Apache-2.0
// What the readers of pictures draw on: rows of the picture go in, a smaller one is kept where it is too large.
#pragma once

#include "scan/picture.h"

namespace mailreeve::scan {

class Canvas {
 public:
  /// `times`: so many pixels in both directions become one.
  Canvas(std::size_t width, std::size_t height, std::size_t times);
  /// The next row; behind the last nothing happens. The picture is white where none came.
  void row(const unsigned char* grey);
  Picture take() { return std::move(picture_); }

  /// How often too large: 1 where it is not.
  static std::size_t times_too_large(std::size_t width, std::size_t height, std::uint64_t most);

 private:
  std::size_t width_, times_;
  std::size_t rows_ = 0;
  std::vector<std::uint32_t> sums_;  // of the rows that become one
  Picture picture_;
};

/// The smallest code has 21 modules a side, and one pixel at least for each.
constexpr std::size_t smallest_side = 21;

Picture read_png(std::string_view bytes, const PictureLimits& limits);
Picture read_jpeg(std::string_view bytes, const PictureLimits& limits);
Picture read_gif(std::string_view bytes, const PictureLimits& limits);
Picture read_bmp(std::string_view bytes, const PictureLimits& limits);

}  // namespace mailreeve::scan
