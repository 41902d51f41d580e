// SPDX-License-Identifier: Apache-2.0
#include "scan/qr.h"

#define ZX_USE_UTF8 1  // texts as UTF-8
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <exception>

#include "scan/black_white.h"
#include "scan/picture_canvas.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t codes_limit = 10;
constexpr std::size_t text_limit = 2'000;
constexpr std::size_t corners_limit = 200;
constexpr std::uint64_t sets_limit = 256;  // of three marks that ZXing tries
constexpr std::uint64_t cost_of_try = 1'000;
constexpr std::size_t smaller = 3;  // blurred and very large codes are found in a smaller picture
constexpr std::size_t smaller_from = 500;

void read_bits(const std::string& bits, const Picture& picture, std::vector<std::string>& texts) {
  ZXing::DecodeHints hints;
  hints.setFormats(ZXing::BarcodeFormat::QRCode);
  hints.setMaxNumberOfSymbols(codes_limit);
  hints.setBinarizer(ZXing::Binarizer::FixedThreshold);
  hints.setTryDownscale(false);
  hints.setTryRotate(false);
  const ZXing::ImageView view{reinterpret_cast<const std::uint8_t*>(bits.data()), static_cast<int>(picture.width),
                              static_cast<int>(picture.height), ZXing::ImageFormat::Lum};
  try {
    for (const auto& found : ZXing::ReadBarcodes(view, hints)) {
      auto text = found.text();
      const bool is_new = std::ranges::find(texts, text) == texts.end();
      if (found.isValid() && !text.empty() && text.size() <= text_limit && is_new && texts.size() < codes_limit)
        texts.push_back(std::move(text));
    }
  } catch (const std::exception&) {
    // A picture that ZXing gives up on holds no code that can be read.
  }
}

void read_one_size(const Picture& picture, std::uint64_t& effort, QrLook& look) {
  auto bits = black_and_white(picture);
  for (const bool dark : {true, false}) {
    const std::uint64_t corners = count_corners(bits, picture.width, dark, corners_limit);
    if (corners < 3) continue;
    const auto sets = corners * (corners - 1) * (corners - 2) / 6;
    const auto cost = sets + std::min(sets, sets_limit) * cost_of_try;
    if (corners >= corners_limit || cost > effort) {
      look.too_many_marks = true;
      continue;
    }
    effort -= cost;
    if (!dark) {
      for (auto& bit : bits) bit = static_cast<char>(~bit);
    }
    read_bits(bits, picture, look.texts);
  }
}

Picture made_smaller(const Picture& picture) {
  Canvas canvas{picture.width, picture.height, smaller};
  for (std::size_t y = 0; y < picture.height; ++y)
    canvas.row(reinterpret_cast<const unsigned char*>(picture.grey.data()) + y * picture.width);
  return canvas.take();
}

}  // namespace

QrLook read_qr(const Picture& picture, std::uint64_t& effort) {
  QrLook look;
  if (picture.width < smallest_side || picture.height < smallest_side) return look;
  read_one_size(picture, effort, look);
  if (std::min(picture.width, picture.height) >= smaller_from) read_one_size(made_smaller(picture), effort, look);
  return look;
}

}  // namespace mailreeve::scan
