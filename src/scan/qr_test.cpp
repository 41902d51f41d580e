// SPDX-License-Identifier: Apache-2.0
// Codes in pictures of every kind that is read, and pictures that are made to cost much.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <zlib.h>

#include <cstdio>
// jpeglib.h needs stdio's types before it.
#include <jpeglib.h>

#include "base/random.h"
#include "scan/black_white.h"
#include "scan/pdf_picture.h"
#include "scan/qr.h"
#include "scan/scan.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::string_literals;

const std::string address = "https://qr.example/x";
constexpr std::size_t side = 25;
// `qrencode -m 0 -l M` of the address.
constexpr std::string_view modules =
    // clang-format off
    "#######  # ## ##  #######"
    "#     # #  #####  #     #"
    "# ### #           # ### #"
    "# ### #  ##       # ### #"
    "# ### # # # ####  # ### #"
    "#     #  # #  ##  #     #"
    "####### # # # # # #######"
    "            ####         "
    "# # # #  ##  #      #  # "
    "# #    ## ### # # #     #"
    "# #  ## ####  #   ### ###"
    "  ##    #   ## #####   # "
    "## #  #    #  ### ## # ##"
    "  ###    # #    ###  #  #"
    "#  ## # ###  #   # #  ###"
    " #  ## # # #   # ## #  # "
    "# # # #  #  #   ######   "
    "        # #### ##   ## ##"
    "#######    ## ### # ## ##"
    "#     #  #  ### #   ## # "
    "# ### # #  #  # ###### ##"
    "# ### #   ##  ##   ####  "
    "# ### # # #  #      #   #"
    "#     #  # #    #   ## # "
    "####### ### #  #####   ##";
// clang-format on
static_assert(modules.size() == side * side);

/// The code with a margin of four modules.
Picture code(std::size_t scale, std::size_t margin = 4) {
  Picture picture;
  picture.width = picture.height = (side + 2 * margin) * scale;
  picture.grey.assign(picture.width * picture.height, '\xff');
  for (std::size_t y = 0; y < side * scale; ++y) {
    for (std::size_t x = 0; x < side * scale; ++x) {
      if (modules[y / scale * side + x / scale] == '#')
        picture.grey[(y + margin * scale) * picture.width + x + margin * scale] = '\0';
    }
  }
  return picture;
}

void paste(Picture& onto, const Picture& what, std::size_t x, std::size_t y) {
  for (std::size_t row = 0; row < what.height; ++row)
    onto.grey.replace((y + row) * onto.width + x, what.width, what.grey, row * what.width, what.width);
}

Picture page(std::size_t width, std::size_t height) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  picture.grey.assign(width * height, '\xff');
  return picture;
}

std::string png_of(const Picture& picture, bool interlaced = false, bool transparent = false) {
  std::string out;
  auto* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  auto* info = png_create_info_struct(png);
  const auto write = [](png_structp to, png_bytep bytes, std::size_t size) {
    static_cast<std::string*>(png_get_io_ptr(to))->append(reinterpret_cast<char*>(bytes), size);
  };
  png_set_write_fn(png, &out, write, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height), 8,
               transparent ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_GRAY,
               interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::string octets = picture.grey;
  const std::size_t channels = transparent ? 4 : 1;
  if (transparent) {
    // Black throughout: what is white shows through.
    octets.clear();
    for (const char grey : picture.grey) octets += {'\0', '\0', '\0', static_cast<char>(~grey)};
  }
  std::vector<png_bytep> rows;
  for (std::size_t y = 0; y < picture.height; ++y)
    rows.push_back(reinterpret_cast<png_bytep>(octets.data()) + y * picture.width * channels);
  png_write_image(png, rows.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string jpeg_of(const Picture& picture, bool progressive = false) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = ::jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  ::jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(picture.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.height);
  jpeg.input_components = 1;
  jpeg.in_color_space = JCS_GRAYSCALE;
  ::jpeg_set_defaults(&jpeg);
  ::jpeg_set_quality(&jpeg, 60, TRUE);
  if (progressive) ::jpeg_simple_progression(&jpeg);
  ::jpeg_start_compress(&jpeg, TRUE);
  auto grey = picture.grey;
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = reinterpret_cast<JSAMPROW>(grey.data()) + jpeg.next_scanline * picture.width;
    ::jpeg_write_scanlines(&jpeg, &row, 1);
  }
  ::jpeg_finish_compress(&jpeg);
  std::string out{reinterpret_cast<char*>(memory), size};
  ::jpeg_destroy_compress(&jpeg);
  std::free(memory);
  return out;
}

