// SPDX-License-Identifier: Apache-2.0
#include "scan/charset.h"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include <memory>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t name_limit = 60;
constexpr std::size_t piece = 4096;  // UTF-16 units at once

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter open(const std::string& charset) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter{ucnv_open(charset.c_str(), &error)};
  if (U_FAILURE(error) != 0) return nullptr;
  return converter;
}

/// US-ASCII and ISO-8859-1 are read as windows-1252, as every mail program does (WHATWG Encoding 4.2).
std::string usual_name(std::string_view charset) {
  auto name = mail::lower(charset.substr(0, name_limit));
  std::erase_if(name, [](char c) { return !mail::is_alphanumeric(c) && c != '-' && c != '_' && c != '.' && c != ':'; });
  if (name == "us-ascii" || name == "ascii" || name == "iso-8859-1" || name == "latin1" || name == "iso8859-1") {
    return "windows-1252";
  }
  if (name == "utf8" || name == "unicode-1-1-utf-8") return "utf-8";
  if (name == "unicode-1-1-utf-7") return "utf-7";
  return name;
}

bool is_ascii(std::string_view text) {
  unsigned char any = 0;
  for (const char c : text) any |= static_cast<unsigned char>(c);
  return any < 0x80;
}

DecodedText convert(std::string_view text, UConverter* converter, std::size_t most) {
  DecodedText decoded;
  const char* in = text.data();
  const char* const end = in + text.size();
  UErrorCode error = U_ZERO_ERROR;
  while (decoded.utf8.size() < most) {
    UChar units[piece];
    UChar* out = units;
    error = U_ZERO_ERROR;
    ucnv_toUnicode(converter, &out, units + piece, &in, end, nullptr, 1, &error);
    if (U_FAILURE(error) != 0 && error != U_BUFFER_OVERFLOW_ERROR) break;
    char bytes[piece * 3 + 1];
    int32_t size = 0;
    UErrorCode back = U_ZERO_ERROR;
    u_strToUTF8WithSub(bytes, sizeof bytes, &size, units, static_cast<int32_t>(out - units), 0xfffd, nullptr, &back);
    if (U_FAILURE(back) != 0) break;
    decoded.utf8.append(bytes, static_cast<std::size_t>(size));
    if (error != U_BUFFER_OVERFLOW_ERROR) break;
  }
  if (decoded.utf8.size() > most) decoded.utf8.resize(most);
  decoded.faithful = decoded.utf8.find("\xef\xbf\xbd") == std::string::npos;
  return decoded;
}

}  // namespace

DecodedText to_utf8(std::string_view text, std::string_view charset, std::size_t most) {
  const auto name = usual_name(charset);
  const bool escapes = name.starts_with("utf-7") || name.starts_with("iso-2022") || name.starts_with("hz") ||
                       name.starts_with("utf-16") || name.starts_with("utf-32");
  if (!escapes && is_ascii(text)) return {std::string{text.substr(0, most)}, true, true};
  if (name.empty() || name == "utf-8") {
    const auto utf8 = open("utf-8");
    auto decoded = utf8 ? convert(text, utf8.get(), most) : DecodedText{std::string{text.substr(0, most)}, true, false};
    if (decoded.faithful || !name.empty()) return decoded;
    const auto western = open("windows-1252");
    return western ? convert(text, western.get(), most) : decoded;
  }
  const auto converter = open(name);
  if (!converter) {
    auto guessed = to_utf8(text, {}, most);
    guessed.known = false;
    return guessed;
  }
  return convert(text, converter.get(), most);
}

void prepare_charsets() {
  for (const auto* name : {"utf-8", "utf-7", "windows-1252", "iso-2022-jp", "gb18030", "euc-kr", "koi8-r"}) open(name);
}

}  // namespace mailreeve::scan
