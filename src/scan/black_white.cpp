// SPDX-License-Identifier: Apache-2.0
#include "scan/black_white.h"

#include <algorithm>
#include <array>

namespace mailreeve::scan {
namespace {

constexpr std::size_t block = 8;

/// Of each block of 8 by 8: its brightness, or where it is all alike what makes it paper.
std::vector<unsigned> thresholds_of(const Picture& picture, std::size_t across, std::size_t down) {
  constexpr unsigned contrast = 24;
  std::vector<unsigned> levels(across * down);
  for (std::size_t v = 0; v < down; ++v) {
    for (std::size_t u = 0; u < across; ++u) {
      const auto x0 = std::min(u * block, picture.width - block);
      const auto y0 = std::min(v * block, picture.height - block);
      unsigned sum = 0;
      unsigned least = 255;
      unsigned most = 0;
      for (std::size_t y = y0; y < y0 + block; ++y) {
        const auto* row = reinterpret_cast<const unsigned char*>(picture.grey.data()) + y * picture.width + x0;
        for (std::size_t x = 0; x < block; ++x) {
          const unsigned value = row[x];
          sum += value;
          least = std::min(least, value);
          most = std::max(most, value);
        }
      }
      auto level = sum / (block * block);
      if (most - least <= contrast) {
        // All paper or all ink: paper, unless what is around says that this is dark.
        level = least / 2;
        if (u > 0 && v > 0) {
          const auto around =
              (levels[(v - 1) * across + u] + 2 * levels[v * across + u - 1] + levels[(v - 1) * across + u - 1]) / 4;
          if (least < around) level = around;
        }
      }
      levels[v * across + u] = static_cast<unsigned>(level);
    }
  }
  return levels;
}

/// The lengths of five runs that could be a corner's: each within three quarters of a module and half a pixel.
bool is_corner(const std::array<std::size_t, 5>& runs) {
  const auto total = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
  if (total < 7) return false;
  // In parts of 28: a module is four times `total`, a pixel 28.
  const auto is_near = [total](std::size_t run, std::size_t modules) {
    const auto is = run * 28;
    const auto ideal = modules * total * 4;
    return (is > ideal ? is - ideal : ideal - is) <= 3 * total + 14;
  };
  return is_near(runs[0], 1) && is_near(runs[1], 1) && is_near(runs[2], 3) && is_near(runs[3], 1) &&
         is_near(runs[4], 1);
}

class Corners {
 public:
  Corners(const std::string& bits, std::size_t width, bool dark)
      : bits_{bits}, width_{width}, height_{bits.size() / width}, ink_{dark ? '\0' : '\xff'} {}

  std::size_t count(std::size_t most) {
    constexpr std::size_t step = 3;  // a corner's middle is at least three pixels high
    for (std::size_t y = step - 1; y < height_ && found_.size() < most; y += step) row(y, most);
    return found_.size();
  }

 private:
  struct Place {
    std::size_t x, y, size;
  };

  bool is_ink(std::size_t x, std::size_t y) const { return bits_[y * width_ + x] == ink_; }

  void row(std::size_t y, std::size_t most) {
    std::array<std::size_t, 5> runs{};
    const char* at = bits_.data() + y * width_;
    std::size_t x = 0;
    std::size_t seen = 0;
    bool ink = false;
    while (x < width_) {
      const auto start = x;
      while (x < width_ && (at[x] == ink_) == ink) ++x;
      std::rotate(runs.begin(), runs.begin() + 1, runs.end());
      runs[4] = x - start;
      ++seen;
      if (ink && seen > 5 && is_corner(runs)) {
        const auto middle = x - runs[4] - runs[3] - (runs[2] + 1) / 2;
        const auto size = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
        const bool is_new_one = found_.size() < most && is_new(middle, y, size);
        if (is_new_one && is_corner_along(middle, y, 0, size) && is_corner_along(middle, y, 1, size) &&
            is_corner_along(middle, y, -1, size))
          found_.push_back({middle, y, size});
      }
      ink = !ink;
    }
  }

  bool is_new(std::size_t x, std::size_t y, std::size_t size) const {
    return std::ranges::none_of(found_, [&](const Place& known) {
      const auto near = std::min(known.size, size) / 2;
      return (x > known.x ? x - known.x : known.x - x) <= near && y - known.y <= near;
    });
  }

  /// How far it is alike from there, going down (or up) and perhaps sideways; at most `most`.
  std::size_t run(Place& at, int across, bool down, bool ink, std::size_t most) const {
    std::size_t length = 0;
    // Beyond the first row and column it wraps to where nothing is.
    while (at.y < height_ && at.x < width_ && length <= most && is_ink(at.x, at.y) == ink) {
      ++length;
      at.y += down ? 1U : static_cast<std::size_t>(-1);
      at.x += static_cast<std::size_t>(down ? across : -across);
    }
    return length;
  }

  bool is_corner_along(std::size_t x, std::size_t y, int across, std::size_t size) const {
    Place up{x, y, 0};
    Place down{x + static_cast<std::size_t>(across), y + 1, 0};
    const auto most = 3 * size;
    std::array<std::size_t, 5> runs{};
    runs[2] = run(up, across, false, true, most) + run(down, across, true, true, most);
    runs[1] = run(up, across, false, false, most);
    runs[0] = run(up, across, false, true, most);
    runs[3] = run(down, across, true, false, most);
    runs[4] = run(down, across, true, true, most);
    return is_corner(runs);
  }

  const std::string& bits_;
  std::size_t width_, height_;
  char ink_;
  std::vector<Place> found_;
};

}  // namespace

std::string black_and_white(const Picture& picture) {
  const auto across = (picture.width + block - 1) / block;
  const auto down = (picture.height + block - 1) / block;
  const auto levels = thresholds_of(picture, across, down);
  std::string bits(picture.grey.size(), '\xff');
  for (std::size_t v = 0; v < down; ++v) {
    for (std::size_t u = 0; u < across; ++u) {
      // The mean of five by five blocks around it.
      constexpr std::size_t around = 5;
      const auto left = std::min(u < 2 ? 0 : u - 2, across < around ? 0 : across - around);
      const auto top = std::min(v < 2 ? 0 : v - 2, down < around ? 0 : down - around);
      unsigned sum = 0;
      unsigned count = 0;
      for (auto y = top; y < std::min(top + around, down); ++y) {
        for (auto x = left; x < std::min(left + around, across); ++x, ++count) sum += levels[y * across + x];
      }
      const auto threshold = sum / count;
      for (auto y = v * block; y < std::min((v + 1) * block, picture.height); ++y) {
        const auto* from = reinterpret_cast<const unsigned char*>(picture.grey.data()) + y * picture.width;
        auto* to = bits.data() + y * picture.width;
        for (auto x = u * block; x < std::min((u + 1) * block, picture.width); ++x)
          to[x] = from[x] <= threshold ? '\0' : '\xff';
      }
    }
  }
  return bits;
}

std::size_t count_corners(const std::string& bits, std::size_t width, bool dark, std::size_t most) {
  return width == 0 ? 0 : Corners{bits, width, dark}.count(most);
}

}  // namespace mailreeve::scan
