// SPDX-License-Identifier: Apache-2.0
// The grammar of commands (RFC 5321 4.1.2): a line in, values out. No state of the session is known here.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "mail/address.h"
#include "mail/envelope.h"
#include "smtp/reply.h"

namespace mailreeve::smtp {

enum class Verb : std::uint8_t {
  unknown,
  ehlo,
  helo,
  mail,
  rcpt,
  data,
  bdat,
  rset,
  noop,
  vrfy,
  expn,
  help,
  quit,
  starttls,
  not_offered,  // known to other servers: LHLO, AUTH, ETRN ...
  http,         // GET, POST ...: a browser made to speak to us (ALPACA, 2021)
  ssh,
};

struct CommandLine {
  Verb verb = Verb::unknown;
  std::string_view arguments;  // without blanks around
};

/// `line` without its CRLF.
CommandLine split_command(std::string_view line);

/// What a parser found wrong, as the reply to it.
template <class T>
using Parsed = std::expected<T, Reply>;

struct MailArguments {
  mail::ReversePath sender;
  std::optional<std::uint64_t> size;
  mail::BodyType body_type = mail::BodyType::seven_bit;
  bool smtputf8 = false;
  mail::Ret ret = mail::Ret::unset;
  std::string envid;
};
/// "FROM:<a@b> SIZE=1": 501, 553 or 555 when wrong.
Parsed<MailArguments> parse_mail(std::string_view arguments);

struct RcptArguments {
  mail::ForwardPath path;
  mail::Notify notify;
  std::string orcpt;
};
/// "TO:<a@b> NOTIFY=NEVER". `utf8` when MAIL said SMTPUTF8.
Parsed<RcptArguments> parse_rcpt(std::string_view arguments, mail::Utf8 utf8);

struct BdatArguments {
  std::uint64_t octets = 0;
  bool last = false;
};
Parsed<BdatArguments> parse_bdat(std::string_view arguments);

/// A domain, an address literal, or (Lenient: many clients have no proper name) any printable word of up to 255 octets.
bool is_helo_name(std::string_view text);

}  // namespace mailreeve::smtp
