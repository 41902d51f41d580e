// SPDX-License-Identifier: Apache-2.0
// One message: MAIL, RCPT, DATA, the dot, and who got it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "smtp/client.h"
#include "smtp/client_commands.h"

namespace mailreeve::smtp {
namespace {

// Commands in one write. The replies to them (some 60 octets each) must fit the socket buffers on the way back, or
// both sides wait for each other (RFC 2920 3.1).
constexpr std::size_t pipeline_depth = 100;

/// RFC 5321 4.5.3.1.10: a server of the old school says 552 for "too many recipients now"; 5.2.2 (mailbox full) and
/// others are meant as they stand.
bool means_too_many(const Reply& reply) {
  return reply.code == 552 && (reply.enhanced.empty() || reply.enhanced == "5.5.3");
}

}  // namespace

void Client::send(Outgoing message) {
  message_ = std::move(message);
  const auto count = message_.envelope.recipients.size();
  results_.assign(count, temporary_result("4.4.0", "not tried"));
  decided_.assign(count, false);
  accepted_.clear();
  next_recipient_ = 0;
  mail_sent_ = mail_accepted_ = mail_refused_ = data_sent_ = dot_sent_ = false;
  if (state_ != State::idle) {
    auto why = trouble_.code == 250 ? temporary_result("4.4.2", "the connection is closed") : result_of(trouble_);
    why.outcome = RecipientResult::Outcome::temporary;
    decide_all(why);
    ended_ = true;
    state_ = State::done;
    return;
  }
  if (count == 0 || refuse_locally()) {
    state_ = State::done;
    return;
  }
  state_ = State::envelope;
  fill_envelope();
}

bool Client::wants_utf8() const {
  const auto& envelope = message_.envelope;
  return envelope.smtputf8 || (envelope.sender && envelope.sender->needs_utf8()) ||
         std::ranges::any_of(envelope.recipients, [](const auto& r) { return r.address.needs_utf8(); });
}

/// What the server told us it cannot take need not be asked.
bool Client::refuse_locally() {
  if (const auto* const size = extension("SIZE")) {
    std::uint64_t most = 0;  // 0: no fixed limit (RFC 1870 4)
    const auto read = std::from_chars(size->data(), size->data() + size->size(), most);
    if (read.ec == std::errc{} && most > 0 && message_.size > most) {
      decide_all(result_of(Reply{552, "5.3.4", fmt::format("The next server takes at most {} octets", most)}));
      return true;
    }
  }
  if (wants_utf8() && !offers("SMTPUTF8")) {
    decide_all(result_of(Reply{553, "5.6.7", "The next server does not take internationalized mail (SMTPUTF8)"}));
    return true;
  }
  return false;
}

/// Asks as much as may be asked now: all that fits a write when the server pipelines, else one thing.
void Client::fill_envelope() {
  const Offered offered{offers("SIZE"), offers("8BITMIME"), offers("SMTPUTF8") && wants_utf8(), offers("DSN")};
  const auto& recipients = message_.envelope.recipients;
  const std::size_t most = offers("PIPELINING") ? pipeline_depth : 1;
  for (std::size_t asked = 0; asked < most && state_ == State::envelope; ++asked) {
    if (needs_rset_ && !mail_sent_) {
      needs_rset_ = false;
      ask(Asked::rset, "RSET");
    } else if (!mail_sent_) {
      mail_sent_ = true;
      ask(Asked::mail, mail_command(message_.envelope, message_.size, offered));
    } else if (next_recipient_ < recipients.size()) {
      const auto index = next_recipient_++;
      ask(Asked::rcpt, recipient_command(recipients[index], offered), index);
    } else {
      data_sent_ = true;
      ask(Asked::data, "DATA");
      return;  // RFC 2920 3.1: DATA is the last of a group
    }
  }
}

/// After each reply of the envelope: goes on once every question is answered.
void Client::settle_envelope() {
  if (state_ != State::envelope || !questions_.empty()) return;
  const bool all_asked = next_recipient_ == message_.envelope.recipients.size();
  if (mail_refused_ || (all_asked && accepted_.empty())) return finish_message();
  fill_envelope();
}

void Client::on_mail(Reply reply) {
  mail_accepted_ = reply.is_positive();
  mail_refused_ = !mail_accepted_;
  needs_rset_ = mail_accepted_;
  if (mail_refused_) decide_all(result_of(std::move(reply)));
  settle_envelope();
}

void Client::on_recipient(Reply reply, std::size_t recipient) {
  if (reply.is_positive()) {
    accepted_.push_back(recipient);
  } else {
    auto result = result_of(std::move(reply));
    if (means_too_many(result.reply)) result.outcome = RecipientResult::Outcome::temporary;
    decide(recipient, std::move(result));
  }
  settle_envelope();
}

void Client::on_data(Reply reply) {
  if (reply.code < 300) return break_off(fmt::format("the server said {} to DATA", reply.code));
  if (!reply.is_positive()) {
    decide_all(result_of(std::move(reply)));
    return finish_message();
  }
  needs_rset_ = false;  // the end of data ends the transaction
  if (!mail_refused_ && !accepted_.empty()) {
    state_ = State::body;
    return;
  }
  if (!accepted_.empty() || options_.protocol == Protocol::lmtp) {
    // Nobody knows what the server would do with an empty message, nor how many replies LMTP has for it.
    return break_off("the server wants data for a message that it refused");
  }
  // RFC 2920 3.1: DATA was sent along, so an empty message has to be ended; it has no recipients.
  output_ += ".\r\n";
  questions_.push_back({Asked::lone_dot, 0, false});
}

void Client::body_sent() {
  if (state_ != State::body) return;
  state_ = State::envelope;
  dot_sent_ = true;
  if (options_.protocol == Protocol::lmtp) {
    for (const auto recipient : accepted_) questions_.push_back({Asked::dot, recipient, true});  // RFC 2033 4.2
  } else {
    questions_.push_back({Asked::dot, 0, true});
  }
}

void Client::on_dot(Reply reply, std::size_t recipient) {
  const bool closing = reply.code == 421;
  const auto result = result_of(std::move(reply));
  if (options_.protocol == Protocol::lmtp) {
    decide(recipient, result);
  } else {
    decide_all(result);
  }
  if (closing) return give_up(result);
  if (questions_.empty()) finish_message();
}

void Client::decide(std::size_t recipient, RecipientResult result) {
  if (decided_[recipient]) return;
  decided_[recipient] = true;
  results_[recipient] = std::move(result);
}

void Client::decide_all(const RecipientResult& result) {
  for (std::size_t i = 0; i < results_.size(); ++i) decide(i, result);
}

void Client::finish_message() {
  state_ = State::done;
  message_ = {};
}

}  // namespace mailreeve::smtp
