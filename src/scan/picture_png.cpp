// SPDX-License-Identifier: Apache-2.0
// PNG by libpng, row by row.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "scan/picture_canvas.h"

namespace mailreeve::scan {
namespace {

struct Source {
  std::string_view rest;
};

void read_octets(png_structp png, png_bytep out, std::size_t size) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (size > source.rest.size()) png_error(png, "it ends too early");
  std::memcpy(out, source.rest.data(), size);
  source.rest.remove_prefix(size);
}

[[noreturn]] void give_up(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void ignore(png_structp, png_const_charp) {}

/// libpng leaves by longjmp: whatever has a destructor lives here, outside of the functions that it leaves.
struct Reading {
  explicit Reading(std::string_view bytes) : source{bytes} {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, give_up, ignore);
    if (png != nullptr) info = png_create_info_struct(png);
  }
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  png_structp png = nullptr;
  png_infop info = nullptr;
  Source source;
  png_uint_32 width = 0, height = 0;
  int channels = 0;
  int passes = 1;
  std::string row;
  std::string whole;  // of interlaced ones
};

bool read_header(Reading& in) {
  if (setjmp(png_jmpbuf(in.png)) != 0) return false;
  png_set_read_fn(in.png, &in.source, read_octets);
  constexpr png_uint_32 side_limit = 65'535;
  png_set_user_limits(in.png, side_limit, side_limit);
  png_set_chunk_cache_max(in.png, 16);
  png_set_chunk_malloc_max(in.png, 1 << 20);
  // Checksums are passed over, as are all chunks that do not change what the picture shows.
  png_set_crc_action(in.png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  png_set_keep_unknown_chunks(in.png, PNG_HANDLE_CHUNK_NEVER, nullptr, 0);
  constexpr unsigned char unused[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0sTER\0tEXt\0tIME\0zTXt";
  png_set_keep_unknown_chunks(in.png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof unused / 5);
  png_read_info(in.png, in.info);
  in.width = png_get_image_width(in.png, in.info);
  in.height = png_get_image_height(in.png, in.info);
  return true;
}

/// Grey or three colors, perhaps with alpha, of eight bits.
bool begin(Reading& in) {
  if (setjmp(png_jmpbuf(in.png)) != 0) return false;
  png_set_expand(in.png);
  png_set_scale_16(in.png);
  in.passes = png_set_interlace_handling(in.png);
  png_read_update_info(in.png, in.info);
  in.channels = png_get_channels(in.png, in.info);
  return in.channels <= 4 &&
         png_get_rowbytes(in.png, in.info) == std::size_t{in.width} * static_cast<unsigned>(in.channels);
}

bool next_row(Reading& in, char* out) {
  if (setjmp(png_jmpbuf(in.png)) != 0) return false;
  png_read_row(in.png, reinterpret_cast<png_bytep>(out), nullptr);
  return true;
}

/// On white, in place.
void make_grey(std::string& row, unsigned channels, std::size_t width) {
  if (channels == 1) return;
  auto* out = reinterpret_cast<unsigned char*>(row.data());
  for (std::size_t x = 0; x < width; ++x) {
    const auto* in = out + x * channels;
    auto grey = channels < 3 ? in[0] : (299U * in[0] + 587U * in[1] + 114U * in[2]) / 1000;
    if (channels % 2 == 0) {
      const unsigned alpha = in[channels - 1];
      grey = (grey * alpha + 255 * (255 - alpha)) / 255;
    }
    out[x] = static_cast<unsigned char>(grey);
  }
}

}  // namespace

Picture read_png(std::string_view bytes, const PictureLimits& limits) {
  Picture none;
  Reading in{bytes};
  if (in.info == nullptr || !read_header(in) || in.width < smallest_side || in.height < smallest_side) return none;
  none.work = std::uint64_t{in.width} * in.height;
  none.too_large = none.work > limits.work;
  if (none.too_large || !begin(in)) return none;
  const auto times = Canvas::times_too_large(in.width, in.height, limits.shown);
  none.too_large = in.passes > 1 && times > 1;
  if (none.too_large) return none;
  Canvas canvas{in.width, in.height, times};
  const auto row_size = std::size_t{in.width} * static_cast<unsigned>(in.channels);
  in.row.assign(row_size, '\xff');
  if (in.passes > 1) {
    in.whole.assign(row_size * in.height, '\xff');
    bool going = true;
    for (int pass = 0; pass < in.passes && going; ++pass) {
      for (std::size_t y = 0; y < in.height && going; ++y) going = next_row(in, in.whole.data() + y * row_size);
    }
  }
  for (std::size_t y = 0; y < in.height; ++y) {
    if (in.passes > 1) {
      in.row.assign(in.whole, y * row_size, row_size);
    } else if (!next_row(in, in.row.data())) {
      break;
    }
    make_grey(in.row, static_cast<unsigned>(in.channels), in.width);
    canvas.row(reinterpret_cast<const unsigned char*>(in.row.data()));
  }
  auto picture = canvas.take();
  picture.work = none.work;
  return picture;
}

}  // namespace mailreeve::scan
