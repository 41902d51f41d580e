// SPDX-License-Identifier: Apache-2.0
#include "scan/text_lines.h"

#include "scan/html_tokens.h"
#include "scan/report.h"

namespace mailreeve::scan {

void TextLines::put(char c) {
  if (out_.size() < most_) {
    out_ += c;
  } else {
    cut_ = true;
  }
}

void TextLines::add(std::string_view utf8, bool preformatted) {
  for (const char c : utf8) {
    const bool blank = is_html_blank(c);
    if (!blank || preformatted) {
      put(c);
    } else if (!out_.empty() && !out_.ends_with(' ') && !out_.ends_with('\n')) {
      put(' ');
    }
  }
}

void TextLines::end_line(bool apart) {
  if (out_.empty() || cut_) return;
  while (out_.ends_with(' ')) out_.pop_back();
  if (!out_.ends_with('\n')) put('\n');
  if (apart && !out_.ends_with("\n\n")) put('\n');
}

std::string TextLines::take() {
  while (out_.ends_with(' ') || out_.ends_with('\n')) out_.pop_back();
  return clean_lines(out_, most_);
}

}  // namespace mailreeve::scan
