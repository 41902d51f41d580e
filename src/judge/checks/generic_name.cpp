// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/generic_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "auth/dmarc.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

using Words = std::vector<std::string_view>;

/// Words that name a mail host's purpose: whoever chose such a name chose it. Besides those that begin with "mail" or
/// "smtp".
constexpr std::string_view mail_words[] = {"mx",     "mta",     "pmta",   "mout",       "out",     "outbound",
                                           "relay",  "send",    "email",  "bounce",     "bounces", "newsletter",
                                           "bemta",  "postfix", "exim",   "outgoing",   "mxout",   "mxrelay",
                                           "sender", "lists",   "zimbra", "mailserver", "esmtp",   "webmail"};
/// What is given out for a while, or to nobody.
constexpr std::string_view dynamic_words[] = {"dyn",    "dynamic", "dynamicip", "dynip",   "dialup",
                                              "dialin", "dyndsl",  "dip",       "unused",  "unassigned",
                                              "dhcp",   "pppoe",   "dyncustip", "homeuser"};
/// Words of access networks. With a number beside them, in the host's own label or another.
constexpr std::string_view access_words[] = {"dsl",  "adsl",  "vdsl",   "xdsl",   "sdsl",       "pool", "pools",
                                             "dial", "ppp",   "cable",  "catv",   "broadband",  "gprs", "umts",
                                             "lte",  "wimax", "docsis", "ftth",   "modemcable", "cpe",  "residential",
                                             "hsd",  "fibra", "dslb",   "resnet", "fiber",      "kabel"};
/// Words that mean a subscriber only with a number in the same label, or with a part of the address.
constexpr std::string_view weak_words[] = {
    "cust", "customer",   "customers", "client", "clients", "ip",   "host",     "static", "user", "users",  "res",
    "cm",   "cablemodem", "nat",       "abo",    "ipv4",    "ipv6", "wireless", "mobile", "addr", "subnet", "peer"};
/// Access words that networks lengthen as they like: "cablelink77", "dslb-12", "pppoe3".
constexpr std::string_view access_prefixes[] = {"adsl", "dsl", "cable", "dialup", "dhcp", "ppp", "dynamic"};

Words words_of(std::string_view text, std::string_view separators) {
  Words words;
  while (!text.empty()) {
    const auto end = text.find_first_of(separators);
    if (end != 0) words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

std::string_view without_digits(std::string_view word) {
  while (!word.empty() && mail::is_digit(word.back())) word.remove_suffix(1);
  while (!word.empty() && mail::is_digit(word.front())) word.remove_prefix(1);
  return word;
}

template <std::size_t size>
bool is_one_of(std::string_view word, const std::string_view (&list)[size]) {
  return std::ranges::find(list, without_digits(word)) != std::end(list);
}

bool is_mail_word(std::string_view word) {
  return word.starts_with("mail") || word.starts_with("smtp") || is_one_of(word, mail_words);
}
bool is_dynamic_word(std::string_view word) { return is_one_of(word, dynamic_words); }
bool is_access_word(std::string_view word) {
  if (is_one_of(word, access_words) || is_dynamic_word(word)) return true;
  return std::ranges::any_of(access_prefixes, [word](auto prefix) { return word.starts_with(prefix); });
}
bool is_weak_word(std::string_view word) { return is_one_of(word, weak_words); }

std::size_t digits_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, mail::is_digit));
}

/// Mostly a number: "8812", "abc1234", "77".
bool is_numbered(std::string_view label) {
  const auto digits = digits_in(label);
  return digits >= 3 || (digits > 0 && digits * 2 >= label.size());
}

/// A run of decimal digits within a name.
struct Run {
  std::size_t begin = 0, end = 0;
  unsigned value = 256;  // an octet, or 256: none
};

std::vector<Run> runs_of(std::string_view name) {
  std::vector<Run> runs;
  for (std::size_t at = 0; at < name.size();) {
    if (!mail::is_digit(name[at])) {
      ++at;
      continue;
    }
    Run run{at, at, 0};
    while (run.end < name.size() && mail::is_digit(name[run.end])) {
      if (run.value <= 255) run.value = run.value * 10 + static_cast<unsigned>(name[run.end] - '0');
      ++run.end;
    }
    if (run.end - run.begin > 3 || run.value > 255) run.value = 256;
    at = run.end;
    runs.push_back(run);
  }
  return runs;
}

/// Do numbers that stand one octet apart spell `octets`? Any separators: "203.0-113x57".
template <std::size_t size>
bool spells(const std::vector<Run>& runs, const std::array<std::uint8_t, size>& octets) {
  for (std::size_t first = 0; first + size <= runs.size(); ++first) {
    bool same = true;
    for (std::size_t i = 0; same && i < size; ++i) {
      same = runs[first + i].value == octets[i] && (i == 0 || runs[first + i].begin - runs[first + i - 1].end == 1);
    }
    if (same) return true;
  }
  return false;
}

