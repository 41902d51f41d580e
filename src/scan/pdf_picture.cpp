// SPDX-License-Identifier: Apache-2.0
#include "scan/pdf_picture.h"

#include <algorithm>
#include <cstdlib>

#include "mail/characters.h"
#include "scan/inflate.h"
#include "scan/picture_canvas.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t dictionary_limit = 4'096;
constexpr int tries = 1'000;
constexpr std::size_t wrapped_limit = 16U << 20;  // of a JPEG that is deflated once more
constexpr std::size_t raw_limit = 64U << 20;

/// The number behind a name: "/Width 300".
std::size_t number_of(std::string_view dictionary, std::string_view name, std::size_t otherwise) {
  for (auto at = dictionary.find(name); at != std::string_view::npos; at = dictionary.find(name, at + 1)) {
    auto rest = dictionary.substr(at + name.size());
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\r' || rest.front() == '\n'))
      rest.remove_prefix(1);
    std::size_t value = 0;
    std::size_t digits = 0;
    while (digits < rest.size() && digits < 6 && mail::is_digit(rest[digits]))
      value = value * 10 + static_cast<std::size_t>(rest[digits++] - '0');
    if (digits > 0) return value;
  }
  return otherwise;
}

bool has(std::string_view dictionary, std::string_view name) { return dictionary.find(name) != std::string_view::npos; }

unsigned octet(char c) { return static_cast<unsigned char>(c); }

/// PNG 9: what was subtracted from a row is added to it again.
void unfilter(unsigned filter, std::string& row, const std::string& above, std::size_t step) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const unsigned left = i >= step ? octet(row[i - step]) : 0;
    const unsigned up = octet(above[i]);
    const unsigned corner = i >= step ? octet(above[i - step]) : 0;
    unsigned add = 0;
    if (filter == 1) add = left;
    if (filter == 2) add = up;
    if (filter == 3) add = (left + up) / 2;
    if (filter == 4) {
      const int estimate = static_cast<int>(left) + static_cast<int>(up) - static_cast<int>(corner);
      const int a = std::abs(estimate - static_cast<int>(left));
      const int b = std::abs(estimate - static_cast<int>(up));
      const int c = std::abs(estimate - static_cast<int>(corner));
      add = a <= b && a <= c ? left : b <= c ? up : corner;
    }
    row[i] = static_cast<char>(octet(row[i]) + add);
  }
}

struct Form {
  std::size_t width, height, bits, parts;  // of a pixel
  std::size_t row_size() const { return (width * bits * parts + 7) / 8; }
};

void make_grey(const std::string& row, const Form& form, std::string& grey) {
  for (std::size_t x = 0; x < form.width; ++x) {
    unsigned sum = 0;
    for (std::size_t part = 0; part < form.parts; ++part) {
      const auto place = (x * form.parts + part) * form.bits;
      // Of sixteen bits the upper eight.
      const auto shown = std::min<std::size_t>(form.bits, 8);
      const auto value = octet(row[place / 8]) >> (8 - shown - place % 8) & ((1U << shown) - 1);
      sum += value * 255 / ((1U << shown) - 1);
    }
    grey[x] = static_cast<char>(sum / form.parts);
  }
}

/// Numbers of colors in a palette look all alike otherwise.
void stretch(Picture& picture) {
  if (picture.grey.empty()) return;
  const auto [least, most] = std::ranges::minmax(picture.grey, {}, octet);
  const auto from = octet(least);
  const auto range = octet(most) - from;
  constexpr unsigned enough = 64;
  if (range == 0 || range >= enough) return;
  for (auto& grey : picture.grey) grey = static_cast<char>((octet(grey) - from) * 255 / range);
}

}  // namespace

