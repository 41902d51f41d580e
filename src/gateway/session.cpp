// SPDX-License-Identifier: Apache-2.0
#include "gateway/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/held.h"
#include "gateway/result_headers.h"
#include "gateway/transaction.h"
#include "mail/composed_body.h"
#include "net/proxy_protocol.h"
#include "smtp/timeouts.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;
namespace replies = smtp::replies;

constexpr unsigned received_limit = 100;  // RFC 5321 6.3: at least 100 Received fields before it is a loop
constexpr unsigned own_limit = 3;         // passes through this very host
constexpr std::size_t logged_refusals = 10;
constexpr auto proxy_time = 10s;
// A sender may be slow, not endless: after this grace data must come at this rate on average (reliability.md 1.2).
constexpr auto data_grace = 10min;
constexpr std::uint64_t data_rate = 500;        // octets a second
constexpr std::string_view said_quit = "quit";  // the machine's word in Close

}  // namespace

Session::Session(const SessionServices& services, net::Loop& loop, std::unique_ptr<net::Stream> stream,
                 const ListenerOptions& listener)
    : services_{services},
      loop_{loop},
      stream_{std::move(stream)},
      listener_{listener},
      live_{services.live.get()},
      client_{stream_->peer()},
      began_{services.clock.steady()} {
  services_.metrics.sessions.add();
  services_.metrics.open.add(1);
}

Session::~Session() { services_.metrics.open.add(-1); }

Task<void> Session::run() {
  const bool ready = co_await prepare();
  if (ready) co_await converse();
  if (transaction_) on_aborted(smtp::Reply{421, "4.4.2", "the session ended"});
  if (why_closed_ == said_quit && tls_.version.empty()) {
    stream_->close();  // it has read our 221 or will: nothing of its own is unread, so closing resets nothing
  } else {
    co_await stream_->close_gently();
  }
  if (has_transacted_) co_return;
  ticket_ = {};
  // What was asked about a client that left early is answered soon, and belongs to its story.
  if (inspection_) co_await inspection_->settle();
  log_session();
}

void Session::drain() {
  const bool may_finish = machine_ && machine_->in_transaction();
  if (!may_finish) stream_->set_deadline(services_.clock.steady());
}

// Who is it, may it come in, and is the door one with TLS?
Task<bool> Session::prepare() {
  for (const auto& balancer : listener_.proxy_from) {
    if (!balancer.contains(client_.address)) continue;
    const bool told = co_await read_proxy_header();
    if (!told) co_return false;
    break;
  }
  const auto& limits = live_->options.limits;
  const bool trusted = live_->recipients.may_relay(client_.address);
  facts_ = std::make_shared<judge::SessionFacts>();
  facts_->client = client_.address;
  facts_->port = client_.port;
  facts_->listener = listener_.role == Role::mx ? "mx" : "submission";
  if (listener_.role == Role::mx && !trusted && !live_->rules->checks->empty()) {
    inspection_ = std::make_unique<Inspection>(services_.inspection, loop_, live_->rules, facts_);
  }
  bool exempt = trusted;
  for (const auto& network : limits.unlimited) exempt = exempt || network.contains(client_.address);
  auto entered = services_.limits.enter(client_.address, exempt, limits);

  smtp::ServerOptions options;
  options.host_name = live_->options.host_name;
  options.limits = limits.session;
  const bool implicit = listener_.tls == ListenerTls::implicit;
  options.offer_starttls = live_->tls && listener_.tls != ListenerTls::off && !implicit;
  options.require_tls = listener_.tls == ListenerTls::required;
  if (implicit && entered) {
    stream_->set_deadline(services_.clock.steady() + smtp::timeouts::tls_handshake);
    Result<net::TlsFacts> secured = fail(ErrorKind::tls, "no certificate is set");
    if (live_->tls) secured = co_await stream_->start_tls_server(live_->tls);
    if (!secured) {
      why_closed_ = secured.error().text;
      co_return false;
    }
    tls_ = std::move(*secured);
    facts_->tls = tls_.version;
  }
  machine_.emplace(std::move(options));
  if (implicit) machine_->tls_started();
  if (!entered) {
    why_closed_ = entered.error() == ConnectionLimits::Refusal::total ? "too many connections" : "too many from there";
    machine_->refuse(replies::too_many_connections(live_->options.host_name));
  } else if (services_.draining) {
    machine_->refuse(replies::shutting_down(live_->options.host_name));
  } else {
    ticket_ = std::move(*entered);
    auto refusal = co_await admit();
    if (refusal) {
      machine_->refuse(std::move(*refusal));
    } else {
      machine_->greet();
    }
  }
  co_return true;
}

