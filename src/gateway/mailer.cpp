// SPDX-License-Identifier: Apache-2.0
#include "gateway/mailer.h"

#include <fmt/format.h>

namespace mailreeve::gateway {
namespace {

constexpr std::string_view sender_name = "Mail quarantine";
constexpr std::string_view own_listener = "own";

Result<mail::Mailbox> sender_of(const Live& live) {
  const auto& chosen = live.options.quarantine.digest_from;
  auto sender = mail::Mailbox::parse(chosen.empty() ? live.rules->contact : chosen);
  if (!sender) {
    return fail(ErrorKind::invalid,
                fmt::format("no mail of our own without a sender: set contact, or digest-from in [quarantine] ({})",
                            sender.error().text));
  }
  return sender;
}

Result<void> told(const mail::Mailbox& to, judge::RecipientDecision::Kind kind) {
  using Kind = judge::RecipientDecision::Kind;
  switch (kind) {
    case Kind::ours:
      return {};
    case Kind::unknown:
      return fail(ErrorKind::refused, fmt::format("there is nobody at {}", to.text()));
    case Kind::unavailable:
      return fail(ErrorKind::io, fmt::format("the recipient list cannot say whether there is a {}", to.text()));
    case Kind::relay:
    case Kind::denied:
      break;
  }
  return fail(ErrorKind::refused,
              fmt::format("{} is in no domain of ours: we write to our own people only", to.text()));
}

}  // namespace

Task<Result<MessageId>> Mailer::send(OwnMail own) {
  const auto live = services_.live.get();
  auto sender = sender_of(*live);
  if (!sender) co_return fail(sender);
  mail::ForwardPath path;
  path.mailbox = own.to;
  auto decision = co_await live->recipients.decide(std::move(path), IpAddress{});
  if (auto refused = told(own.to, decision.kind); !refused) co_return fail(refused);

  const auto now = services_.clock.now();
  const auto id = own.once ? *own.once : MessageId::make(now, services_.random);
  mail::Notice notice;
  notice.from = *sender;
  notice.from_name = sender_name;
  notice.to = *decision.recipient;
  notice.subject = std::move(own.subject);
  notice.text = std::move(own.text);
  notice.html = std::move(own.html);
  notice.id = id.text();
  notice.host = live->options.host_name;
  notice.date = now;
  notice.attached = std::move(own.attached);

  store::NewMessage fresh;
  fresh.once = own.once.has_value();
  fresh.body = std::make_shared<mail::MemoryBody>(mail::compose(notice));
  auto& message = fresh.message;
  message.id = id;
  message.accepted = now;
  message.size = fresh.body->size();
  message.origin.listener = own_listener;
  message.envelope.smtputf8 = sender->needs_utf8() || decision.recipient->needs_utf8();
  if (message.envelope.smtputf8) message.envelope.body_type = mail::BodyType::eight_bit;  // To and From hold UTF-8
  message.envelope.sender = std::move(*sender);
  store::QueuedRecipient recipient;
  // Whoever cannot be told is not told about it either: no notice leads to another.
  recipient.envelope = {std::move(*decision.recipient), {.set = true, .never = true}, {}};
  recipient.destination = decision.domain;
  recipient.due = now;
  message.recipients.push_back(std::move(recipient));
  const auto accepted = co_await services_.queue.accept(std::move(fresh));
  if (!accepted) co_return std::unexpected(accepted.error());
  if (services_.wake) services_.wake();
  services_.log.info("mail of our own", {{"id", id.text()}, {"to", own.to.text()}});
  co_return id;
}

}  // namespace mailreeve::gateway
