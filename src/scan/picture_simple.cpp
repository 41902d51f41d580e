// SPDX-License-Identifier: Apache-2.0
// GIF (GIF89a) and BMP (BITMAPINFOHEADER, not compressed): simple enough to be read here.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "scan/octets.h"
#include "scan/picture_canvas.h"

namespace mailreeve::scan {
namespace {

using Shades = std::array<unsigned char, 256>;

unsigned char shade(unsigned red, unsigned green, unsigned blue) {
  return static_cast<unsigned char>((299 * red + 587 * green + 114 * blue) / 1000);
}

unsigned char octet(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

Shades read_palette(Octets& in, std::size_t count, std::size_t entry, bool red_first) {
  Shades shades{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto color = in.take(entry);
    shades[i & 255] = shade(octet(color, red_first ? 0 : 2), octet(color, 1), octet(color, red_first ? 2 : 0));
  }
  return shades;
}

/// Codes of up to twelve bits (GIF89a appendix F), out of blocks that each tell their size.
class Unpacker {
 public:
  Unpacker(Octets& in, unsigned width) : in_{in}, first_width_{width}, clear_{1U << width} { reset(); }

  /// At most `most` indices into the palette.
  std::string run(std::size_t most) {
    std::string out;
    int last = -1;
    while (out.size() < most) {
      const auto code = next_code();
      if (code < 0 || code == static_cast<int>(clear_ + 1)) break;
      if (code == static_cast<int>(clear_)) {
        reset();
        last = -1;
        continue;
      }
      if (last < 0) {
        if (code >= static_cast<int>(clear_)) break;
        out += static_cast<char>(code);
        last = code;
        continue;
      }
      if (code > static_cast<int>(used_)) break;
      // A code that is not there yet stands for the last one and its own first octet again.
      const bool is_new = code == static_cast<int>(used_);
      const auto start = out.size();
      write(out, static_cast<unsigned>(is_new ? last : code));
      const char first = out[start];
      if (is_new) out += first;
      if (used_ < before_.size()) {
        before_[used_] = static_cast<std::uint16_t>(last);
        octet_[used_] = first;
        ++used_;
        if (used_ == 1U << width_ && width_ < 12) ++width_;
      }
      last = code;
    }
    if (out.size() > most) out.resize(most);
    return out;
  }

 private:
  void reset() {
    width_ = first_width_ + 1;
    used_ = clear_ + 2;
  }

  int next_code() {
    while (bits_ < width_) {
      if (block_.empty()) {
        block_ = in_.take(in_.number(1));
        if (block_.empty()) return -1;
      }
      buffer_ |= static_cast<unsigned>(octet(block_, 0)) << bits_;
      block_.remove_prefix(1);
      bits_ += 8;
    }
    const auto code = buffer_ & ((1U << width_) - 1);
    buffer_ >>= width_;
    bits_ -= width_;
    return static_cast<int>(code);
  }

  void write(std::string& out, unsigned code) {
    std::size_t length = 0;
    while (code >= clear_ + 2 && length < stack_.size()) {
      stack_[length++] = octet_[code];
      code = before_[code];
    }
    out += static_cast<char>(code);
    while (length > 0) out += stack_[--length];
  }

  Octets& in_;
  unsigned first_width_, clear_;
  unsigned width_ = 0, used_ = 0;
  unsigned buffer_ = 0, bits_ = 0;
  std::string_view block_;
  std::array<std::uint16_t, 4096> before_{};
  std::array<char, 4096> octet_{}, stack_{};
};

/// Rows of interlaced pictures in the order in which they come.
std::vector<std::size_t> row_order(std::size_t height, bool interlaced) {
  std::vector<std::size_t> order;
  struct Pass {
    std::size_t first, step;
  };
  for (const auto& [first, step] : {Pass{0, 8}, Pass{4, 8}, Pass{2, 4}, Pass{1, 2}}) {
    if (!interlaced) break;
    for (auto y = first; y < height; y += step) order.push_back(y);
  }
  for (std::size_t y = 0; y < height && !interlaced; ++y) order.push_back(y);
  return order;
}

}  // namespace

Picture read_gif(std::string_view bytes, const PictureLimits& limits) {
  Picture none;
  Octets in{bytes};
  in.take(10);
  const auto flags = in.number(1);
  in.take(2);
  Shades shades{};
  if ((flags & 0x80) != 0) shades = read_palette(in, 2U << (flags & 7), 3, true);
  int transparent = -1;
  auto mark = in.number(1);
  while (mark == 0x21 && !in.ended()) {
    const bool is_control = in.number(1) == 0xf9;
    for (auto block = in.take(in.number(1)); !block.empty(); block = in.take(in.number(1))) {
      if (is_control && block.size() >= 4 && (octet(block, 0) & 1) != 0) transparent = octet(block, 3);
    }
    mark = in.number(1);
  }
  if (mark != 0x2c) return none;
  in.take(4);
  const std::size_t width = in.number(2);
  const std::size_t height = in.number(2);
  const auto local = in.number(1);
  none.work = std::uint64_t{width} * height;
  none.too_large = none.work > std::min(limits.shown, limits.work);
  if (none.too_large || width < smallest_side || height < smallest_side) return none;
  if ((local & 0x80) != 0) shades = read_palette(in, 2U << (local & 7), 3, true);
  if (transparent >= 0) shades[static_cast<std::size_t>(transparent)] = 255;
  const auto code_width = in.number(1);
  if (code_width < 1 || code_width > 8) return none;
  const auto indices = Unpacker{in, code_width}.run(width * height);
  Picture picture{width, height, std::string(width * height, '\xff'), none.work, false};
  std::size_t from = 0;
  for (const auto y : row_order(height, (local & 0x40) != 0)) {
    for (std::size_t x = 0; x < width && from < indices.size(); ++x, ++from)
      picture.grey[y * width + x] = static_cast<char>(shades[octet(indices, from)]);
  }
  return picture;
}

Picture read_bmp(std::string_view bytes, const PictureLimits& limits) {
  Picture none;
  Octets in{bytes};
  in.take(10);
  const auto start = in.number(4);
  const auto header = in.number(4);
  const auto width = static_cast<std::int32_t>(in.number(4));
  const auto height = static_cast<std::int32_t>(in.number(4));
  in.take(2);
  const auto bits = in.number(2);
  const auto compression = in.number(4);
  in.take(12);
  auto colors = in.number(4);
  const bool known = bits == 1 || bits == 4 || bits == 8 || bits == 24 || bits == 32;
  const auto least = static_cast<std::int32_t>(smallest_side);
  if (header < 40 || !known || (compression != 0 && compression != 3) || width < least || std::abs(height) < least ||
      height < -65'535)
    return none;
  const auto wide = static_cast<std::size_t>(width);
  const auto high = static_cast<std::size_t>(std::abs(height));
  none.work = std::uint64_t{wide} * high;
  none.too_large = none.work > std::min(limits.shown, limits.work);
  if (none.too_large) return none;
  in.take(4 + header - 40);
  if (colors == 0 || colors > 256) colors = bits <= 8 ? 1U << bits : 0;
  const auto shades = read_palette(in, bits <= 8 ? colors : 0, 4, false);
  const auto row_size = (wide * bits + 31) / 32 * 4;
  Picture picture{wide, high, std::string(wide * high, '\xff'), none.work, false};
  for (std::size_t y = 0; y < high; ++y) {
    const auto at = start + y * row_size;
    if (at >= bytes.size()) break;
    const auto row = bytes.substr(at, row_size);
    auto* out = picture.grey.data() + (height > 0 ? high - 1 - y : y) * wide;
    for (std::size_t x = 0; x < wide; ++x) {
      if (bits >= 24) {
        const auto pixel = x * (bits / 8);
        out[x] = static_cast<char>(shade(octet(row, pixel + 2), octet(row, pixel + 1), octet(row, pixel)));
        continue;
      }
      const auto place = x * bits;
      const auto index = octet(row, place / 8) >> (8 - bits - place % 8) & ((1U << bits) - 1);
      out[x] = static_cast<char>(shades[index]);
    }
  }
  return picture;
}

}  // namespace mailreeve::scan