bool contains(std::string_view where, const std::string& what) { return where.find(what) != std::string_view::npos; }

/// The four octets in one of the ways in which networks write them, first to last or last to first.
bool holds_v4(std::string_view name, const std::uint8_t* from) {
  std::array<std::uint8_t, 4> octets{from[0], from[1], from[2], from[3]};
  const auto runs = runs_of(name);
  auto joined = '-' + std::string{name} + '-';
  std::ranges::replace(joined, '.', '-');
  const auto has_run = [&](const std::string& digits) {
    return std::ranges::any_of(runs,
                               [&](const Run& run) { return name.substr(run.begin, run.end - run.begin) == digits; });
  };
  std::uint32_t number = 0;
  for (const auto octet : octets) number = number << 8 | octet;
  constexpr std::size_t telling = 9;  // digits
  const auto decimal = fmt::to_string(number);
  if (decimal.size() >= telling && has_run(decimal)) return true;
  for (int turn = 0; turn < 2; ++turn) {
    if (spells(runs, octets)) return true;
    if (has_run(fmt::format("{:03}", fmt::join(octets, "")))) return true;
    if (contains(name, fmt::format("{:02x}", fmt::join(octets, "")))) return true;
    if (contains(joined, fmt::format("-{:02x}-", fmt::join(octets, "-")))) return true;
    if (contains(joined, fmt::format("-{:x}-", fmt::join(octets, "-")))) return true;
    std::ranges::reverse(octets);
  }
  return false;
}

/// The last two octets, in either direction.
bool holds_end_of_v4(std::string_view name, const std::uint8_t* octets) {
  const auto runs = runs_of(name);
  return spells(runs, std::array{octets[2], octets[3]}) || spells(runs, std::array{octets[3], octets[2]});
}

/// The digits of the whole address or of its last 64 bits, with or without separators, or as people shorten them.
bool holds_v6(std::string_view name, const IpAddress& address) {
  std::string bare;
  for (const char c : name) {
    if (c != '-' && c != '.' && c != '_') bare += c;
  }
  std::string whole;
  for (unsigned i = 0; i < 16; ++i) whole += fmt::format("{:02x}", address.data()[i]);
  const std::string backward{whole.rbegin(), whole.rend()};
  if (contains(bare, whole) || contains(bare, backward)) return true;
  const auto host = whole.substr(16);
  if (host.find_first_not_of('0') < 4 && contains(bare, host)) return true;
  std::string groups;
  for (unsigned i = 0; i < 16; i += 2) {
    if (i > 0) groups += '-';
    groups += fmt::format("{:x}", address.data()[i] << 8 | address.data()[i + 1]);
  }
  std::string dotted = groups;
  std::ranges::replace(dotted, '-', '.');
  if (contains(name, groups) || contains(name, dotted)) return true;
  auto shortened = address.text();
  std::ranges::replace(shortened, ':', '-');
  constexpr std::size_t telling = 10;  // "--1" is in any name
  return shortened.size() >= telling && contains(name, shortened);
}

/// What stands before the domain that somebody has registered.
std::string_view own_part(std::string_view name) {
  const auto domain = auth::registrable_domain(name);
  auto end = name.size();
  if (!domain.empty() && domain.size() < name.size() && name.ends_with(domain)) {
    end = name.size() - domain.size() - 1;
  } else {
    // Below a suffix that is not a registry's, such as compute-1.amazonaws.com, the first label is the host's own.
    end = std::ranges::count(name, '.') >= 2 ? name.find('.') : 0;
  }
  return name.substr(0, end);
}

}  // namespace

bool is_generic_name(std::string_view name, const IpAddress& address) {
  const auto own = own_part(name);
  const auto words = words_of(own, ".-_");
  if (std::ranges::any_of(words, is_mail_word)) return false;
  if (address.is_v4() ? holds_v4(name, address.data()) : holds_v6(name, address)) return true;
  if (std::ranges::any_of(words, is_dynamic_word)) return true;
  const bool access = std::ranges::any_of(words, is_access_word);
  const bool weak = std::ranges::any_of(words, is_weak_word);
  if ((access || weak) && address.is_v4() && holds_end_of_v4(own, address.data())) return true;
  const auto label = own.substr(0, own.find('.'));
  if (access && is_numbered(label)) return true;
  const auto label_words = words_of(label, "-_");
  const bool named = std::ranges::any_of(
      label_words, [](std::string_view word) { return is_access_word(word) || is_weak_word(word); });
  return named && digits_in(label) > 0;
}

}  // namespace mailreeve::judge
