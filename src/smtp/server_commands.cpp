// SPDX-License-Identifier: Apache-2.0
// The commands of the envelope and of the session, and their order (RFC 5321 4.1.4).
#include <algorithm>

#include "mail/characters.h"
#include "smtp/command_line.h"
#include "smtp/server.h"
#include "smtp/server_replies.h"

namespace mailreeve::smtp {

Server::Step Server::on_line(std::string_view line) {
  const auto [verb, arguments] = split_command(line);
  const bool may_be_utf8 = verb == Verb::mail || verb == Verb::rcpt || verb == Verb::vrfy;
  const bool is_high = std::ranges::any_of(line, mail::is_high);
  if (line.find('\0') != std::string_view::npos || (is_high && !may_be_utf8) ||
      (is_high && !mail::is_safe_utf8(line))) {
    put_error(replies::bad_octets());
    return std::nullopt;
  }
  switch (verb) {
    case Verb::ehlo:
      return on_hello(arguments, true);
    case Verb::helo:
      return on_hello(arguments, false);
    case Verb::mail:
      return on_mail(arguments);
    case Verb::rcpt:
      return on_rcpt(arguments);
    case Verb::data:
      return on_data(arguments);
    case Verb::bdat:
      return on_bdat(arguments);
    case Verb::starttls:
      return on_starttls(arguments);
    case Verb::http:
    case Verb::ssh:
      put_last(replies::not_smtp(), "not SMTP");
      return std::nullopt;
    case Verb::not_offered:
      put_error(replies::not_implemented());
      return std::nullopt;
    case Verb::unknown:
      put_error(line.find_first_not_of(" \t") == std::string_view::npos ? replies::empty_command()
                                                                        : replies::unknown_command());
      return std::nullopt;
    case Verb::rset:
    case Verb::noop:
    case Verb::vrfy:
    case Verb::expn:
    case Verb::help:
    case Verb::quit:
      return on_simple(verb, arguments);
  }
  return std::nullopt;
}

/// Commands that move no mail are cheap to send; a session full of them has another purpose. True: it was ended.
bool Server::is_idle_command_too_many() {
  if (++idle_commands_ <= options_.limits.idle_commands) return false;
  put_last(replies::misbehaved(options_.host_name, "too many commands without mail"), "idle commands");
  return true;
}

Server::Step Server::on_simple(Verb verb, std::string_view arguments) {
  if ((verb == Verb::rset || verb == Verb::quit) && !arguments.empty()) {
    put_error(replies::no_arguments());
    return std::nullopt;
  }
  if (verb == Verb::quit) {
    put_last(replies::goodbye(options_.host_name), "quit");
    return std::nullopt;
  }
  if (is_idle_command_too_many()) return std::nullopt;
  if (verb == Verb::rset) {
    put(replies::ok());
    abort(replies::ok());
  } else if (verb == Verb::noop) {
    put(replies::ok());
  } else if (verb == Verb::help) {
    put(replies::help());
  } else if (verb == Verb::expn) {
    put_error(replies::not_implemented());
  } else if (options_.require_tls && !tls_) {
    put_error(replies::tls_required());
  } else if (arguments.empty()) {
    put_error(replies::syntax("VRFY address"));
  } else {
    put(replies::cannot_verify());
  }
  return std::nullopt;
}

Server::Step Server::on_hello(std::string_view name, bool extended) {
  if (!is_helo_name(name)) {
    put_error(replies::bad_parameter(extended ? "EHLO domain" : "HELO domain"));
    return std::nullopt;
  }
  if (is_idle_command_too_many()) return std::nullopt;
  const auto reply = extended ? replies::extensions(options_, tls_) : replies::hello(options_.host_name);
  put(reply);
  abort(reply);
  helo_ = name;
  extended_ = extended;
  hello_pending_ = true;
  return std::nullopt;
}

Server::Step Server::on_mail(std::string_view arguments) {
  if (options_.require_tls && !tls_) {
    put_error(replies::tls_required());
    return std::nullopt;
  }
  if (helo_.empty() || in_transaction_) {
    put_error(replies::bad_sequence(helo_.empty() ? "Say EHLO or HELO first" : "MAIL was already said"));
    return std::nullopt;
  }
  auto parsed = parse_mail(arguments);
  if (!parsed) {
    put_error(parsed.error());
    return std::nullopt;
  }
  if (parsed->size.value_or(0) > options_.limits.message_size) {
    put_error(replies::too_big());
    return std::nullopt;
  }
  if (transactions_ >= options_.limits.transactions) {
    put_last(replies::misbehaved(options_.host_name, "too many messages in one session"), "transactions");
    return std::nullopt;
  }
  ++transactions_;
  reset_transaction();
  envelope_.sender = parsed->sender;
  envelope_.body_type = parsed->body_type;
  envelope_.smtputf8 = parsed->smtputf8;
  envelope_.ret = parsed->ret;
  envelope_.envid = std::move(parsed->envid);
  awaiting_ = Awaiting::mail;
  return event::Mail{std::move(parsed->sender), parsed->size};
}

Server::Step Server::on_rcpt(std::string_view arguments) {
  if (options_.require_tls && !tls_) {
    put_error(replies::tls_required());
    return std::nullopt;
  }
  if (!in_transaction_ || chunked_) {
    put_error(replies::bad_sequence(chunked_ ? "The message has begun" : "Say MAIL first"));
    return std::nullopt;
  }
  auto parsed = parse_rcpt(arguments, envelope_.smtputf8 ? mail::Utf8::allow : mail::Utf8::refuse);
  if (!parsed) {
    put_error(parsed.error());
    return std::nullopt;
  }
  if (recipients_ >= options_.limits.recipients) {
    if (++overshoot_ > options_.limits.recipients) {
      put_last(replies::misbehaved(options_.host_name, "too many recipients"), "recipients");
    } else {
      put(replies::too_many_recipients());
    }
    return std::nullopt;
  }
  auto mailbox = parsed->path.mailbox;
  if (!mailbox) {  // RFC 5321 4.5.1: <postmaster> is ours
    if (auto postmaster = mail::Mailbox::parse("postmaster@" + options_.host_name)) mailbox = std::move(*postmaster);
  }
  pending_recipient_ = std::make_unique<mail::EnvelopeRecipient>(
      mail::EnvelopeRecipient{mailbox.value_or(mail::Mailbox{}), parsed->notify, parsed->orcpt});
  awaiting_ = Awaiting::recipient;
  return event::Recipient{std::move(parsed->path), parsed->notify, std::move(parsed->orcpt)};
}

Server::Step Server::on_starttls(std::string_view arguments) {
  if (!arguments.empty()) {
    put_error(replies::no_arguments());
  } else if (tls_) {
    put_error(replies::bad_sequence("TLS is already in use"));
  } else if (!options_.offer_starttls) {
    put_error(replies::not_implemented());
  } else if (!input_.empty()) {
    // Sent in clear, to be read as if it had come through TLS (NO STARTTLS, 2021). No reply: the peer is not who it
    // seems, or does not wait for one.
    abort(replies::data_too_early());
    close("starttls injection");
  } else {
    put(replies::ready_for_tls());
    abort(replies::ready_for_tls());
    phase_ = Phase::tls_wait;
    starttls_pending_ = true;
  }
  return std::nullopt;
}

}  // namespace mailreeve::smtp
