// SPDX-License-Identifier: Apache-2.0
// The connection: greeting, EHLO, STARTTLS, idle, end. What happens to a message stands in client_message.cpp.
#include "smtp/client.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailreeve::smtp {
namespace {

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_intermediate(const Reply& reply) { return reply.code >= 300 && reply.code < 400; }

}  // namespace

RecipientResult result_of(Reply reply) {
  using Outcome = RecipientResult::Outcome;
  const auto outcome = reply.is_positive()    ? Outcome::delivered
                       : reply.is_permanent() ? Outcome::permanent
                                              : Outcome::temporary;
  return {outcome, std::move(reply), false};
}

RecipientResult temporary_result(std::string_view enhanced, std::string_view why) {
  return result_of(Reply{451, enhanced, why});
}

Client::Client(ClientOptions options)
    : options_{std::move(options)}, reader_{options_.reply_limit}, tls_{options_.already_tls} {
  questions_.push_back({Asked::greeting, 0, true});
}

Client::Step Client::next() {
  if (state_ == State::done) {
    state_ = ended_ ? State::closed : State::idle;
    return Step::done;
  }
  if (state_ == State::closed) return Step::closed;
  if (!output_.empty()) return Step::write;
  switch (state_) {
    case State::handshake:
      return Step::start_tls;
    case State::body:
      return Step::body;
    case State::idle:
      return Step::idle;
    default:
      return Step::read;
  }
}

std::string Client::take_output() {
  for (auto& question : questions_) question.sent = true;
  return std::exchange(output_, {});
}

Client::Waiting Client::waiting() const {
  if (questions_.empty()) return Waiting::command;
  switch (questions_.front().asked) {
    case Asked::greeting:
      return Waiting::greeting;
    case Asked::rcpt:
      return Waiting::recipient;
    case Asked::data:
      return Waiting::data_start;
    case Asked::dot:
    case Asked::lone_dot:
      return Waiting::data_end;
    default:
      return Waiting::command;
  }
}

const std::vector<RecipientResult>& Client::results() const { return results_; }
bool Client::was_ready() const { return ready_; }
bool Client::offers(std::string_view keyword) const { return extension(keyword) != nullptr; }

const std::string* Client::extension(std::string_view keyword) const {
  const auto found =
      std::ranges::find(extensions_, keyword, [](const auto& entry) -> std::string_view { return entry.first; });
  return found == extensions_.end() ? nullptr : &found->second;
}

void Client::ask(Asked asked, std::string_view line, std::size_t recipient) {
  // The last gate against smuggling: whatever a value held, one command stays one line.
  if (std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    break_off("a command would have held control characters");
    return;
  }
  output_ += line;
  output_ += "\r\n";
  questions_.push_back({asked, recipient, false});
}

void Client::receive(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::closed && !ended_) {
    if (state_ == State::handshake) {
      // Text sent in clear behind the 220 to STARTTLS would be read as if it came through TLS (NO STARTTLS, 2021).
      return break_off("the server sent text between STARTTLS and the handshake");
    }
    auto reply = reader_.read(bytes);
    if (!reply) return break_off(fmt::format("the server sent {}", reply.error().text));
    if (*reply) {
      on_reply(std::move(**reply));
    } else if (questions_.empty() || !questions_.front().sent) {
      return break_off("the server spoke without being asked");
    }
  }
}

