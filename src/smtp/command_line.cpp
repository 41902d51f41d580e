// SPDX-License-Identifier: Apache-2.0
#include "smtp/command_line.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "mail/characters.h"
#include "smtp/parameters.h"
#include "smtp/server_replies.h"

namespace mailreeve::smtp {
namespace {

using mail::equals_ignoring_case;

constexpr std::pair<std::string_view, Verb> verbs[] = {
    {"EHLO", Verb::ehlo},         {"HELO", Verb::helo},           {"MAIL", Verb::mail},
    {"RCPT", Verb::rcpt},         {"DATA", Verb::data},           {"BDAT", Verb::bdat},
    {"RSET", Verb::rset},         {"NOOP", Verb::noop},           {"VRFY", Verb::vrfy},
    {"EXPN", Verb::expn},         {"HELP", Verb::help},           {"QUIT", Verb::quit},
    {"STARTTLS", Verb::starttls}, {"LHLO", Verb::not_offered},    {"AUTH", Verb::not_offered},
    {"ETRN", Verb::not_offered},  {"ATRN", Verb::not_offered},    {"TURN", Verb::not_offered},
    {"BURL", Verb::not_offered},  {"SEND", Verb::not_offered},    {"SOML", Verb::not_offered},
    {"SAML", Verb::not_offered},  {"XCLIENT", Verb::not_offered}, {"XFORWARD", Verb::not_offered},
    {"GET", Verb::http},          {"POST", Verb::http},           {"HEAD", Verb::http},
    {"PUT", Verb::http},          {"DELETE", Verb::http},         {"OPTIONS", Verb::http},
    {"CONNECT", Verb::http},      {"TRACE", Verb::http},          {"PATCH", Verb::http},
    {"PRI", Verb::http},
};

/// "<...>" at the start of `text`: what stands inside, and what follows the >.
struct Path {
  std::string_view inside;
  std::string_view rest;
};

std::optional<Path> split_path(std::string_view text) {
  if (!text.starts_with('<')) return std::nullopt;
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '<') {
      return std::nullopt;
    } else if (!quoted && c == '>') {
      const auto rest = text.substr(i + 1);
      if (!rest.empty() && rest.front() != ' ') return std::nullopt;
      return Path{text.substr(1, i - 1), rest};
    }
  }
  return std::nullopt;
}

/// "FROM:<...> parameters" with the keyword in any case. Lenient: blanks after the colon.
std::optional<Path> split_arguments(std::string_view arguments, std::string_view keyword) {
  if (!equals_ignoring_case(arguments.substr(0, keyword.size()), keyword)) return std::nullopt;
  arguments.remove_prefix(keyword.size());
  arguments.remove_prefix(std::min(arguments.find_first_not_of(' '), arguments.size()));
  return split_path(arguments);
}

/// "@a,@b:" before a mailbox (RFC 5321 appendix C): its length, 0 when there is none, npos when it is wrong.
std::size_t source_route_length(std::string_view path) {
  if (!path.starts_with('@')) return 0;
  std::size_t start = 0;
  while (start < path.size() && path[start] == '@') {
    bool bracket = false;
    std::size_t end = start + 1;
    for (; end < path.size(); ++end) {
      if (path[end] == '[') bracket = true;
      if (path[end] == ']') bracket = false;
      if (!bracket && (path[end] == ',' || path[end] == ':')) break;
    }
    if (end == path.size() || !mail::Domain::parse(path.substr(start + 1, end - start - 1))) break;
    if (path[end] == ':') return end + 1;
    start = end + 1;
  }
  return std::string_view::npos;
}

struct PathValue {
  std::optional<mail::Mailbox> mailbox;
  bool has_source_route = false;
};