// Is this client to be greeted, and did it wait for it?
Task<std::optional<smtp::Reply>> Session::admit() {
  if (!inspection_) co_return std::nullopt;
  refusal_ = co_await inspection_->admit(services_.clock.now());
  if (refusal_) {
    why_closed_ = refusal_->decided_by;
    co_return refusal_->reply;
  }
  const auto delay = live_->rules->options.pregreet.delay;
  if (delay.count() > 0) co_await loop_.sleep(delay);
  facts_->early_talker = listener_.tls != ListenerTls::implicit && early_input_.empty() && stream_->has_input();
  inspection_->begin();
  co_return std::nullopt;
}

void Session::on_hello(const smtp::event::Hello& hello) {
  facts_->tls = tls_.version;
  if (inspection_) {
    inspection_->hello(hello.name, hello.extended);
  } else {
    facts_->helo = hello.name;
    facts_->extended = hello.extended;
  }
}

// Who is refused waits: a spam program that asks much gets little. The line itself is not held up for anybody else.
Task<void> Session::tarpit(const smtp::Reply& reply) {
  const auto delay = live_->rules->options.tarpit.delay;
  if (reply.is_positive() || !inspection_ || delay.count() == 0) co_return;
  co_await loop_.sleep(delay);
}

Task<bool> Session::read_proxy_header() {
  stream_->set_deadline(services_.clock.steady() + proxy_time);
  while (true) {
    auto header = net::parse_proxy_header(early_input_);
    if (!header) {
      why_closed_ = header.error().text;
      stream_->close();
      co_return false;
    }
    if (*header) {
      if ((*header)->client) client_ = *(*header)->client;
      early_input_.erase(0, (*header)->size);
      co_return true;
    }
    char* scratch = loop_.scratch();
    auto got = co_await stream_->read_some(scratch, net::proxy_header_limit);
    if (!got || *got == 0) {
      why_closed_ = "no PROXY header came";
      co_return false;
    }
    early_input_.append(scratch, *got);
  }
}

Task<void> Session::converse() {
  if (!early_input_.empty()) {
    machine_->receive(early_input_);
    machine_->keep_input();
    early_input_ = {};
  }
  while (true) {
    auto event = machine_->next();
    if (std::holds_alternative<smtp::event::NeedInput>(event)) {
      const bool go_on = co_await read_more();
      if (!go_on) co_return;
    } else if (auto* body = std::get_if<smtp::event::Body>(&event)) {
      on_body(body->bytes);
    } else if (auto* hello = std::get_if<smtp::event::Hello>(&event)) {
      on_hello(*hello);
    } else if (auto* mail = std::get_if<smtp::event::Mail>(&event)) {
      on_mail(*mail);
    } else if (auto* recipient = std::get_if<smtp::event::Recipient>(&event)) {
      machine_->keep_input();
      co_await on_recipient(std::move(*recipient));
    } else if (std::holds_alternative<smtp::event::Data>(event)) {
      on_data();
    } else if (auto* end = std::get_if<smtp::event::EndOfData>(&event)) {
      const auto size = end->size;
      machine_->keep_input();
      co_await on_end_of_data(size);
    } else if (auto* aborted = std::get_if<smtp::event::Aborted>(&event)) {
      on_aborted(aborted->reply);
    } else if (std::holds_alternative<smtp::event::StartTls>(event)) {
      machine_->keep_input();
      const bool secured = co_await start_tls();
      if (!secured) co_return;
    } else if (auto* close = std::get_if<smtp::event::Close>(&event)) {
      if (why_closed_.empty()) why_closed_ = close->why;
      co_await flush();
      co_return;
    }
  }
}

