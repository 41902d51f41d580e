// SPDX-License-Identifier: Apache-2.0
#include "delivery/connection.h"

#include <fmt/format.h>

#include "smtp/timeouts.h"

namespace mailreeve::delivery {
namespace {

namespace timeouts = smtp::timeouts;
using Step = smtp::Client::Step;

SteadyTime now() { return std::chrono::steady_clock::now(); }

smtp::ClientOptions client_options(const ServerAddress& address, const Plan& plan, bool use_starttls) {
  smtp::ClientOptions options;
  options.protocol = address.target.is_lmtp() ? smtp::Protocol::lmtp : smtp::Protocol::smtp;
  options.host_name = plan.options.host_name;
  options.starttls = use_starttls && plan.client_tls ? smtp::StartTls::may : smtp::StartTls::never;
  options.already_tls = address.target.kind == Target::Kind::smtps;
  return options;
}

std::string server_name(const Target& target) {
  return IpAddress::parse(target.host) ? std::string{} : target.host;  // RFC 6066 3: no addresses in SNI
}

}  // namespace

Attempt same_for_all(std::size_t recipients, RecipientResult::Outcome outcome, smtp::Reply reply) {
  Attempt attempt;
  attempt.results.assign(recipients, RecipientResult{outcome, std::move(reply), false});
  return attempt;
}

Connection::Connection(net::Loop& loop, ServerAddress address, std::shared_ptr<const Plan> plan, bool use_starttls,
                       std::shared_ptr<Haste> haste)
    : loop_{loop},
      address_{std::move(address)},
      plan_{std::move(plan)},
      haste_{std::move(haste)},
      client_{client_options(address_, *plan_, use_starttls)} {
  haste_->connections.insert(this);
}

Connection::~Connection() { haste_->connections.erase(this); }

void Connection::hasten() {
  if (stream_) stream_->set_deadline(haste_->end);
}

Task<Result<std::unique_ptr<Connection>>> Connection::open(net::Loop& loop, ServerAddress address,
                                                           std::shared_ptr<const Plan> plan, SteadyTime deadline,
                                                           std::shared_ptr<Haste> haste) {
  for (const bool use_starttls : {true, false}) {
    std::unique_ptr<Connection> connection{new Connection{loop, address, plan, use_starttls, haste}};
    auto greeted = co_await connection->greet(deadline);
    if (greeted) co_return connection;
    if (!connection->tls_failed_ || address.target.kind == Target::Kind::smtps) co_return fail(greeted);
  }
  co_return fail(ErrorKind::tls, "the server fails with TLS and without", Blame::remote);
}

Task<Result<void>> Connection::greet(SteadyTime deadline) {
  const auto connect_deadline = std::min({deadline, haste_->end, now() + plan_->options.connect_timeout});
  if (address_.target.kind == Target::Kind::lmtp_unix) {
    auto connected = co_await loop_.connect_unix(address_.target.path, connect_deadline);
    if (!connected) co_return fail(connected);
    stream_ = std::move(*connected);
  } else {
    auto connected = co_await loop_.connect(address_.endpoint, connect_deadline);
    if (!connected) co_return fail(connected);
    stream_ = std::move(*connected);
  }
  if (address_.target.kind == Target::Kind::smtps) {
    stream_->set_deadline(std::min({deadline, haste_->end, now() + timeouts::tls_handshake}));
    auto secured = co_await stream_->start_tls_client(plan_->client_tls, server_name(address_.target));
    if (!secured) co_return fail(secured);
  }
  const auto step = co_await advance(nullptr, deadline, deadline);
  if (step != Step::idle) {
    co_return fail(ErrorKind::refused, failure_.empty() ? client_.trouble().text() : failure_, Blame::remote);
  }
  reusable_ = true;
  idle_since_ = now();
  co_return Result<void>{};
}

SteadyTime Connection::limit(SteadyTime deadline, SteadyTime answer_deadline) const {
  using Waiting = smtp::Client::Waiting;
  switch (client_.waiting()) {
    case Waiting::greeting:
      return std::min(deadline, now() + timeouts::greeting);
    case Waiting::command:
      return std::min(deadline, now() + timeouts::mail);
    case Waiting::recipient:
      return std::min(deadline, now() + timeouts::recipient);
    case Waiting::data_start:
      return std::min(deadline, now() + timeouts::data_start);
    case Waiting::data_end:
      return std::min(answer_deadline, now() + timeouts::data_end);
  }
  return deadline;
}

// Goes on until the machine is idle, done or closed.
Task<Step> Connection::advance(std::shared_ptr<const mail::Body> body, SteadyTime deadline,
                               SteadyTime answer_deadline) {
  while (true) {
    const auto step = client_.next();
    switch (step) {
      case Step::write: {
        stream_->set_deadline(std::min({deadline, haste_->end, now() + timeouts::data_block}));
        const auto output = client_.take_output();
        auto written = co_await stream_->write_all(output);
        if (!written) {
          failure_ = written.error().text;
          client_.fail(failure_);
        }
        break;
      }
      case Step::read: {
        stream_->set_deadline(std::min(limit(deadline, answer_deadline), haste_->end));
        char* scratch = loop_.scratch();
        auto got = co_await stream_->read_some(scratch, net::Loop::scratch_size);
        if (!got || *got == 0) {
          failure_ = got ? "the server closed the connection" : got.error().text;
          client_.fail(failure_);
        } else {
          heard_ = true;
          client_.receive({scratch, *got});
        }
        break;
      }
      case Step::body: {
        const bool sent = co_await send_body(body, deadline);
        if (sent) client_.body_sent();
        break;
      }
      case Step::start_tls: {
        stream_->set_deadline(std::min({deadline, haste_->end, now() + timeouts::tls_handshake}));
        auto secured = co_await stream_->start_tls_client(plan_->client_tls, server_name(address_.target));
        if (secured) {
          client_.tls_started();
        } else {
          tls_failed_ = true;
          failure_ = secured.error().text;
          client_.fail(failure_);
        }
        break;
      }
      case Step::idle:
      case Step::done:
      case Step::closed:
        co_return step;
    }
  }
}

// Stuffs and writes in pieces of a chunk, so that a large body is never in memory whole.
Task<bool> Connection::send_body(std::shared_ptr<const mail::Body> body, SteadyTime deadline) {
  smtp::BodyEncoder encoder;
  std::string scratch;
  std::string wire;
  std::uint64_t offset = 0;
  const auto size = body->size();
  while (true) {
    auto bytes = body->read(offset, scratch);
    if (!bytes || (bytes->empty() && offset < size)) {
      // The rest cannot be read: closing without the dot keeps half a message from being taken for a whole one.
      failure_ = bytes ? "the stored message is shorter than it should be" : bytes.error().text;
      stream_->close();
      client_.fail(failure_);
      co_return false;
    }
    offset += bytes->size();
    wire.clear();
    encoder.encode(*bytes, wire);
    const bool last = offset >= size;
    if (last) encoder.end(wire);
    stream_->set_deadline(std::min({deadline, haste_->end, now() + timeouts::data_block}));
    auto written = co_await stream_->write_all(wire);
    if (!written) {
      failure_ = written.error().text;
      client_.fail(failure_);
      co_return false;
    }
    if (last) co_return true;
  }
}

Task<Attempt> Connection::send(mail::Envelope envelope, std::shared_ptr<const mail::Body> body, SteadyTime deadline,
                               SteadyTime answer_deadline) {
  reusable_ = false;
  heard_ = false;
  ++messages_;
  client_.send({std::move(envelope), body->size()});
  auto step = co_await advance(body, deadline, answer_deadline);
  Attempt attempt;
  attempt.server = address_.target.kind == Target::Kind::lmtp_unix ? address_.target.path : address_.endpoint.text();
  attempt.results = client_.results();
  if (step == Step::done) step = client_.next();
  reusable_ = step == Step::idle;
  stale_ = !heard_ && messages_ > 1 && step == Step::closed;
  idle_since_ = now();
  co_return attempt;
}

Task<void> Connection::quit() {
  reusable_ = false;
  if (!stream_) co_return;
  client_.quit();
  const auto output = client_.take_output();
  stream_->set_deadline(now() + std::chrono::seconds{2});
  if (!output.empty()) {
    const auto written = co_await stream_->write_all(output);
    if (!written) co_return;
  }
  co_await stream_->close_gently();
}

}  // namespace mailreeve::delivery
