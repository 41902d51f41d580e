// SPDX-License-Identifier: Apache-2.0
// Pictures in PDFs (ISO 32000-1 8.9.5): JPEGs, and those that are only deflated.
#pragma once

#include <string_view>
#include <vector>

#include "scan/picture.h"

namespace mailreeve::scan {

struct PdfPicture {
  std::string_view dictionary;
  std::string_view data;  // up to "endstream", or to the end
};

/// Views point into `bytes`; at most `most`.
std::vector<PdfPicture> pdf_pictures(std::string_view bytes, std::size_t most);

/// Color is told by how much there is of it; palettes are taken for shades, which is good enough for codes.
Picture read_pdf_picture(const PdfPicture& picture, const PictureLimits& limits);

}  // namespace mailreeve::scan
