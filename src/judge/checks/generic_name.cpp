// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/generic_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

/// Words that name a mail host's purpose: whoever chose such a name chose it. Compared with whole words of a name.
constexpr std::string_view mail_words[] = {"mail",     "mx",      "smtp",       "mta",      "mout",    "out",
                                           "outbound", "relay",   "send",       "email",    "mailer",  "mailout",
                                           "bounce",   "bounces", "newsletter", "outgoing", "postfix", "exim",
                                           "smtpout",  "mxout",   "bemta",      "mailhost"};
/// Words of access networks.
constexpr std::string_view access_words[] = {
    "dyn",         "dynamic",    "dynamicip", "dhcp",     "dsl",       "adsl",     "vdsl",       "xdsl",
    "sdsl",        "pool",       "pools",     "dialup",   "dial",      "dialin",   "ppp",        "pppoe",
    "cable",       "catv",       "cust",      "customer", "customers", "client",   "clients",    "broadband",
    "bb",          "ip",         "host",      "static",   "user",      "users",    "unassigned", "res",
    "residential", "fiber",      "fibra",     "ftth",     "wimax",     "wireless", "mobile",     "lte",
    "umts",        "gprs",       "hsd",       "cpe",      "cm",        "docsis",   "telecom",    "nat",
    "kabel",       "modemcable", "abo",       "wan",      "dip0",      "rev",      "reverse",    "ptr",
    "addr",        "lightspeed", "home",      "dyndsl",   "ipv4",      "ipv6",     "ec2",        "compute"};

/// A word cut of its number: "host12" is "host", and had one.
struct Word {
  std::string_view letters;
  bool number = false;
};

std::vector<std::string_view> pieces_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const auto end = text.find_first_of(separators);
    if (end != 0) pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return pieces;
}

bool is_mail_word(std::string_view word) {
  while (!word.empty() && mail::is_digit(word.back())) word.remove_suffix(1);
  return std::ranges::find(mail_words, word) != std::end(mail_words);
}

bool is_access_word(std::string_view word) {
  while (!word.empty() && mail::is_digit(word.back())) word.remove_suffix(1);
  while (!word.empty() && mail::is_digit(word.front())) word.remove_prefix(1);
  return std::ranges::find(access_words, word) != std::end(access_words);
}

bool contains(std::string_view where, const std::string& what) { return where.find(what) != std::string_view::npos; }

/// The four octets in one of the ways in which providers write them.
bool holds_v4(std::string_view name, const std::uint8_t* octets) {
  const unsigned a = octets[0];
  const unsigned b = octets[1];
  const unsigned c = octets[2];
  const unsigned d = octets[3];
  for (const auto separator : {".", "-", "_", "x"}) {
    const std::string s{separator};
    const auto forward = fmt::format("{}{s}{}{s}{}{s}{}", a, b, c, d, fmt::arg("s", s));
    const auto backward = fmt::format("{}{s}{}{s}{}{s}{}", d, c, b, a, fmt::arg("s", s));
    const auto padded = fmt::format("{:03}{s}{:03}{s}{:03}{s}{:03}", a, b, c, d, fmt::arg("s", s));
    if (contains(name, forward) || contains(name, backward) || contains(name, padded)) return true;
  }
  const auto joined = fmt::format("{:03}{:03}{:03}{:03}", a, b, c, d);
  const auto hexadecimal = fmt::format("{:02x}{:02x}{:02x}{:02x}", a, b, c, d);
  const auto number = fmt::to_string((a << 24) | (b << 16) | (c << 8) | d);
  if (contains(name, joined) || contains(name, hexadecimal) || (number.size() >= 9 && contains(name, number)))
    return true;
  // Two or three octets side by side with an access word are enough; that is told below.
  return false;
}

bool holds_v4_part(std::string_view name, const std::uint8_t* octets) {
  for (const auto separator : {".", "-", "_"}) {
    const auto last =
        fmt::format("{}{}{}", static_cast<unsigned>(octets[2]), separator, static_cast<unsigned>(octets[3]));
    const auto turned =
        fmt::format("{}{}{}", static_cast<unsigned>(octets[3]), separator, static_cast<unsigned>(octets[2]));
    if (contains(name, last) || contains(name, turned)) return true;
  }
  return false;
}

/// Digits and letters a to f of the whole address or of its last 64 bits, with or without separators.
bool holds_v6(std::string_view name, const std::uint8_t* octets) {
  std::string bare;
  for (const char c : name) {
    if (c != '-' && c != '.' && c != ':' && c != '_') bare += c;
  }
  std::string whole;
  for (unsigned i = 0; i < 16; ++i) whole += fmt::format("{:02x}", octets[i]);
  std::string backward{whole.rbegin(), whole.rend()};
  if (contains(bare, whole) || contains(bare, backward)) return true;
  const auto host = whole.substr(16);
  if (host.find_first_not_of('0') < 4 && contains(bare, host)) return true;
  // As people shorten them: groups without leading zeroes.
  std::string groups;
  for (unsigned i = 0; i < 16; i += 2) {
    if (i > 0) groups += '-';
    groups += fmt::format("{:x}", octets[i] << 8 | octets[i + 1]);
  }
  return contains(name, groups);
}

/// "a8-31", "x42f", "12-34-56": a word that is mostly digits.
bool is_mostly_digits(std::string_view word) {
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(word, mail::is_digit));
  return digits >= 3 && digits * 2 >= word.size();
}

}  // namespace

bool is_generic_name(std::string_view name, const IpAddress& address) {
  const auto words = pieces_of(name, ".-_");
  if (std::ranges::any_of(words, is_mail_word)) return false;
  const bool whole = address.is_v4() ? holds_v4(name, address.data()) : holds_v6(name, address.data());
  if (whole) return true;
  const bool access = std::ranges::any_of(words, is_access_word);
  if (!access) return false;
  if (address.is_v4() && holds_v4_part(name, address.data())) return true;
  // An access word beside numbers in the host's own part of the name.
  const auto labels = pieces_of(name, ".");
  if (labels.size() < 3) return false;
  const std::string_view own{labels.front()};
  const auto own_words = pieces_of(own, "-_");
  const bool numbered =
      std::ranges::any_of(own_words, is_mostly_digits) || std::ranges::count_if(own, mail::is_digit) >= 3;
  const bool own_access = std::ranges::any_of(own_words, is_access_word);
  const bool has_digit = std::ranges::any_of(own, mail::is_digit);
  return numbered || (own_access && has_digit);
}

}  // namespace mailreeve::judge