Task<bool> Session::flush() {
  if (!machine_->has_output()) co_return true;
  const auto output = machine_->take_output();
  stream_->set_deadline(services_.clock.steady() + smtp::timeouts::server_data_block);
  auto written = co_await stream_->write_all(output);
  if (!written) why_closed_ = written.error().text;
  co_return written.has_value();
}

SteadyTime Session::input_deadline() const {
  const auto now = services_.clock.steady();
  const auto& limits = live_->options.limits;
  if (machine_->expecting() == smtp::Expecting::command || !transaction_) return now + limits.command_timeout;
  const auto slowest = transaction_->data_began + data_grace + std::chrono::seconds{transaction_->received / data_rate};
  return std::min(now + limits.data_timeout, slowest);
}

Task<bool> Session::read_more() {
  const bool flushed = co_await flush();
  if (!flushed) co_return false;
  if (services_.draining && !machine_->in_transaction()) {
    machine_->refuse(replies::shutting_down(live_->options.host_name));
    co_return true;
  }
  stream_->set_deadline(input_deadline());
  auto readable = co_await stream_->wait_readable();
  Result<std::size_t> got = std::size_t{0};
  char* scratch = loop_.scratch();
  if (readable) {
    got = co_await stream_->read_some(scratch, net::Loop::scratch_size);
  } else {
    got = fail(readable);
  }
  if (got && *got > 0) {
    machine_->receive({scratch, *got});
    co_return true;
  }
  if (!got && got.error().kind == ErrorKind::timeout) {
    const auto& host = live_->options.host_name;
    why_closed_ = services_.draining ? "shutting down" : "timeout";
    machine_->refuse(services_.draining ? replies::shutting_down(host) : replies::timed_out(host));
    co_return true;
  }
  why_closed_ = got ? "the client closed the connection" : got.error().text;
  co_return false;
}

Task<bool> Session::start_tls() {
  const bool flushed = co_await flush();
  if (!flushed) co_return false;
  stream_->set_deadline(services_.clock.steady() + smtp::timeouts::tls_handshake);
  auto secured = co_await stream_->start_tls_server(live_->tls);
  if (!secured) {
    why_closed_ = "TLS " + secured.error().text;
    stream_->close();
    co_return false;
  }
  tls_ = std::move(*secured);
  transaction_.reset();
  if (inspection_) inspection_->end_transaction();
  machine_->tls_started();
  co_return true;
}

void Session::on_mail(const smtp::event::Mail& mail) {
  const auto free = services_.files.free_bytes(services_.data_dir);
  if (free && *free < live_->options.limits.min_free_disk + mail.size.value_or(0)) {
    machine_->answer(replies::storage_full());
    return;
  }
  if (inspection_) {
    auto refusal = inspection_->begin_transaction(mail.sender);
    if (refusal) {
      machine_->answer(std::move(refusal->reply));
      refusal_ = std::move(refusal);
      return;
    }
    refusal_.reset();
  }
  transaction_ = std::make_unique<Transaction>(services_, *live_, services_.clock.now());
  if (mail.sender) transaction_->sender = mail.sender->text();
  machine_->answer(replies::sender_ok());
}

Task<void> Session::on_recipient(smtp::event::Recipient recipient) {
  using Kind = judge::RecipientDecision::Kind;
  const auto written = recipient.path.mailbox ? recipient.path.mailbox->text() : std::string{"postmaster"};
  const auto decision = co_await live_->recipients.decide(std::move(recipient.path), client_.address);
  smtp::Reply reply;
  switch (decision.kind) {
    case Kind::ours:
    case Kind::relay: {
      AcceptedRecipient accepted;
      accepted.envelope = {*decision.recipient, recipient.notify, std::move(recipient.orcpt)};
      accepted.destination = decision.kind == Kind::ours ? decision.domain : decision.recipient->domain().text();
      // Named twice, delivered once.
      const auto same = [&](const AcceptedRecipient& other) {
        return other.envelope.address == accepted.envelope.address;
      };
      if (std::ranges::none_of(transaction_->recipients, same)) transaction_->recipients.push_back(std::move(accepted));
      reply = replies::recipient_ok();
      break;
    }
    case Kind::unknown:
      reply = replies::unknown_recipient();
      if (inspection_) {
        refusal_ = co_await inspection_->unknown_recipient(services_.clock.now());
        if (refusal_) {
          reply = refusal_->reply;
          why_closed_ = refusal_->decided_by;
        }
      }
      break;
    case Kind::denied:
      reply = replies::relay_denied();
      break;
    case Kind::unavailable:
      reply = replies::directory_unavailable();
      break;
  }
  if (!reply.is_positive()) ++transaction_->refused;
  if (!reply.is_positive() && transaction_->refusals.size() < logged_refusals) {
    transaction_->refusals.push_back(fmt::format("{}: {}", written, reply.text()));
  }
  co_await tarpit(reply);
  machine_->answer(std::move(reply));
}

