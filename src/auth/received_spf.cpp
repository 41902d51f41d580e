// SPDX-License-Identifier: Apache-2.0
// Received-SPF (RFC 7208 9.1).
#include <fmt/format.h>

#include <algorithm>

#include "auth/spf.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t line_end = 78;
constexpr std::size_t value_limit = 300;

/// A dot-atom as it is, everything else as a quoted string without what could end it.
std::string value(std::string_view text) {
  text = text.substr(0, value_limit);
  const bool dots_between = !text.starts_with('.') && !text.ends_with('.') && text.find("..") == text.npos;
  const bool plain =
      !text.empty() && dots_between && std::ranges::all_of(text, [](char c) { return mail::is_atext(c) || c == '.'; });
  if (plain) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c >= ' ' && c < 0x7f ? c : '?';
  }
  return quoted + '"';
}

std::string comment(std::string_view text) {
  std::string out = "(";
  for (const char c : text.substr(0, value_limit))
    out += c >= ' ' && c < 0x7f && c != '(' && c != ')' && c != '\\' ? c : '?';
  return out + ')';
}

std::string sentence(const SpfOutcome& outcome, const SpfQuestion& question) {
  const auto client = question.client.text();
  switch (outcome.result) {
    case SpfResult::pass:
      return fmt::format("{} permits {} to send for it", outcome.domain, client);
    case SpfResult::fail:
      return fmt::format("{} does not permit {} to send for it", outcome.domain, client);
    case SpfResult::softfail:
      return fmt::format("{} discourages {} from sending for it", outcome.domain, client);
    case SpfResult::neutral:
      return fmt::format("{} says nothing about {}", outcome.domain, client);
    case SpfResult::none:
      return fmt::format("{} publishes no SPF record", outcome.domain.empty() ? "the sender" : outcome.domain);
    case SpfResult::temperror:
    case SpfResult::permerror:
      break;
  }
  return outcome.problem;
}

}  // namespace

std::string received_spf_field(const SpfOutcome& outcome, SpfIdentity identity, const SpfQuestion& question) {
  std::vector<std::string> words{std::string{name(outcome.result)}};
  const auto spoken = comment(sentence(outcome, question));
  for (std::size_t at = 0; at < spoken.size();) {
    const auto end = std::min(spoken.find(' ', at), spoken.size());
    if (end > at) words.push_back(spoken.substr(at, end - at));
    at = end + 1;
  }
  const auto add = [&words](std::string_view key, std::string_view text) {
    if (!text.empty()) words.push_back(fmt::format("{}={};", key, value(text)));
  };
  add("identity", identity == SpfIdentity::mail_from ? "mailfrom" : "helo");
  add("client-ip", question.client.text());
  add("envelope-from", question.sender);
  add("helo", question.helo);
  add("mechanism", outcome.matched);
  add("problem", outcome.problem);
  add("receiver", question.receiver);
  if (words.back().ends_with(';')) words.back().pop_back();
  std::string out = "Received-SPF:";
  std::size_t line = out.size();
  for (const auto& word : words) {
    if (line + 1 + word.size() > line_end) {
      out += "\r\n\t";
      line = 8;
    } else {
      out += ' ';
      ++line;
    }
    out += word;
    line += word.size();
  }
  return out + "\r\n";
}

}  // namespace mailreeve::auth
