// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo, its brightness alone; large ones scaled down while they are read.
#include <cstdio>
// jpeglib.h needs stdio's types before it.
#include <jpeglib.h>

#include <csetjmp>

#include "scan/picture_canvas.h"

namespace mailreeve::scan {
namespace {

constexpr int scans_limit = 50;           // of progressive ones: each goes over the whole picture
constexpr long memory_limit = 128 << 20;  // what progressive ones keep

struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf back;
};

[[noreturn]] void give_up(j_common_ptr jpeg) { std::longjmp(reinterpret_cast<Failure*>(jpeg->err)->back, 1); }
void say_nothing(j_common_ptr) {}
void warn_nothing(j_common_ptr, int) {}

void count_scans(j_common_ptr jpeg) {
  if (jpeg->is_decompressor != 0 && reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > scans_limit)
    give_up(jpeg);
}

/// libjpeg leaves by longjmp: whatever has a destructor lives here, outside of the functions that it leaves.
struct Reading {
  Reading() {
    jpeg.err = ::jpeg_std_error(&failure.manager);
    failure.manager.error_exit = give_up;
    failure.manager.output_message = say_nothing;
    failure.manager.emit_message = warn_nothing;
    progress.progress_monitor = count_scans;
  }
  ~Reading() { ::jpeg_destroy_decompress(&jpeg); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  Failure failure{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct jpeg{};
  std::string row;
};

bool read_header(Reading& in, std::string_view bytes) {
  if (setjmp(in.failure.back) != 0) return false;
  jpeg_create_decompress(&in.jpeg);
  in.jpeg.mem->max_memory_to_use = memory_limit;
  in.jpeg.progress = &in.progress;
  ::jpeg_mem_src(&in.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return ::jpeg_read_header(&in.jpeg, TRUE) == JPEG_HEADER_OK;
}

bool begin(Reading& in, unsigned times) {
  if (setjmp(in.failure.back) != 0) return false;
  in.jpeg.scale_num = 1;
  in.jpeg.scale_denom = times;
  const bool is_print = in.jpeg.jpeg_color_space == JCS_CMYK || in.jpeg.jpeg_color_space == JCS_YCCK;
  in.jpeg.out_color_space = is_print ? JCS_CMYK : JCS_GRAYSCALE;
  in.jpeg.do_fancy_upsampling = FALSE;
  return ::jpeg_start_decompress(&in.jpeg) != 0;
}

bool next_row(Reading& in) {
  if (setjmp(in.failure.back) != 0) return false;
  auto* row = reinterpret_cast<JSAMPROW>(in.row.data());
  return ::jpeg_read_scanlines(&in.jpeg, &row, 1) == 1;
}

/// Adobe's programs store CMYK inverted; the darker of black and the mean of the colours is near enough.
void make_grey(std::string& row, std::size_t width) {
  auto* octets = reinterpret_cast<unsigned char*>(row.data());
  for (std::size_t x = 0; x < width; ++x) {
    const unsigned color = (octets[4 * x] + octets[4 * x + 1] + octets[4 * x + 2]) / 3U;
    octets[x] = static_cast<unsigned char>(color * octets[4 * x + 3] / 255);
  }
}

}  // namespace

Picture read_jpeg(std::string_view bytes, const PictureLimits& limits) {
  Picture none;
  Reading in;
  if (!read_header(in, bytes) || in.jpeg.image_width < smallest_side || in.jpeg.image_height < smallest_side)
    return none;
  none.work = std::uint64_t{in.jpeg.image_width} * in.jpeg.image_height / (in.jpeg.progressive_mode != 0 ? 1 : 4);
  none.too_large = none.work > limits.work;
  if (none.too_large) return none;
  const auto too_large = Canvas::times_too_large(in.jpeg.image_width, in.jpeg.image_height, limits.shown);
  const unsigned times = too_large == 1 ? 1 : too_large == 2 ? 2 : too_large <= 4 ? 4 : 8;
  if (!begin(in, times)) return none;
  const std::size_t width = in.jpeg.output_width;
  in.row.assign(width * static_cast<unsigned>(in.jpeg.output_components), '\0');
  Canvas canvas{width, in.jpeg.output_height, 1};
  while (in.jpeg.output_scanline < in.jpeg.output_height && next_row(in)) {
    if (in.jpeg.output_components == 4) make_grey(in.row, width);
    canvas.row(reinterpret_cast<const unsigned char*>(in.row.data()));
  }
  auto picture = canvas.take();
  picture.work = none.work;
  return picture;
}

}  // namespace mailreeve::scan
