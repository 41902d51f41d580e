// SPDX-License-Identifier: Apache-2.0
// What checks say: findings with evidence and weight, and what each check declares about those it can make.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::judge {

/// When a check can begin. Checks of one stage run side by side, and beside the session; those of `alignment` begin
/// when all before them have ended, those of `closing` when `alignment` has.
enum class Stage : std::uint8_t {
  connect,    // the client's address is known
  helo,       // and its name
  mail,       // and the envelope sender
  message,    // and the whole message with its recipients
  alignment,  // and the results of SPF, DKIM and ARC
  closing,    // and everything else
};
std::string_view name(Stage stage);

/// One thing that was found. `code` is dotted: "spf.none.implied-pass". A rule that names "spf.none" is about
/// "spf.none" and everything below it; the longest matching rule wins (see `covers`).
struct Finding {
  std::string code;
  double weight = 0;     // of the check or the list; a policy may override it. Positive: suspect
  std::string evidence;  // for people, one line, what was seen: "192.0.2.7 has no name"
  std::string check;     // who found it
};
using Findings = std::vector<Finding>;

/// Is `rule` this code, or above it in the dotted tree?
constexpr bool covers(std::string_view rule, std::string_view code) {
  return code.starts_with(rule) && (code.size() == rule.size() || code[rule.size()] == '.');
}

struct FindingKind {
  std::string_view code;              // a `*` at the end: the settings choose the rest or the whole (lists)
  double weight = 0;                  // default
  std::string_view meaning;           // one sentence
  std::string_view enhanced = "7.1";  // RFC 3463 / RFC 7372 code behind "5." or "4." when it decides a refusal
};

struct CheckInfo {
  std::string_view name;  // "rdns": also its section, [checks.rdns]
  Stage stage = Stage::connect;
  std::string_view question;   // "Does the client's address have a name that leads back to it?"
  std::string_view standards;  // "RFC 1912 §2.1, RFC 8601 §3"
  std::span<const FindingKind> findings;
  bool on_by_default = true;
};

}  // namespace mailreeve::judge
