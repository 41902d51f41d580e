// SPDX-License-Identifier: Apache-2.0
// The readers of files within messages, each given the same octets.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scan/cms.h"
#include "scan/file_type.h"
#include "scan/html.h"
#include "scan/links.h"
#include "scan/lookalike.h"
#include "scan/ole.h"
#include "scan/onenote.h"
#include "scan/package.h"
#include "scan/parameters.h"
#include "scan/pdf.h"
#include "scan/pdf_picture.h"
#include "scan/picture.h"
#include "scan/qr.h"
#include "scan/tnef.h"
#include "scan/words.h"
#include "scan/zip_directory.h"

namespace {

void look_for_codes(std::string_view bytes, std::string_view type) {
  using namespace mailreeve::scan;
  PictureLimits limits;
  limits.work = 1U << 20;
  limits.shown = 1U << 18;
  const auto picture = read_picture(bytes, type, limits);
  if (picture.grey.size() != picture.width * picture.height) std::abort();
  std::uint64_t effort = 100'000;
  static_cast<void>(read_qr(picture, effort));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve::scan;
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  std::uint32_t count = 0;
  switch (data[0] % 19) {
    case 0:
      static_cast<void>(look_at_ole(bytes));
      break;
    case 1:
      static_cast<void>(look_at_pdf(bytes));
      break;
    case 2:
      static_cast<void>(read_html(bytes, 100'000, 1000));
      break;
    case 3:
      static_cast<void>(find_urls(bytes, 1000, count));
      break;
    case 4:
      static_cast<void>(parse_url(bytes, "http://x.example/a/b"));
      break;
    case 5:
      static_cast<void>(readings_of(parse_parameters(bytes), "filename"));
      break;
    case 6:
      static_cast<void>(decode_words(bytes, 1000));
      break;
    case 7:
      static_cast<void>(look_at_zip(bytes));
      break;
    case 8:
      static_cast<void>(decompress_vba(bytes, 1U << 20));
      break;
    case 9:
      static_cast<void>(read_tnef(bytes, 100));
      break;
    case 10:
      static_cast<void>(decompress_rtf(bytes, 1U << 20));
      break;
    case 11:
      static_cast<void>(read_cms(bytes, 1U << 20));
      break;
    case 12:
      static_cast<void>(read_onenote(bytes, 100));
      break;
    case 13:
      look_for_codes(bytes, "png");
      break;
    case 14:
      look_for_codes(bytes, "jpeg");
      break;
    case 15:
      look_for_codes(bytes, "gif");
      break;
    case 16:
      for (const auto& picture : pdf_pictures(bytes, 3))
        static_cast<void>(read_pdf_picture(picture, {1U << 18, 1U << 20}));
      break;
    case 17:
      look_for_codes(bytes, "bmp");
      break;
    default:
      static_cast<void>(has_double_extension(bytes));
      static_cast<void>(is_lookalike(bytes, "example.org"));
      static_cast<void>(types_of(bytes));
      static_cast<void>(category_of_file("a.com", bytes));
      static_cast<void>(fetched_targets(bytes));
  }
  return 0;
}