std::string little(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

/// Of 24 or of 8 bits, from below.
std::string bmp_of(const Picture& picture, unsigned bits) {
  const auto palette = bits == 8 ? 256 * 4U : 0U;
  auto out = "BM" + little(0, 8) + little(54 + palette, 4) + little(40, 4) + little(picture.width, 4) +
             little(picture.height, 4) + little(1, 2) + little(bits, 2) + std::string(24, '\0');
  for (unsigned i = 0; i < palette / 4; ++i) out += little(i | i << 8 | i << 16, 4);
  for (auto y = picture.height; y-- > 0;) {
    for (std::size_t x = 0; x < picture.width; ++x) out += std::string(bits / 8, picture.grey[y * picture.width + x]);
    while ((out.size() - 54 - palette) % 4 != 0) out += '\0';
  }
  return out;
}

/// Two colours; codes of nine bits for eight-bit octets, cleared before the table grows.
std::string gif_of(const Picture& picture) {
  const auto size = little(picture.width, 2) + little(picture.height, 2);
  auto out = "GIF89a" + size + "\xf7\0\0"s;
  for (unsigned i = 0; i < 256; ++i) out += std::string(3, static_cast<char>(i));
  out += "\x21\xf9\x04\0\0\0\0\0"s + "\x2c" + std::string(4, '\0') + size + "\0\x08"s;
  std::string packed;
  unsigned buffer = 0;
  unsigned bits = 0;
  const auto put = [&](unsigned value) {
    buffer |= value << bits;
    for (bits += 9; bits >= 8; bits -= 8, buffer >>= 8) packed += static_cast<char>(buffer & 255);
  };
  for (std::size_t i = 0; i < picture.grey.size(); ++i) {
    if (i % 200 == 0) put(256);
    put(static_cast<unsigned char>(picture.grey[i]));
  }
  put(257);
  packed += static_cast<char>(buffer);
  for (std::size_t at = 0; at < packed.size(); at += 255) {
    const auto block = packed.substr(at, 255);
    out += static_cast<char>(block.size()) + block;
  }
  return out + "\0;"s;
}

std::vector<std::string> texts(const Picture& picture) {
  std::uint64_t effort = 1'000'000;
  return read_qr(picture, effort).texts;
}

std::vector<std::string> texts_in(const std::string& bytes, std::string_view type) {
  return texts(read_picture(bytes, type, {}));
}

std::string encoded(const std::string& bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned value = 0;
    for (std::size_t i = 0; i < 3; ++i)
      value = value << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += at + i > bytes.size() ? '=' : letters[value >> (18 - 6 * i) & 63];
  }
  return out;
}

std::string message(const std::string& bytes, const std::string& type) {
  return "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
         "Content-Type: " +
         type + "; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(bytes) + "\r\n--b--\r\n";
}

TEST(Qr, CodesAreReadFromEveryKindOfPicture) {
  const auto picture = code(4);
  EXPECT_THAT(texts(picture), ElementsAre(address));
  EXPECT_THAT(texts_in(png_of(picture), "png"), ElementsAre(address));
  EXPECT_THAT(texts_in(png_of(picture, true), "png"), ElementsAre(address));
  EXPECT_THAT(texts_in(png_of(picture, false, true), "png"), ElementsAre(address));
  EXPECT_THAT(texts_in(jpeg_of(picture), "jpeg"), ElementsAre(address));
  EXPECT_THAT(texts_in(jpeg_of(picture, true), "jpeg"), ElementsAre(address));
  EXPECT_THAT(texts_in(gif_of(picture), "gif"), ElementsAre(address));
  EXPECT_THAT(texts_in(bmp_of(picture, 24), "bmp"), ElementsAre(address));
  EXPECT_THAT(texts_in(bmp_of(picture, 8), "bmp"), ElementsAre(address));
}