void Client::on_reply(Reply reply) {
  const bool asked_for = !questions_.empty() && questions_.front().sent;
  if (reply.code == 421 && (!asked_for || questions_.front().asked != Asked::dot)) {
    // RFC 5321 3.8: the server may say so at any moment, and closes.
    return give_up(result_of(std::move(reply)));
  }
  if (!asked_for) return break_off(fmt::format("the server said {} without being asked", reply.code));
  const auto question = questions_.front();
  questions_.pop_front();
  if (is_intermediate(reply) && question.asked != Asked::data) {
    return break_off(fmt::format("the server said {} where nothing goes on", reply.code));
  }
  switch (question.asked) {
    case Asked::greeting:
      return on_greeting(std::move(reply));
    case Asked::ehlo:
    case Asked::helo:
      return on_hello(std::move(reply), question.asked == Asked::ehlo);
    case Asked::starttls:
      return on_starttls(std::move(reply));
    case Asked::rset:
      if (!reply.is_positive()) return break_off(fmt::format("the server said {} to RSET", reply.code));
      return settle_envelope();
    case Asked::mail:
      return on_mail(std::move(reply));
    case Asked::rcpt:
      return on_recipient(std::move(reply), question.recipient);
    case Asked::data:
      return on_data(std::move(reply));
    case Asked::dot:
      return on_dot(std::move(reply), question.recipient);
    case Asked::lone_dot:
      return finish_message();
    case Asked::quit:
      state_ = State::closed;
      return;
  }
}

void Client::on_greeting(Reply reply) {
  // A 5xx greeting is about the server, not about any message (RFC 5321 3.1): whoever waits for it tries again later.
  if (!reply.is_positive()) return give_up(result_of(std::move(reply)));
  say_hello();
}

void Client::say_hello() {
  extensions_.clear();
  const auto* const verb = options_.protocol == Protocol::lmtp ? "LHLO " : "EHLO ";
  ask(Asked::ehlo, verb + options_.host_name);
}

void Client::on_hello(Reply reply, bool extended) {
  if (!reply.is_positive()) {
    if (extended && reply.is_permanent() && options_.protocol == Protocol::smtp) {
      return ask(Asked::helo, "HELO " + options_.host_name);  // RFC 5321 3.2
    }
    return give_up(result_of(std::move(reply)));
  }
  for (std::size_t i = 1; extended && i < reply.lines.size(); ++i) {
    const std::string_view line = reply.lines[i];
    const auto space = line.find(' ');
    const auto parameters = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
    extensions_.emplace_back(upper(line.substr(0, space)), parameters);
  }
  if (tls_ || options_.starttls == StartTls::never) return become_ready();
  if (offers("STARTTLS")) return ask(Asked::starttls, "STARTTLS");
  if (options_.starttls == StartTls::must) return break_off("the server does not offer STARTTLS, which is demanded");
  become_ready();
}

void Client::on_starttls(Reply reply) {
  if (reply.is_positive()) {
    state_ = State::handshake;
    return;
  }
  if (options_.starttls == StartTls::must) return give_up(result_of(std::move(reply)));
  become_ready();
}

void Client::tls_started() {
  if (state_ != State::handshake) return;
  tls_ = true;
  state_ = State::talking;
  say_hello();  // what was said in clear is forgotten (RFC 3207 4.2)
}

void Client::become_ready() {
  ready_ = true;
  state_ = State::idle;
}

void Client::fail(std::string_view why) { give_up(temporary_result("4.4.2", why)); }

void Client::break_off(std::string_view why) { give_up(temporary_result("4.4.0", why)); }

/// The connection is of no more use. Undecided recipients become temporary, whatever the code was.
void Client::give_up(RecipientResult why) {
  if (state_ == State::closed || ended_) return;
  why.outcome = RecipientResult::Outcome::temporary;
  const bool in_message = state_ == State::envelope || state_ == State::body;
  if (in_message) {
    auto result = why;
    result.after_dot = dot_sent_;
    decide_all(result);
  }
  trouble_ = std::move(why.reply);
  output_.clear();
  questions_.clear();
  ended_ = true;
  state_ = in_message || state_ == State::done ? State::done : State::closed;
}

void Client::quit() {
  if (state_ == State::idle) {
    state_ = State::talking;
    return ask(Asked::quit, "QUIT");
  }
  fail("the session was ended on our side");
}

}  // namespace mailreeve::smtp