std::vector<PdfPicture> pdf_pictures(std::string_view bytes, std::size_t most) {
  std::vector<PdfPicture> found;
  constexpr std::string_view name = "/Image";
  int left = tries;
  std::size_t next = 0;
  for (auto at = bytes.find(name); at != std::string_view::npos && found.size() < most && left-- > 0;
       at = bytes.find(name, std::max(next, at + name.size()))) {
    // The dictionary stands between "obj" and "stream".
    const auto before = bytes.substr(0, at);
    const auto window = before.substr(before.size() > dictionary_limit ? before.size() - dictionary_limit : 0);
    const auto object = window.rfind("obj");
    if (object == std::string_view::npos) continue;
    const auto rest = bytes.substr(at, dictionary_limit);
    const auto stream = rest.find("stream");
    if (stream == std::string_view::npos) continue;
    const auto start = before.size() - window.size() + object;
    PdfPicture picture;
    picture.dictionary = bytes.substr(start, at + stream - start);
    if (picture.dictionary.find("endobj", 3) != std::string_view::npos) continue;
    picture.data = bytes.substr(at + stream + 6);
    if (picture.data.starts_with('\r')) picture.data.remove_prefix(1);
    if (picture.data.starts_with('\n')) picture.data.remove_prefix(1);
    picture.data = picture.data.substr(0, picture.data.find("endstream"));
    next = at + stream + picture.data.size();
    found.push_back(picture);
  }
  return found;
}

Picture read_pdf_picture(const PdfPicture& picture, const PictureLimits& limits) {
  constexpr std::string_view jpeg = "\xff\xd8\xff";
  Picture none;
  if (picture.data.starts_with(jpeg)) return read_picture(picture.data, "jpeg", limits);
  const auto dictionary = picture.dictionary;
  if (!has(dictionary, "/FlateDecode") && !has(dictionary, "/Fl ")) return none;
  if (has(dictionary, "/DCTDecode")) {
    const auto unpacked = inflated(picture.data, wrapped_limit);
    auto read = read_picture(unpacked, "jpeg", limits);
    read.work = std::max<std::uint64_t>(read.work, unpacked.size() / 4);
    return read;
  }
  Form form{number_of(dictionary, "/Width", 0), number_of(dictionary, "/Height", 0), 0, 1};
  form.bits = number_of(dictionary, "/BitsPerComponent", has(dictionary, "/ImageMask true") ? 1 : 8);
  const bool known = form.bits == 1 || form.bits == 2 || form.bits == 4 || form.bits == 8 || form.bits == 16;
  if (!known || form.width < smallest_side || form.height < smallest_side) return none;
  none.work = std::uint64_t{form.width} * form.height;
  none.too_large = none.work > limits.work;
  if (none.too_large) return none;
  const bool filtered = number_of(dictionary, "/Predictor", 1) >= 10;
  // With four parts a pixel at most, and what a row begins with.
  const auto most = (Form{form.width, form.height, form.bits, 4}.row_size() + 1) * form.height;
  const auto raw = inflated(picture.data, std::min(most, raw_limit));
  for (const std::size_t parts : {4U, 3U}) {
    const Form all{form.width, form.height, form.bits, parts};
    if (form.parts == 1 && raw.size() >= (all.row_size() + (filtered ? 1 : 0)) * form.height) form.parts = parts;
  }
  const auto step = std::max<std::size_t>(1, form.bits * form.parts / 8);
  Canvas canvas{form.width, form.height, Canvas::times_too_large(form.width, form.height, limits.shown)};
  std::string above(form.row_size(), '\0');
  std::string grey(form.width, '\0');
  std::size_t at = 0;
  for (std::size_t y = 0; y < form.height && at + form.row_size() < raw.size() + 1; ++y) {
    const auto filter = filtered ? octet(raw[at++]) : 0;
    auto row = raw.substr(std::min(at, raw.size()), form.row_size());
    if (row.size() < form.row_size()) break;
    at += row.size();
    unfilter(filter, row, above, step);
    make_grey(row, form, grey);
    canvas.row(reinterpret_cast<const unsigned char*>(grey.data()));
    above = std::move(row);
  }
  auto read = canvas.take();
  read.work = none.work;
  stretch(read);
  return read;
}

}  // namespace mailreeve::scan
