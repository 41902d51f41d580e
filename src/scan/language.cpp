// SPDX-License-Identifier: Apache-2.0
#include "scan/language.h"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>

namespace mailreeve::scan {
namespace {

constexpr std::size_t least = 40;            // octets: less is a greeting
constexpr std::size_t most = 800;            // octets that are looked at: more costs time and tells nothing new
constexpr std::uint32_t least_percent = 20;  // a quotation is no language of the message

}  // namespace

std::vector<Language> languages_of(std::string_view text) {
  std::vector<Language> found;
  if (text.size() < least) return found;
  text = text.substr(0, most);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.remove_suffix(1);
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.remove_suffix(1);
  CLD2::Language languages[3];
  int percents[3];
  double scores[3];
  int text_bytes = 0;
  int valid = 0;
  bool is_reliable = false;
  const CLD2::CLDHints hints{nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  CLD2::ExtDetectLanguageSummaryCheckUTF8(text.data(), static_cast<int>(text.size()), true, &hints, 0, languages,
                                          percents, scores, nullptr, &text_bytes, &is_reliable, &valid);
  if (!is_reliable || text_bytes < static_cast<int>(least)) return found;
  for (int i = 0; i < 3; ++i) {
    const auto percent = static_cast<std::uint32_t>(std::clamp(percents[i], 0, 100));
    if (languages[i] == CLD2::UNKNOWN_LANGUAGE || percent < least_percent) continue;
    std::string code{CLD2::LanguageCode(languages[i])};
    // "zh-Hant" is Chinese, and "iw" what Hebrew was called before.
    code = code.substr(0, code.find('-'));
    found.push_back({code == "iw" ? "he" : code, percent});
  }
  return found;
}

}  // namespace mailreeve::scan