TEST(Qr, CodesAreReadLightOnDarkAndOfAnySizeThatPeopleCanSee) {
  auto light = code(4);
  for (auto& grey : light.grey) grey = static_cast<char>(~grey);
  EXPECT_THAT(texts(light), ElementsAre(address));
  EXPECT_THAT(texts(code(2, 2)), ElementsAre(address));
  auto large = page(1600, 1200);
  paste(large, code(30), 300, 100);
  EXPECT_THAT(texts(large), ElementsAre(address));
  auto small = page(3000, 2500);  // comes out smaller than it is
  paste(small, code(8), 1900, 1300);
  EXPECT_THAT(texts_in(png_of(small), "png"), ElementsAre(address));
  EXPECT_THAT(texts_in(jpeg_of(small), "jpeg"), ElementsAre(address));
}

TEST(Qr, PicturesWithoutCodesCostLittle) {
  std::uint64_t effort = 100;
  EXPECT_THAT(read_qr(page(1000, 1000), effort).texts, IsEmpty());
  EXPECT_THAT(read_qr(page(3, 3), effort).texts, IsEmpty());
  EXPECT_EQ(effort, 100U);
  EXPECT_EQ(count_corners(black_and_white(code(3)), code(3).width, true, 100), 3U);
}

TEST(Qr, ManyMarksAreLeftAlone) {
  auto marks = page(2000, 2000);
  const std::string_view rows[] = {"#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"};
  for (std::size_t y = 0; y + 20 < marks.height; y += 20) {
    for (std::size_t x = 0; x + 20 < marks.width; x += 20) {
      for (std::size_t i = 0; i < 14 * 14; ++i) {
        if (rows[i / 14 / 2][i % 14 / 2] == '#') marks.grey[(y + i / 14) * marks.width + x + i % 14] = '\0';
      }
    }
  }
  std::uint64_t effort = 12'000'000;
  EXPECT_TRUE(read_qr(marks, effort).too_many_marks);
  const auto report = scan(message(png_of(marks), "image/png"), {});
  EXPECT_THAT(report.notes, ElementsAre(Field(&Note::code, "scan.limit.pictures")));
}

TEST(Pictures, WhatIsTooLargeIsToldAndNotRead) {
  PictureLimits limits;
  limits.work = 5'000;
  for (const auto* type : {"png", "jpeg", "gif", "bmp"}) {
    const auto bytes = type == "png"s    ? png_of(code(8))
                       : type == "jpeg"s ? jpeg_of(code(8))
                       : type == "gif"s  ? gif_of(code(8))
                                         : bmp_of(code(8), 24);
    const auto picture = read_picture(bytes, type, limits);
    EXPECT_TRUE(picture.too_large) << type;
    EXPECT_EQ(picture.width, 0U) << type;
    EXPECT_GT(picture.work, limits.work) << type;
  }
  // A header that promises more than there is.
  auto forged = bmp_of(code(2), 24);
  forged.replace(18, 8, little(65'000, 4) + little(65'000, 4));
  EXPECT_TRUE(read_picture(forged, "bmp", {}).too_large);
}

