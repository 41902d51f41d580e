// SPDX-License-Identifier: Apache-2.0
#include "scan/lookalike.h"

#include <idn2.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t shortest = 5;  // letters of a name: one changed letter means nothing in a shorter one
constexpr std::size_t longest = 63;

struct Brand {
  std::string_view domain;
  bool is_word = false;  // of a language, or a letter away from one: many honest names are one letter off
};

// What phishing reports name most, by their own domains. Settings add to it.
constexpr Brand brands[] = {{"paypal.com"},        {"microsoft.com"},     {"microsoftonline.com"}, {"office.com", true},
                            {"outlook.com", true}, {"google.com", true},  {"amazon.com", true},    {"apple.com", true},
                            {"icloud.com", true},  {"facebook.com"},      {"instagram.com"},       {"netflix.com"},
                            {"whatsapp.com"},      {"linkedin.com"},      {"dropbox.com"},         {"docusign.com"},
                            {"adobe.com", true},   {"dhl.com"},           {"fedex.com"},           {"deutschepost.de"},
                            {"sparkasse.de"},      {"commerzbank.de"},    {"postbank.de"},         {"santander.com"},
                            {"bankofamerica.com"}, {"wellsfargo.com"},    {"americanexpress.com"}, {"mastercard.com"},
                            {"coinbase.com"},      {"binance.com", true}, {"blockchain.com"},      {"metamask.io"},
                            {"steampowered.com"},  {"telekom.de", true},  {"vodafone.com"},        {"swisscom.ch"},
                            {"postfinance.ch"},    {"laposte.fr"},        {"booking.com", true},   {"spotify.com"}};

// Like a brand, and honest.
constexpr std::string_view genuine[] = {"googlemail", "facebookmail", "vodafonemail", "sparkassen",
                                        "amazonses",  "appleid",      "outlookmobile"};

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

bool have_swapped(std::string_view a, std::string_view b, std::size_t at) {
  const bool swapped = at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at];
  return swapped && a.substr(at + 2) == b.substr(at + 2);
}

/// One letter changed, added, left out, or two that changed places. `is_word`: only what no honest word does, a letter
/// doubled, no longer doubled, or two that changed places.
bool is_one_off(std::string_view a, std::string_view b, bool is_word) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a == b) return false;
  std::size_t at = 0;
  while (at < a.size() && a[at] == b[at]) ++at;
  if (a.size() == b.size()) {
    return have_swapped(a, b, at) || (!is_word && a.substr(at + 1) == b.substr(at + 1));
  }
  const bool is_doubled = at > 0 && b[at] == b[at - 1];
  return a.substr(at) == b.substr(at + 1) && (is_doubled || !is_word);
}

std::vector<std::string> shapes_of(std::span<const std::string_view> words) {
  std::vector<std::string> made;
  for (const auto word : words) made.push_back(skeleton(word));
  return made;
}

/// A word beside it: paypal-login, securepaypal, paypal-kundenservice.
bool has_word_beside(std::string_view shape, std::string_view target) {
  constexpr std::string_view words[] = {
      "login",      "secure",        "account",      "verify",   "support", "update",   "service",      "online",
      "signin",     "auth",          "mail",         "security", "billing", "payment",  "payments",     "portal",
      "help",       "www",           "id",           "alert",    "alerts",  "confirm",  "verification", "customer",
      "client",     "wallet",        "refund",       "invoice",  "track",   "tracking", "parcel",       "delivery",
      "konto",      "kundenservice", "kundendienst", "kunden",   "paket",   "zoll",     "rechnung",     "anmeldung",
      "sicherheit", "bestaetigung",  "hilfe"};
  // In the shape that the other side has too: "m" looks like "rn".
  static const auto shapes = shapes_of(words);
  const auto is_word = [&](std::string_view rest) { return std::ranges::find(shapes, rest) != shapes.end(); };
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

bool looks_like(std::string_view shape, std::string_view target, bool is_word) {
  return shape == target || is_one_off(shape, target, is_word) || has_word_beside(shape, target);
}

bool is_genuine(std::string_view name) { return std::ranges::find(genuine, name) != std::end(genuine); }

bool is_within(std::string_view domain, std::string_view known) {
  if (!domain.ends_with(known)) return false;
  return domain.size() == known.size() || domain[domain.size() - known.size() - 1] == '.';
}

}  // namespace

bool is_lookalike(std::string_view domain, std::string_view known) {
  if (is_within(domain, known)) return false;
  const auto name = first_label(domain);
  const auto wanted = first_label(known);
  if (name == wanted || name.size() > longest || wanted.size() < shortest || is_genuine(name)) return false;
  return looks_like(skeleton(name), skeleton(wanted), false);
}

std::string_view forged_brand(std::string_view domain) {
  // The brand's own, whatever it ends with.
  const auto name = first_label(domain);
  if (name.size() > longest || is_genuine(name)) return {};
  if (std::ranges::any_of(brands, [&](const auto& brand) { return first_label(brand.domain) == name; })) return {};
  // Every link of every message comes by here: a brand's shape is made once.
  static const auto shapes = [] {
    std::vector<std::string> made;
    for (const auto& brand : brands) made.push_back(skeleton(first_label(brand.domain)));
    return made;
  }();
  const auto shape = skeleton(name);
  for (std::size_t at = 0; at < shapes.size(); ++at) {
    const auto& [brand, is_word] = brands[at];
    if (first_label(brand).size() < shortest || is_within(domain, brand)) continue;
    if (looks_like(shape, shapes[at], is_word)) return brand;
  }
  return {};
}

std::string_view borrowed_brand(std::string_view host, std::string_view owner) {
  if (host.size() <= owner.size() || !host.ends_with(owner)) return {};
  // Hyphens are dots to whoever reads in haste: "www-paypal-com.evil.example".
  std::string before{"."};
  before += host.substr(0, host.size() - owner.size());
  std::ranges::replace(before, '-', '.');
  for (const auto& brand : brands) {
    if (owner == brand.domain) continue;
    const auto at = before.find(brand.domain);
    if (at == std::string::npos || before[at - 1] != '.') continue;
    if (before[at + brand.domain.size()] == '.') return brand.domain;
  }
  return {};
}

}  // namespace mailreeve::scan
