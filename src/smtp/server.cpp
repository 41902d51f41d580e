// SPDX-License-Identifier: Apache-2.0
// The session's framing: input to lines, answers to replies, and the ways in which a session ends.
#include "smtp/server.h"

#include <functional>
#include <utility>

#include "smtp/command_line.h"
#include "smtp/server_replies.h"

namespace mailreeve::smtp {
namespace {

constexpr char tls_handshake_record = 0x16;
constexpr std::size_t kept_capacity = 256;  // octets: what an idle session may hold on to

}  // namespace

Server::Server(ServerOptions options) : options_{std::move(options)} {}

void Server::greet() { put(replies::greeting(options_.host_name)); }

void Server::refuse(Reply reply) {
  if (phase_ == Phase::closed) return;
  put_last(reply, "refused");
}

bool Server::owns_input() const {
  if (input_.empty() || buffer_.empty()) return false;
  const std::less<> before;
  return !before(input_.data(), buffer_.data()) && before(input_.data(), buffer_.data() + buffer_.size());
}

void Server::receive(std::string_view bytes) {
  if (phase_ == Phase::closed) return;
  if (input_.empty()) {
    input_ = bytes;
    return;
  }
  keep_input();
  buffer_.erase(0, static_cast<std::size_t>(input_.data() - buffer_.data()));
  buffer_ += bytes;
  input_ = buffer_;
}

void Server::keep_input() {
  if (input_.empty() || owns_input()) return;
  buffer_.assign(input_);
  input_ = buffer_;
}

Event Server::need_input() {
  keep_input();
  if (input_.empty() && buffer_.capacity() > kept_capacity) buffer_ = std::string{};
  return event::NeedInput{};
}

Event Server::next() {
  while (true) {
    if (aborted_) return event::Aborted{std::move(*std::exchange(aborted_, nullptr))};
    if (std::exchange(hello_pending_, false)) return event::Hello{helo_, extended_};
    if (phase_ == Phase::closed) return event::Close{why_closed_};
    if (std::exchange(starttls_pending_, false)) return event::StartTls{};
    if (awaiting_ != Awaiting::none || phase_ == Phase::tls_wait) return need_input();
    const bool chunk_is_over = phase_ == Phase::chunk && chunk_left_ == 0;
    if (input_.empty() && !chunk_is_over) return need_input();
    Step step;
    switch (phase_) {
      case Phase::command:
        step = read_line();
        break;
      case Phase::overlong:
        step = skip_line();
        break;
      case Phase::data:
        step = read_data();
        break;
      case Phase::chunk:
        step = read_chunk();
        break;
      case Phase::tls_wait:
      case Phase::closed:
        break;
    }
    if (step) return std::move(*step);
  }
}

// The decision falls at the same octet however the input was split: within the first `command_line` octets either a
// CRLF, a bare CR or a bare LF comes first, or the line is too long.
Server::Step Server::read_line() {
  if (fresh_ && !tls_ && input_.front() == tls_handshake_record) {
    put_last(replies::not_smtp(), "not SMTP");
    return std::nullopt;
  }
  const auto window = input_.substr(0, options_.limits.command_line);
  const bool is_full = window.size() == options_.limits.command_line;
  const auto lf = window.find('\n');
  const auto cr = window.substr(0, lf).find('\r');
  const bool cr_is_last = cr != std::string_view::npos && cr + 1 == window.size();
  if (lf == std::string_view::npos && (cr == std::string_view::npos || cr_is_last)) {
    if (!is_full) return need_input();
    const auto verb = split_command(window).verb;
    if (verb == Verb::http || verb == Verb::ssh) {
      put_last(replies::not_smtp(), "not SMTP");
      return std::nullopt;
    }
    fresh_ = false;
    phase_ = Phase::overlong;
    line_octets_ = window.size();
    after_cr_ = cr_is_last;
    input_.remove_prefix(window.size());
    put_error(replies::line_too_long());
    return std::nullopt;
  }
  if (cr == std::string_view::npos || cr + 1 != lf) return smuggling();
  input_.remove_prefix(lf + 1);
  fresh_ = false;
  return on_line(window.substr(0, cr));
}

Server::Step Server::skip_line() {
  while (!input_.empty()) {
    const char c = input_.front();
    input_.remove_prefix(1);
    if (++line_octets_ > options_.limits.overlong_line) {
      put_last(replies::misbehaved(options_.host_name, "line far too long"), "overlong");
      return std::nullopt;
    }
    if (after_cr_ != (c == '\n')) return smuggling();
    if (after_cr_) {
      phase_ = Phase::command;
      return std::nullopt;
    }
    after_cr_ = c == '\r';
  }
  return std::nullopt;
}

void Server::answer(Reply reply) {
  const bool positive = reply.is_positive();
  const bool permanent = reply.is_permanent();
  const bool closing = reply.code == 421;
  switch (std::exchange(awaiting_, Awaiting::none)) {
    case Awaiting::none:
      return;
    case Awaiting::mail:
      put(reply);
      if (positive) {
        in_transaction_ = true;
      } else {
        reset_transaction();
      }
      if (permanent) count_error();
      break;
    case Awaiting::recipient:
      put(reply);
      if (positive) {
        ++recipients_;
        envelope_.recipients.push_back(std::move(*pending_recipient_));
      }
      pending_recipient_.reset();
      if (permanent) count_error();
      break;
    case Awaiting::data:
      answer_data(std::move(reply));
      break;
    case Awaiting::end_of_data:
      put(reply);
      reset_transaction();
      idle_commands_ = 0;
      break;
  }
  if (closing && phase_ != Phase::closed && !refusal_) close("421");
}

void Server::answer_data(Reply reply) {
  if (chunked_) {
    if (reply.is_positive()) return;
    refusal_ = std::make_unique<Reply>(std::move(reply));
    refusal_is_error_ = false;
    reset_transaction();
    return;
  }
  // RFC 2920 3.1: DATA is the last of its group. What came after it was sent by somebody who does not read replies;
  // it must be taken neither for data nor for commands.
  const bool too_early = !input_.empty();
  if (too_early && reply.is_positive()) {
    put_last(replies::data_too_early(), "pipelining");
    return;
  }
  put(reply);
  if (reply.is_positive()) {
    phase_ = Phase::data;
    reader_ = DataReader{DataReader::Framing::dots};
    return;
  }
  reset_transaction();
  if (too_early) close("pipelining");
}

void Server::tls_started() {
  if (phase_ == Phase::closed) return;
  if (!input_.empty()) {
    close("starttls injection");
    return;
  }
  reset_transaction();
  helo_.clear();
  extended_ = false;
  tls_ = true;
  fresh_ = true;
  awaiting_ = Awaiting::none;
  phase_ = Phase::command;
}

std::string Server::take_output() { return std::exchange(output_, std::string{}); }

Expecting Server::expecting() const {
  return phase_ == Phase::data || phase_ == Phase::chunk ? Expecting::data : Expecting::command;
}

void Server::put_error(const Reply& reply) {
  put(reply);
  count_error();
}

void Server::count_error() {
  if (phase_ != Phase::closed && ++errors_ > options_.limits.errors) {
    put_last(replies::misbehaved(options_.host_name, "too many errors"), "errors");
  }
}

void Server::put_last(const Reply& reply, std::string_view why) {
  put(reply);
  abort(reply);
  close(why);
}

void Server::close(std::string_view why) {
  phase_ = Phase::closed;
  why_closed_ = why;
  awaiting_ = Awaiting::none;
  starttls_pending_ = false;
  refusal_.reset();
  input_ = {};
  reset_transaction();
}

void Server::abort(const Reply& reply) {
  if (in_transaction_) aborted_ = std::make_unique<Reply>(reply);
  reset_transaction();
}

void Server::reset_transaction() {
  in_transaction_ = false;
  chunked_ = false;
  recipients_ = 0;
  overshoot_ = 0;
  chunks_ = 0;
  size_ = 0;
  envelope_ = {};
  pending_recipient_.reset();
}

}  // namespace mailreeve::smtp