void Session::on_data() {
  transaction_->data_began = services_.clock.steady();
  // What is examined gets its trace field when the results that stand above it are known.
  if (!inspection_) {
    auto spooled = transaction_->spool.append(received_field());
    if (!spooled) transaction_->spool_failure = std::move(spooled.error());
  }
  machine_->answer(smtp::Reply{354, "", "End data with <CR><LF>.<CR><LF>"});
}

void Session::on_body(std::string_view bytes) {
  if (transaction_->received == 0 && !bytes.empty()) {
    transaction_->begins_folded = bytes.front() == ' ' || bytes.front() == '\t';
  }
  transaction_->received += bytes.size();
  if (transaction_->loops.in_header()) transaction_->loops.feed(bytes);
  if (inspection_) inspection_->feed(bytes);
  if (transaction_->spool_failure) return;  // read on to the end of data: only there the reply is understood
  auto spooled = transaction_->spool.append(bytes);
  if (!spooled) transaction_->spool_failure = std::move(spooled.error());
}

Task<void> Session::on_end_of_data(std::uint64_t size) {
  auto reply = co_await finish(size);
  const bool disconnect = transaction_->judgement && transaction_->judgement->disconnect;
  transaction_.reset();
  if (inspection_) inspection_->end_transaction();
  co_await tarpit(reply);
  machine_->answer(std::move(reply));
  if (disconnect) machine_->refuse({421, "4.7.0", live_->options.host_name + " closes the connection"});
}

Task<smtp::Reply> Session::finish(std::uint64_t size) {
  auto& transaction = *transaction_;
  const auto began = services_.clock.steady();
  Acceptance acceptance;
  if (transaction.loops.received_fields() > received_limit || transaction.loops.own_fields() > own_limit) {
    acceptance.reply = replies::routing_loop();
  } else if (transaction.begins_folded) {
    acceptance.reply = {550, "5.6.0", "The message begins with a line that continues nothing"};
  } else if (transaction.spool_failure) {
    const bool full = transaction.spool_failure->kind == ErrorKind::full;
    services_.log.error("spool", {{"id", transaction.id.text()}, {"error", transaction.spool_failure->text}});
    acceptance.reply = full ? replies::storage_full() : replies::local_trouble();
  } else {
    acceptance = co_await judge_and_accept();
  }
  services_.metrics.seconds.observe(std::chrono::duration<double>(services_.clock.steady() - began).count());
  if (acceptance.reply.is_positive()) {
    ++messages_;
    services_.metrics.bytes.add(static_cast<double>(size));
  }
  log_transaction(acceptance.reply, size, std::move(acceptance.handover), true);
  co_return std::move(acceptance.reply);
}

Task<Acceptance> Session::judge_and_accept() {
  auto& transaction = *transaction_;
  Acceptance acceptance;
  if (inspection_) {
    if (inspection_->header_too_big()) {
      acceptance.reply = {552, "5.3.4", "The header is larger than 1 MiB"};
      co_return acceptance;
    }
  }
  const auto spool_trouble = [&](const Error& error) {
    services_.log.error("spool", {{"id", transaction.id.text()}, {"error", error.text}});
    return error.kind == ErrorKind::full ? replies::storage_full() : replies::local_trouble();
  };
  auto body = transaction.spool.finish();
  if (!body) {
    acceptance.reply = spool_trouble(body.error());
    co_return acceptance;
  }
  if (inspection_) {
    std::vector<mail::Mailbox> recipients;
    for (const auto& recipient : transaction.recipients) recipients.push_back(recipient.envelope.address);
    transaction.judgement = co_await inspection_->judge(transaction.id, std::move(recipients), transaction.refused,
                                                        *body, services_.clock.now());
    if (transaction.judgement->refusal) {
      acceptance.reply = *transaction.judgement->refusal;
      if (acceptance.reply.is_permanent()) co_await keep_copies(std::move(*body));
      co_return acceptance;
    }
  }
  std::vector<Variant> variants;
  if (transaction.judgement) {
    auto made = variants_of(*transaction.judgement, std::move(*body));
    if (!made) {
      acceptance.reply = spool_trouble(made.error());
      co_return acceptance;
    }
    variants = std::move(*made);
  } else {
    variants.push_back({transaction.id, std::move(*body)});
  }
  const AcceptanceServices services{services_.queue,  services_.vault, services_.runner, services_.clock,
                                    services_.random, services_.log,   services_.history};
  acceptance = co_await accept_message(services, loop_, live_, arrival_of(std::move(variants)));
  co_return acceptance;
}

