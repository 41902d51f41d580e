// SPDX-License-Identifier: Apache-2.0
#include "scan/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace mailreeve::scan {

std::string inflated(std::string_view bytes, std::size_t most) {
  std::string out;
  z_stream stream{};
  if (::inflateInit(&stream) != Z_OK) return out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), 1U << 30));
  int status = Z_OK;
  while (status == Z_OK && out.size() < most) {
    char buffer[16U << 10];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    status = ::inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof buffer - stream.avail_out);
    if (stream.avail_in == 0 && stream.avail_out != 0) break;
  }
  ::inflateEnd(&stream);
  return out;
}

}  // namespace mailreeve::scan
