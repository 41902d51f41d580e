// SPDX-License-Identifier: Apache-2.0
#include "scan/percent.h"

#include "mail/characters.h"

namespace mailreeve::scan {

int hex_value(char c) {
  const char low = mail::to_lower(c);
  if (mail::is_digit(c)) return c - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text, char mark) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == mark && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace mailreeve::scan