TEST(Pictures, GarbageIsReadToItsEnd) {
  SeededRandom random{5};
  const auto picture = code(2);
  const std::pair<std::string, std::string> files[] = {{png_of(picture), "png"},   {png_of(picture, true), "png"},
                                                       {jpeg_of(picture), "jpeg"}, {jpeg_of(picture, true), "jpeg"},
                                                       {gif_of(picture), "gif"},   {bmp_of(picture, 8), "bmp"}};
  for (const auto& [whole, type] : files) {
    EXPECT_GT(read_picture(whole.substr(0, whole.size() / 2), type, {}).width, 0U) << type;
    for (int round = 0; round < 300; ++round) {
      auto bytes = whole;
      for (int i = 0; i < 3; ++i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      bytes.resize(random.below(bytes.size()) + 1);
      const auto read = read_picture(bytes, type, {});
      EXPECT_EQ(read.grey.size(), read.width * read.height);
      texts(read);
    }
  }
}

TEST(Qr, WhereACodeLeadsIsALinkOfTheMessage) {
  const auto is_there = Contains(testing::AllOf(Field(&Link::kind, Link::Kind::qr), Field(&Link::host, "qr.example")));
  EXPECT_THAT(scan(message(png_of(code(4)), "image/png"), {}).links, is_there);
  EXPECT_THAT(scan(message(jpeg_of(code(4)), "application/octet-stream"), {}).links, is_there);
  const auto in_html = scan(
      "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<img src=\"data:image/png;base64," +
          encoded(png_of(code(4))) + "\">\r\n",
      {});
  EXPECT_THAT(in_html.links, is_there);
  const auto pdf = "%PDF-1.4\n1 0 obj\n<< /Subtype /Image /Filter /DCTDecode /Length 1 >>\nstream\n" +
                   jpeg_of(code(4)) + "\nendstream\n";
  EXPECT_THAT(scan(message(pdf, "application/pdf"), {}).links, is_there);
}

TEST(Qr, DeflatedPicturesInPdfAreRead) {
  const auto picture = code(4);
  const auto deflated = [](const std::string& raw) {
    std::string out(compressBound(raw.size()), '\0');
    auto size = static_cast<uLongf>(out.size());
    ::compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size());
    out.resize(size);
    return out;
  };
  const auto document = [&](const std::string& more, const std::string& raw) {
    return fmt::format(
        "%PDF-1.4\n1 0 obj\n<< /Type /XObject /Subtype /Image /Width {} /Height {} /Filter /FlateDecode {} "
        ">>\nstream\n{}\nendstream\nendobj\n",
        picture.width, picture.height, more, deflated(raw));
  };
  std::string colored;
  std::string bits;
  std::string palette;
  std::string filtered;  // by PNG's "up"
  for (std::size_t y = 0; y < picture.height; ++y) {
    filtered += '\2';
    for (std::size_t x = 0; x < picture.width; ++x) {
      const char grey = picture.grey[y * picture.width + x];
      colored += std::string(3, grey);
      palette += grey == '\0' ? '\0' : '\1';
      if (x % 8 == 0) bits += '\0';
      if (grey != '\0') bits.back() = static_cast<char>(bits.back() | 0x80 >> x % 8);
      filtered += static_cast<char>(grey - (y > 0 ? picture.grey[(y - 1) * picture.width + x] : '\0'));
    }
  }
  for (const auto& pdf :
       {document("/BitsPerComponent 8 /ColorSpace /DeviceRGB", colored),
        document("/BitsPerComponent 1 /ColorSpace /DeviceGray", bits), document("/ImageMask true", bits),
        document("/BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB 1 <000000ffffff>]", palette),
        document("/BitsPerComponent 8 /DecodeParms << /Predictor 15 /Columns 132 >>", filtered)}) {
    const auto found = pdf_pictures(pdf, 10);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(texts(read_pdf_picture(found[0], {})), ElementsAre(address)) << pdf.substr(0, 200);
  }
  SeededRandom random{8};
  const auto whole = document("/BitsPerComponent 8", colored);
  for (int round = 0; round < 500; ++round) {
    auto bytes = whole;
    for (int i = 0; i < 5; ++i) bytes[random.below(200)] = static_cast<char>(random.below(256));
    for (const auto& each : pdf_pictures(bytes, 10)) read_pdf_picture(each, {});
  }
}

TEST(Qr, OnlySoManyPicturesAreRead) {
  std::string parts;
  for (int i = 0; i < 40; ++i)
    parts += "--b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
             encoded(png_of(page(30, 30))) + "\r\n";
  const auto report =
      scan("From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts +
               "--b--\r\n",
           {});
  EXPECT_THAT(report.items, SizeIs(40));
  EXPECT_THAT(report.notes, Contains(Field(&Note::code, "scan.limit.pictures")));
}

}  // namespace
}  // namespace mailreeve::scan