Arrival Session::arrival_of(std::vector<Variant> variants) {
  Arrival arrival;
  arrival.variants = std::move(variants);
  arrival.envelope = machine_->envelope();
  arrival.envelope.recipients.clear();
  arrival.recipients = transaction_->recipients;
  arrival.origin = {client_.address, machine_->helo(), facts_->listener};
  arrival.time = transaction_->time;
  return arrival;
}

/// Where a policy keeps what it refuses. The sender hears its refusal whatever becomes of the copies.
Task<void> Session::keep_copies(std::shared_ptr<const mail::Body> body) {
  auto variants = variants_of(*transaction_->judgement, std::move(body));
  if (!variants || variants->empty()) co_return;
  const auto kept = co_await keep_all(services_.vault, arrival_of(std::move(*variants)), live_);
  if (!kept)
    services_.log.warning("quarantine", {{"id", transaction_->id.text()}, {"copy_not_kept", kept.error().text}});
}

Result<std::vector<Variant>> Session::variants_of(const Judgement& judgement, std::shared_ptr<const mail::Body> body) {
  const auto& host = live_->options.host_name;
  const auto results = authentication_fields(inspection_->facts(), host);
  const auto received = received_field();
  const auto* header = inspection_->header();
  std::vector<Variant> variants;
  std::vector<std::string> keys;  // what tells variants apart: the fields put above, and the mark in the subject
  for (std::size_t i = 0; i < judgement.recipients.size(); ++i) {
    const auto& outcome = judgement.recipients[i];
    transaction_->recipients[i].variant = no_variant;
    if (judgement.refusal && !outcome.verdict.keep_copy) continue;
    const bool held = judgement.refusal || outcome.action == judge::Action::quarantine;
    auto above = results + verdict_fields(transaction_->id.text(), outcome.verdict, outcome.action) + received;
    const bool marked = outcome.action == judge::Action::tag;
    const auto prefix = marked ? outcome.verdict.subject_prefix : std::string{};
    auto key = fmt::format("{}|{}|{}", held, prefix, above);
    const auto known = std::ranges::find(keys, key);
    transaction_->recipients[i].variant = static_cast<std::size_t>(known - keys.begin());
    if (known != keys.end()) continue;
    std::vector<mail::Edit> edits;
    if (header != nullptr) {
      edits = forged_fields(*header, host);
      mark_subject(*header, prefix, edits, above);
    }
    auto composed = mail::compose(std::move(above), body, std::move(edits));
    if (!composed) return fail(composed);
    const auto id = variants.empty() ? transaction_->id : MessageId::make(transaction_->time, services_.random);
    Variant variant{id, std::move(*composed)};
    if (held) {
      const auto kind = judgement.refusal ? store::HeldKind::refused : store::HeldKind::held;
      auto item = held_as(kind, outcome.verdict, inspection_->facts(), header);
      item.message.transaction = transaction_->id;
      variant.held = std::make_shared<const store::NewHeld>(std::move(item));
    }
    variants.push_back(std::move(variant));
    keys.push_back(std::move(key));
  }
  return variants;
}

void Session::on_aborted(const smtp::Reply& reply) {
  if (!transaction_) return;
  log_transaction(reply, transaction_->received, {}, false);
  transaction_.reset();
  if (inspection_) inspection_->end_transaction();
}

}  // namespace mailreeve::gateway
