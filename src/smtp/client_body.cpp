// SPDX-License-Identifier: Apache-2.0
#include "smtp/client.h"

namespace mailreeve::smtp {

void BodyEncoder::encode(std::string_view bytes, std::string& out) {
  if (bytes.empty()) return;
  const auto starts_line = [&](std::size_t at) {
    if (at == 0) return at_line_start_;
    if (at == 1) return after_cr_ && bytes[0] == '\n';
    return bytes[at - 1] == '\n' && bytes[at - 2] == '\r';
  };
  // Dots are rarer than line ends (base64 has none), so they are what is searched for.
  std::size_t copied = 0;
  for (auto dot = bytes.find('.'); dot != std::string_view::npos; dot = bytes.find('.', dot + 1)) {
    if (!starts_line(dot)) continue;
    out.append(bytes, copied, dot - copied);
    out += '.';
    copied = dot;
  }
  out.append(bytes, copied);
  at_line_start_ = starts_line(bytes.size());
  after_cr_ = bytes.back() == '\r';
}

void BodyEncoder::end(std::string& out) {
  out += at_line_start_ ? ".\r\n" : "\r\n.\r\n";
  *this = BodyEncoder{};
}

}  // namespace mailreeve::smtp
