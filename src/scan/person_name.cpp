// SPDX-License-Identifier: Apache-2.0
#include "scan/person_name.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace mailreeve::scan {
namespace {

using icu::UnicodeString;

constexpr std::size_t name_limit = 512;  // octets
constexpr std::size_t word_limit = 8;
constexpr std::size_t least_words = 2;

// Compared after folding, so in lower case.
constexpr std::string_view titles[] = {"mr",   "mrs",   "ms",   "miss", "dr",  "prof", "herr", "frau", "dipl",
                                       "ing",  "mme",   "mlle", "sr",   "sra", "jr",   "med",  "rer",  "nat",
                                       "phil", "habil", "phd",  "msc",  "bsc", "mba",  "ceo",  "cfo",  "cto",
                                       "coo",  "sir",   "dott", "ir",   "mag", "llm",  "esq"};

struct CloseChecker {
  void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

const USpoofChecker* checker() {
  static const std::unique_ptr<USpoofChecker, CloseChecker> opened = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<USpoofChecker, CloseChecker>{uspoof_open(&error)};
  }();
  return opened.get();
}

UnicodeString normalized(const UnicodeString& text, const icu::Normalizer2* (*form)(UErrorCode&)) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* normalizer = form(error);
  if (U_FAILURE(error)) return text;
  auto out = normalizer->normalize(text, error);
  return U_FAILURE(error) ? text : out;
}

const icu::Normalizer2* folding(UErrorCode& error) { return icu::Normalizer2::getNFKCCasefoldInstance(error); }
const icu::Normalizer2* composing(UErrorCode& error) { return icu::Normalizer2::getNFKCInstance(error); }
const icu::Normalizer2* decomposing(UErrorCode& error) { return icu::Normalizer2::getNFDInstance(error); }

/// Case, widths and invisible characters made one (UAX 31 NFKC_Casefold).
UnicodeString folded(const UnicodeString& text) { return normalized(text, folding); }

UnicodeString without_accents(const UnicodeString& text) {
  const auto parts = normalized(text, decomposing);
  UnicodeString out;
  for (int32_t at = 0; at < parts.length(); at = parts.moveIndex32(at, 1)) {
    const auto letter = parts.char32At(at);
    if (u_charType(letter) != U_NON_SPACING_MARK) out.append(letter);
  }
  return out;
}

/// Letters that look alike made one (UTS 39 4).
UnicodeString shape(const UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  UnicodeString out;
  if (checker() != nullptr) uspoof_getSkeletonUnicodeString(checker(), 0, text, out, &error);
  // Of "l with stroke" a mark is left.
  return without_accents(checker() == nullptr || U_FAILURE(error) ? text : out);
}

/// "Mueller" for "Müller", as Germans and Danes write where the letters are missing.
UnicodeString spelled_out(const UnicodeString& text) {
  constexpr std::pair<char16_t, const char16_t*> letters[] = {{u'ä', u"ae"}, {u'ö', u"oe"}, {u'ü', u"ue"},
                                                              {u'å', u"aa"}, {u'ø', u"oe"}, {u'æ', u"ae"}};
  auto out = text;
  for (const auto& [letter, pair] : letters) out.findAndReplace(UnicodeString{letter}, UnicodeString{pair});
  return out;
}

bool is_apostrophe(UChar32 c) { return c == '\'' || c == 0x2019 || c == '`' || c == 0xb4 || c == 0x2bc; }
bool is_ignored(UChar32 c) { return is_apostrophe(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT); }

/// What stands behind a name: "Anna Muster (CEO)", "Anna Muster | Example Ltd", "Anna Muster - sales".
bool ends_name(const UnicodeString& text, int32_t at) {
  const auto c = text.char32At(at);
  if (UnicodeString{u"([{<|/;\u00b7\u2022\u2013\u2014"}.indexOf(c) >= 0) return true;
  return c == '-' && at > 0 && u_isUWhiteSpace(text.char32At(at - 1)) && u_isUWhiteSpace(text.char32At(at + 1));
}

using Words = std::vector<UnicodeString>;

/// The words of what stands before the first such sign, by commas.
std::vector<Words> pieces_of(const UnicodeString& text) {
  std::vector<Words> pieces(1);
  UnicodeString word;
  const auto end_word = [&] {
    if (!word.isEmpty()) pieces.back().push_back(word);
    word.remove();
  };
  for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const auto c = text.char32At(at);
    const bool is_named = pieces.size() > 1 || !pieces.back().empty() || !word.isEmpty();
    if (is_named && ends_name(text, at)) break;
    if (c == ',') {
      end_word();
      pieces.emplace_back();
    } else if (u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0) {
      word.append(c);
    } else if (!is_ignored(c)) {
      end_word();
    }
  }
  end_word();
  return pieces;
}

bool is_title(const UnicodeString& word) {
  std::string text;
  folded(word).toUTF8String(text);
  return std::ranges::find(titles, text) != std::end(titles);
}

/// Sorted: "Muster, Anna" is "Anna Muster".
void add_keys(Words words, std::vector<std::string>& keys) {
  std::erase_if(words, is_title);
  const auto is_initial = [](const UnicodeString& word) { return word.countChar32() == 1; };
  const auto whole = static_cast<std::size_t>(std::ranges::count_if(words, std::not_fn(is_initial)));
  if (whole >= least_words) std::erase_if(words, is_initial);
  if (words.size() < least_words || words.size() > word_limit) return;
  const auto add = [&keys](Words shapes) {
    // Of marks alone nothing is left: what anybody may be called is nobody's name.
    if (std::ranges::any_of(shapes, &UnicodeString::isEmpty)) return;
    std::ranges::sort(shapes, [](const auto& a, const auto& b) { return a.compare(b) < 0; });
    std::string key;
    for (const auto& one : shapes) {
      if (!key.empty()) key += ' ';
      one.toUTF8String(key);
    }
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  };
  // Case is folded before letters are compared by shape, and behind: only folded is "ПЕТРОВ" the same as "Петров"; as
  // it is written, "ЕММА" looks like "EMMA" and "MiIIer" like "Miller".
  Words as_folded, as_written, as_spelled;
  for (const auto& word : words) {
    as_folded.push_back(shape(without_accents(folded(word))));
    as_written.push_back(shape(folded(shape(without_accents(word)))).findAndReplace(u"i", u"l"));
    as_spelled.push_back(shape(without_accents(spelled_out(folded(word)))));
  }
  add(std::move(as_folded));
  add(std::move(as_written));
  add(std::move(as_spelled));
}

}  // namespace

std::vector<std::string> name_keys(std::string_view name) {
  std::vector<std::string> keys;
  name = name.substr(0, name_limit);
  const auto text =
      normalized(UnicodeString::fromUTF8(icu::StringPiece{name.data(), static_cast<int32_t>(name.size())}), composing);
  const auto pieces = pieces_of(text);
  Words words = pieces.front();
  // "Anna Muster, CEO" and "Muster, Anna" alike.
  add_keys(words, keys);
  if (pieces.size() > 1) {
    words.insert(words.end(), pieces[1].begin(), pieces[1].end());
    add_keys(std::move(words), keys);
  }
  return keys;
}

}  // namespace mailreeve::scan
