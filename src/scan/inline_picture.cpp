// SPDX-License-Identifier: Apache-2.0
#include "scan/inline_picture.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "mail/characters.h"
#include "scan/file_type.h"
#include "scan/links.h"
#include "scan/percent.h"
#include "scan/transfer.h"

namespace mailreeve::scan {
namespace {

constexpr std::uint64_t most_pixels = 25'000'000;
constexpr std::uint64_t longest_side = 12'000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

bool begins(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && mail::equals_ignoring_case(text.substr(0, lower.size()), lower);
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = at; i < at + size; ++i) {
    value = value << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  }
  return value;
}

struct Size {
  std::uint64_t width = 0, height = 0;
};

/// ITU T.81 B.2.2: the frame header is behind segments that tell their length.
Size jpeg_size(std::string_view bytes) {
  std::size_t at = 2;
  while (at + 9 <= bytes.size() && bytes[at] == '\xff') {
    const auto mark = static_cast<unsigned char>(bytes[at + 1]);
    if (mark == 0xff) {
      ++at;
      continue;
    }
    if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc) {
      return {big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2)};
    }
    at += 2 + big_endian(bytes, at + 2, 2);
  }
  return {};
}

Size size_of(std::string_view bytes, std::string_view type) {
  if (type == "png") return {big_endian(bytes, 16, 4), big_endian(bytes, 20, 4)};
  if (type == "jpeg") return jpeg_size(bytes);
  const auto octet = [bytes](std::size_t at) { return big_endian(bytes, at, 1); };
  return {octet(6) | octet(7) << 8, octet(8) | octet(9) << 8};
}

/// A few octets may unpack to gigabytes of pixels.
bool is_bearable(const Size& size) {
  return size.width > 0 && size.height > 0 && size.width <= longest_side && size.height <= longest_side &&
         size.width * size.height <= most_pixels;
}

}  // namespace

PictureSource picture_source(std::string_view address) {
  const auto text = trimmed(address);
  if (text.empty()) return PictureSource::nothing;
  if (begins(text, "cid:")) return PictureSource::message;
  if (begins(text, "data:")) return PictureSource::data;
  return parse_url(text) ? PictureSource::elsewhere : PictureSource::nothing;
}

std::string InlinePictures::data_address(std::string_view address) {
  auto text = trimmed(address);
  std::string decoded;
  std::string_view bytes;
  const auto source = picture_source(text);
  if (source == PictureSource::message) {
    bytes = find_ ? find_(percent_decoded(text.substr(4))) : std::string_view{};
  } else if (source == PictureSource::data) {
    const auto comma = text.find(',');
    constexpr std::size_t longest_type = 100;
    if (comma > longest_type || !mail::lower(text.substr(0, comma)).ends_with(";base64")) return {};
    decoded = std::move(decode(text.substr(comma + 1), Coding::base64, limits_.picture + 1).bytes.front());
    bytes = decoded;
  }
  if (bytes.empty() || bytes.size() > limits_.picture || used_ + bytes.size() > limits_.pictures) return {};
  const auto type = type_of(bytes);
  if (type != "png" && type != "jpeg" && type != "gif") return {};
  if (!is_bearable(size_of(bytes, type))) return {};
  used_ += bytes.size();
  return fmt::format("data:image/{};base64,{}", type, to_base64(bytes));
}

}  // namespace mailreeve::scan
