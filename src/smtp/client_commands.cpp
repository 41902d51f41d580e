// SPDX-License-Identifier: Apache-2.0
#include "smtp/client_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace mailreeve::smtp {
namespace {

/// ENVID and ORCPT were checked when they came in; a queue file written by another version is no reason to trust less.
bool is_parameter_value(std::string_view text) {
  return !text.empty() && text.size() <= 500 && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string notify_value(const mail::Notify& notify) {
  if (notify.never) return "NEVER";
  std::string value;
  const auto add = [&value](bool wanted, std::string_view word) {
    if (!wanted) return;
    if (!value.empty()) value += ',';
    value += word;
  };
  add(notify.success, "SUCCESS");
  add(notify.failure, "FAILURE");
  add(notify.delay, "DELAY");
  return value;
}

}  // namespace

std::string mail_command(const mail::Envelope& envelope, std::uint64_t size, const Offered& offered) {
  std::string line = "MAIL FROM:<";
  if (envelope.sender) line += envelope.sender->text();
  line += '>';
  if (offered.size) line += fmt::format(" SIZE={}", size);
  // Lenient: eight-bit text goes to a server without 8BITMIME as it is. RFC 6152 3 wants it converted or bounced, but
  // every server of today takes it, and converting breaks DKIM signatures.
  if (offered.eight_bit_mime && envelope.body_type == mail::BodyType::eight_bit) line += " BODY=8BITMIME";
  if (offered.smtputf8) line += " SMTPUTF8";
  if (offered.dsn) {
    if (envelope.ret == mail::Ret::full) line += " RET=FULL";
    if (envelope.ret == mail::Ret::headers) line += " RET=HDRS";
    if (is_parameter_value(envelope.envid)) line += " ENVID=" + envelope.envid;
  }
  return line;
}

std::string recipient_command(const mail::EnvelopeRecipient& recipient, const Offered& offered) {
  std::string line = "RCPT TO:<" + recipient.address.text() + ">";
  if (offered.dsn) {
    if (recipient.notify.set) {
      const auto value = notify_value(recipient.notify);
      if (!value.empty()) line += " NOTIFY=" + value;
    }
    if (is_parameter_value(recipient.orcpt)) line += " ORCPT=" + recipient.orcpt;
  }
  return line;
}

}  // namespace mailreeve::smtp
