// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>

#include "mail/characters.h"
#include "scan/html.h"

namespace mailreeve::scan {
namespace {

struct Entity {
  std::string_view name, utf8;
  bool old = false;  // read without its semicolon, too
};
constexpr Entity entities[] = {
    {"amp", "&", true},
    {"lt", "<", true},
    {"gt", ">", true},
    {"quot", "\"", true},
    {"apos", "'"},
    {"nbsp", " ", true},
    {"colon", ":"},
    {"sol", "/"},
    {"period", "."},
    {"commat", "@"},
    {"num", "#"},
    {"quest", "?"},
    {"equals", "="},
    {"lpar", "("},
    {"rpar", ")"},
    {"Tab", "\t"},
    {"NewLine", "\n"},
    {"shy", "\xc2\xad", true},
    {"zwj", "\xe2\x80\x8d"},
    {"zwnj", "\xe2\x80\x8c"},
    {"copy", "\xc2\xa9", true},
    {"reg", "\xc2\xae", true},
    {"auml", "\xc3\xa4", true},
    {"ouml", "\xc3\xb6", true},
    {"uuml", "\xc3\xbc", true},
    {"Auml", "\xc3\x84", true},
    {"Ouml", "\xc3\x96", true},
    {"Uuml", "\xc3\x9c", true},
    {"szlig", "\xc3\x9f", true},
    {"eacute", "\xc3\xa9", true},
    {"egrave", "\xc3\xa8", true},
    {"agrave", "\xc3\xa0", true},
    {"ccedil", "\xc3\xa7", true},
    {"ntilde", "\xc3\xb1", true},
    {"euro", "\xe2\x82\xac"},
    {"ndash", "\xe2\x80\x93"},
    {"mdash", "\xe2\x80\x94"},
    {"hellip", "\xe2\x80\xa6"},
    {"lsquo", "\xe2\x80\x98"},
    {"rsquo", "\xe2\x80\x99"},
    {"sbquo", "\xe2\x80\x9a"},
    {"ldquo", "\xe2\x80\x9c"},
    {"rdquo", "\xe2\x80\x9d"},
    {"bdquo", "\xe2\x80\x9e"},
    {"lsaquo", "\xe2\x80\xb9"},
    {"rsaquo", "\xe2\x80\xba"},
    {"laquo", "\xc2\xab", true},
    {"raquo", "\xc2\xbb", true},
    {"bull", "\xe2\x80\xa2"},
    {"middot", "\xc2\xb7", true},
    {"trade", "\xe2\x84\xa2"},
    {"times", "\xc3\x97", true},
    {"deg", "\xc2\xb0", true},
    {"sect", "\xc2\xa7", true},
    {"para", "\xc2\xb6", true},
    {"frac12", "\xc2\xbd", true},
    {"pound", "\xc2\xa3", true},
    {"yen", "\xc2\xa5", true},
    {"cent", "\xc2\xa2", true},
    {"iexcl", "\xc2\xa1", true},
    {"iquest", "\xc2\xbf", true},
    {"aacute", "\xc3\xa1", true},
    {"acirc", "\xc3\xa2", true},
    {"atilde", "\xc3\xa3", true},
    {"aring", "\xc3\xa5", true},
    {"aelig", "\xc3\xa6", true},
    {"ecirc", "\xc3\xaa", true},
    {"euml", "\xc3\xab", true},
    {"iacute", "\xc3\xad", true},
    {"icirc", "\xc3\xae", true},
    {"iuml", "\xc3\xaf", true},
    {"oacute", "\xc3\xb3", true},
    {"ocirc", "\xc3\xb4", true},
    {"otilde", "\xc3\xb5", true},
    {"oslash", "\xc3\xb8", true},
    {"uacute", "\xc3\xba", true},
    {"ugrave", "\xc3\xb9", true},
    {"ucirc", "\xc3\xbb", true},
    {"Eacute", "\xc3\x89", true},
    {"ensp", "\xe2\x80\x82"},
    {"emsp", "\xe2\x80\x83"},
    {"thinsp", "\xe2\x80\x89"},
    {"larr", "\xe2\x86\x90"},
    {"uarr", "\xe2\x86\x91"},
    {"rarr", "\xe2\x86\x92"},
    {"darr", "\xe2\x86\x93"},
    {"bsol", "\\"},
    {"lowbar", "_"},
};

void append_utf8(std::string& out, unsigned long code) {
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

}  // namespace

std::string decode_entities(std::string_view text, EntitiesIn in) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto at = text.find('&');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    if (text.starts_with('#')) {
      const bool hex = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
      std::size_t end = hex ? 2 : 1;
      unsigned long code = 0;
      const auto start = end;
      while (end < text.size()) {
        const char c = mail::to_lower(text[end]);
        const int digit = mail::is_digit(c) ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) break;
        if (code < 0x200000) code = code * (hex ? 16 : 10) + static_cast<unsigned long>(digit);
        ++end;
      }
      if (end == start) {
        out += '&';
        continue;
      }
      append_utf8(out, code);
      if (end < text.size() && text[end] == ';') ++end;
      text.remove_prefix(end);
      continue;
    }
    const auto* found = std::ranges::find_if(entities, [&](const auto& entity) {
      if (!text.starts_with(entity.name)) return false;
      const char next = text.size() > entity.name.size() ? text[entity.name.size()] : '\0';
      // WHATWG 13.2.5.73: "&copy=1" in an address is no sign.
      const bool goes_on = in == EntitiesIn::attribute && (next == '=' || mail::is_alphanumeric(next));
      return next == ';' || (entity.old && !goes_on);
    });
    if (found == std::end(entities)) {
      out += '&';
      continue;
    }
    out += found->utf8;
    text.remove_prefix(found->name.size());
    if (text.starts_with(';')) text.remove_prefix(1);
  }
  return out;
}

}  // namespace mailreeve::scan
