// SPDX-License-Identifier: Apache-2.0
#include "gateway/analyst.h"

#include <fmt/format.h>

#include "mail/date.h"
#include "scan/locked_zip.h"

namespace mailreeve::gateway {
namespace {

constexpr std::uint64_t most = 20ULL << 20;  // octets; larger ones many servers do not take

std::string text_of(const store::HeldMessage& message, const std::string& note) {
  std::string recipients;
  for (const auto& recipient : message.recipients) {
    recipients += fmt::format("{}{}", recipients.empty() ? "" : ", ", recipient.envelope.address.text());
  }
  std::string findings;
  for (const auto& code : message.findings) findings += fmt::format("{}{}", findings.empty() ? "" : ", ", code);
  return fmt::format(
      "Somebody asks you to look at a message in quarantine.\n\n"
      "Asked by:    {}\nMessage:     {}\nArrived:     {}\nFrom:        {}\nEnvelope:    <{}> from {} [{}]\n"
      "For:         {}\nSubject:     {}\nWhy held:    {}\nFindings:    {}\n\n"
      "It is attached as a ZIP file. The password is: {}\nIt may be dangerous: open it only where that does no harm.\n",
      note, message.id.text(), mail::iso8601(message.time), message.from,
      message.envelope.sender ? message.envelope.sender->text() : std::string{}, message.origin.helo,
      message.origin.client.text(), recipients, message.subject, message.why, findings, scan::usual_zip_password);
}

}  // namespace

Task<Result<void>> forward_held(store::Vault& vault, Mailer& mailer, MessageId id, mail::Mailbox to, std::string note) {
  const auto shown = co_await vault.show(id);
  if (!shown) co_return std::unexpected(shown.error());
  if (!*shown) co_return fail(ErrorKind::not_found, fmt::format("there is no message {} in quarantine", id.text()));
  const auto body = co_await vault.body(id);
  if (!body) co_return std::unexpected(body.error());
  if ((*body)->size() > most) {
    co_return fail(ErrorKind::invalid,
                   fmt::format("it is too large to be forwarded ({} MiB at most): download it instead", most >> 20));
  }
  const auto bytes = mail::read_whole(**body, most);
  if (!bytes) co_return std::unexpected(bytes.error());
  auto zip = scan::locked_zip(id.text() + ".eml", *bytes, scan::usual_zip_password);
  if (!zip) co_return fail(zip);
  OwnMail own;
  own.to = std::move(to);
  own.subject = fmt::format("Please look at this message: {}", (*shown)->subject);
  own.text = text_of(**shown, note);
  own.attached = mail::NoticeFile{id.text() + ".zip", "application/zip", std::move(*zip)};
  const auto sent = co_await mailer.send(std::move(own));
  if (!sent) co_return std::unexpected(sent.error());
  co_return Result<void>{};
}

}  // namespace mailreeve::gateway
