// SPDX-License-Identifier: Apache-2.0
#include "scan/picture.h"

#include "scan/picture_canvas.h"

namespace mailreeve::scan {

Canvas::Canvas(std::size_t width, std::size_t height, std::size_t times) : width_{width}, times_{times} {
  picture_.width = width / times;
  picture_.height = height / times;
  picture_.grey.assign(picture_.width * picture_.height, '\xff');
  if (times > 1) sums_.assign(picture_.width, 0);
}

void Canvas::row(const unsigned char* grey) {
  const auto into = rows_ / times_;
  if (into >= picture_.height) return;
  auto* out = picture_.grey.data() + into * picture_.width;
  ++rows_;
  if (times_ == 1) {
    std::copy(grey, grey + width_, reinterpret_cast<unsigned char*>(out));
    return;
  }
  for (std::size_t x = 0; x < picture_.width; ++x) {
    for (std::size_t i = 0; i < times_; ++i) sums_[x] += grey[x * times_ + i];
  }
  if (rows_ % times_ != 0) return;
  for (std::size_t x = 0; x < picture_.width; ++x) {
    out[x] = static_cast<char>(sums_[x] / (times_ * times_));
    sums_[x] = 0;
  }
}

std::size_t Canvas::times_too_large(std::size_t width, std::size_t height, std::uint64_t most) {
  std::size_t times = 1;
  while (static_cast<std::uint64_t>(width / times) * (height / times) > most) ++times;
  return times;
}

bool is_picture(std::string_view type) { return type == "png" || type == "jpeg" || type == "gif" || type == "bmp"; }

Picture read_picture(std::string_view bytes, std::string_view type, const PictureLimits& limits) {
  if (type == "png") return read_png(bytes, limits);
  if (type == "jpeg") return read_jpeg(bytes, limits);
  if (type == "gif") return read_gif(bytes, limits);
  if (type == "bmp") return read_bmp(bytes, limits);
  return {};
}

}  // namespace mailreeve::scan