/// A path that is not empty. `code` is the enhanced status code for a bad one: 5.1.7 for senders, 5.1.3 for recipients.
Parsed<PathValue> parse_path(std::string_view inside, mail::Utf8 utf8, std::string_view code) {
  if (std::ranges::any_of(inside, mail::is_high)) {
    if (!mail::is_safe_utf8(inside)) return std::unexpected(replies::bad_octets());
    if (utf8 == mail::Utf8::refuse) return std::unexpected(replies::smtputf8_needed());
  }
  PathValue value;
  const auto route = source_route_length(inside);
  if (route == std::string_view::npos) return std::unexpected(replies::bad_address(code));
  value.has_source_route = route > 0;
  auto mailbox = mail::Mailbox::parse(inside.substr(route), utf8);
  if (!mailbox) return std::unexpected(replies::bad_address(code));
  value.mailbox = std::move(*mailbox);
  return value;
}

}  // namespace

CommandLine split_command(std::string_view line) {
  const auto last = line.find_last_not_of(" \t");
  line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
  const auto word = line.substr(0, line.find_first_of(" \t"));
  if (line.starts_with("SSH-")) return {Verb::ssh, {}};
  const auto* const known =
      std::ranges::find_if(verbs, [word](const auto& entry) { return equals_ignoring_case(word, entry.first); });
  auto arguments = line.substr(word.size());
  arguments.remove_prefix(std::min(arguments.find_first_not_of(" \t"), arguments.size()));
  return {known == std::end(verbs) ? Verb::unknown : known->second, arguments};
}

Parsed<MailArguments> parse_mail(std::string_view arguments) {
  const auto path = split_arguments(arguments, "FROM:");
  if (!path) return std::unexpected(replies::syntax("MAIL FROM:<address>"));
  MailArguments parsed;
  if (auto wrong = parse_mail_parameters(path->rest, parsed)) return std::unexpected(std::move(*wrong));
  if (path->inside.empty()) return parsed;
  auto sender = parse_path(path->inside, parsed.smtputf8 ? mail::Utf8::allow : mail::Utf8::refuse, "5.1.7");
  if (!sender) return std::unexpected(std::move(sender.error()));
  parsed.sender = std::move(sender->mailbox);
  return parsed;
}

Parsed<RcptArguments> parse_rcpt(std::string_view arguments, mail::Utf8 utf8) {
  const auto path = split_arguments(arguments, "TO:");
  if (!path) return std::unexpected(replies::syntax("RCPT TO:<address>"));
  RcptArguments parsed;
  if (auto wrong = parse_rcpt_parameters(path->rest, utf8, parsed)) return std::unexpected(std::move(*wrong));
  if (equals_ignoring_case(path->inside, "postmaster")) return parsed;
  if (path->inside.empty()) return std::unexpected(replies::bad_address("5.1.3"));
  auto recipient = parse_path(path->inside, utf8, "5.1.3");
  if (!recipient) return std::unexpected(std::move(recipient.error()));
  parsed.path.mailbox = std::move(recipient->mailbox);
  parsed.path.has_source_route = recipient->has_source_route;
  return parsed;
}

Parsed<BdatArguments> parse_bdat(std::string_view arguments) {
  BdatArguments parsed;
  const char* const end = arguments.data() + arguments.size();
  const auto number = std::from_chars(arguments.data(), end, parsed.octets);
  const bool starts_with_digit = !arguments.empty() && mail::is_digit(arguments.front());
  if (!starts_with_digit || number.ec != std::errc{})
    return std::unexpected(replies::bad_parameter("BDAT octets [LAST]"));
  std::string_view rest{number.ptr, static_cast<std::size_t>(end - number.ptr)};
  if (rest.empty()) return parsed;
  const auto word = rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.front() != ' ' || !equals_ignoring_case(word, "LAST"))
    return std::unexpected(replies::bad_parameter("BDAT octets [LAST]"));
  parsed.last = true;
  return parsed;
}

bool is_helo_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, mail::is_printable_ascii);
}

}  // namespace mailreeve::smtp
