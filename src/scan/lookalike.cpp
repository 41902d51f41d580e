// SPDX-License-Identifier: Apache-2.0
#include "scan/lookalike.h"

#include <idn2.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t shortest = 5;  // letters of a name: one changed letter means nothing in a shorter one
constexpr std::size_t longest = 63;

// What phishing reports name most, by their own domains. Settings add to it.
constexpr std::string_view brands[] = {
    "paypal.com",        "microsoft.com",   "microsoftonline.com", "office.com",     "outlook.com",   "google.com",
    "amazon.com",        "apple.com",       "icloud.com",          "facebook.com",   "instagram.com", "netflix.com",
    "whatsapp.com",      "linkedin.com",    "dropbox.com",         "docusign.com",   "adobe.com",     "dhl.com",
    "fedex.com",         "deutschepost.de", "sparkasse.de",        "commerzbank.de", "postbank.de",   "santander.com",
    "bankofamerica.com", "wellsfargo.com",  "americanexpress.com", "mastercard.com", "coinbase.com",  "binance.com",
    "blockchain.com",    "metamask.io",     "steampowered.com",    "telekom.de",     "vodafone.com",  "swisscom.ch",
    "postfinance.ch",    "laposte.fr",      "booking.com",         "spotify.com"};

std::string_view first_label(std::string_view domain) { return domain.substr(0, domain.find('.')); }

std::string unicode_of(std::string_view label) {
  if (!label.starts_with("xn--")) return std::string{label};
  char* decoded = nullptr;
  if (idn2_to_unicode_8z8z(std::string{label}.c_str(), &decoded, 0) != IDN2_OK) return std::string{label};
  std::string out{decoded};
  idn2_free(decoded);
  return out;
}

struct CloseChecker {
  void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

/// What a name looks like: confusable letters made one, and pairs that look like a letter (rn, vv).
std::string skeleton(std::string_view label) {
  static const std::unique_ptr<USpoofChecker, CloseChecker> checker = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<USpoofChecker, CloseChecker>{uspoof_open(&error)};
  }();
  const auto text = mail::lower(unicode_of(label));
  char out[512];
  UErrorCode error = U_ZERO_ERROR;
  const auto size = checker ? uspoof_getSkeletonUTF8(checker.get(), 0, text.data(), static_cast<int32_t>(text.size()),
                                                     out, sizeof out, &error)
                            : 0;
  auto result = checker && U_FAILURE(error) == 0 ? std::string{out, static_cast<std::size_t>(size)} : text;
  for (const auto& [pair, letter] : {std::pair{"vv", "w"}, std::pair{"cl", "d"}}) {
    for (auto at = result.find(pair); at != std::string::npos; at = result.find(pair)) result.replace(at, 2, letter);
  }
  return result;
}

/// One letter changed, added, left out, or two that changed places.
bool is_one_off(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a == b) return false;
  std::size_t at = 0;
  while (at < a.size() && a[at] == b[at]) ++at;
  if (a.size() < b.size()) return a.substr(at) == b.substr(at + 1);
  if (a.substr(at + 1) == b.substr(at + 1)) return true;
  const bool swapped = at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at];
  return swapped && a.substr(at + 2) == b.substr(at + 2);
}

/// A word beside it: paypal-login, securepaypal.
bool has_word_beside(std::string_view shape, std::string_view target) {
  constexpr std::string_view words[] = {"login",   "secure",  "account", "verify", "support", "update",
                                        "service", "online",  "signin",  "auth",   "mail",    "security",
                                        "billing", "payment", "portal",  "help"};
  const auto is_word = [&](std::string_view rest) { return std::ranges::find(words, rest) != std::end(words); };
  if (shape.starts_with(target)) {
    auto rest = shape.substr(target.size());
    if (rest.starts_with('-')) rest.remove_prefix(1);
    if (is_word(rest)) return true;
  }
  if (!shape.ends_with(target)) return false;
  auto rest = shape.substr(0, shape.size() - target.size());
  if (rest.ends_with('-')) rest.remove_suffix(1);
  return is_word(rest);
}

bool looks_like(std::string_view shape, std::string_view target) {
  return shape == target || is_one_off(shape, target) || has_word_beside(shape, target);
}

bool is_within(std::string_view domain, std::string_view known) {
  if (!domain.ends_with(known)) return false;
  return domain.size() == known.size() || domain[domain.size() - known.size() - 1] == '.';
}

}  // namespace

bool is_lookalike(std::string_view domain, std::string_view known) {
  if (is_within(domain, known)) return false;
  const auto name = first_label(domain);
  const auto wanted = first_label(known);
  if (name == wanted || name.size() > longest || wanted.size() < shortest) return false;
  return looks_like(skeleton(name), skeleton(wanted));
}

std::string_view forged_brand(std::string_view domain) {
  // The brand's own, whatever it ends with.
  const auto name = first_label(domain);
  if (name.size() > longest) return {};
  if (std::ranges::any_of(brands, [&](auto brand) { return first_label(brand) == name; })) return {};
  // Every link of every message comes by here: a brand's shape is made once.
  static const auto shapes = [] {
    std::vector<std::string> made;
    for (const auto brand : brands) made.push_back(skeleton(first_label(brand)));
    return made;
  }();
  const auto shape = skeleton(name);
  for (std::size_t at = 0; at < shapes.size(); ++at) {
    const auto brand = brands[at];
    if (first_label(brand).size() < shortest || is_within(domain, brand)) continue;
    if (looks_like(shape, shapes[at])) return brand;
  }
  return {};
}

}  // namespace mailreeve::scan
