// SPDX-License-Identifier: Apache-2.0
// What a session tells: its trace field, its line in the log, its counters.
#include "gateway/session.h"
#include "gateway/transaction.h"

namespace mailreeve::gateway {

namespace {

constexpr std::string_view outcome_words[] = {"accepted", "rejected", "deferred", "aborted"};

std::map<std::string_view, Counter> outcome_counters(Metrics& metrics) {
  std::map<std::string_view, Counter> counters;
  for (const auto word : outcome_words) {
    counters.emplace(word, metrics.counter("mailreeve_transactions_total", "SMTP transactions by outcome",
                                           {{"outcome", std::string{word}}}));
  }
  return counters;
}

}  // namespace

SessionMetrics::SessionMetrics(Metrics& metrics)
    : sessions{metrics.counter("mailreeve_sessions_total", "SMTP sessions begun")},
      outcomes{outcome_counters(metrics)},
      bytes{metrics.counter("mailreeve_accepted_bytes_total", "Octets of accepted messages")},
      open{metrics.gauge("mailreeve_sessions", "SMTP sessions open now")},
      seconds{metrics.histogram("mailreeve_accept_seconds", "From end of data to the reply",
                                {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300})} {}

std::string Session::received_field() const {
  mail::ReceivedFacts facts;
  facts.helo = machine_->helo();
  facts.client = client_.address;
  facts.server_name = live_->options.host_name;
  // RFC 3848: ESMTP, then S for TLS; RFC 6531 4.3: UTF8SMTP when the message needed it.
  facts.protocol = machine_->envelope().smtputf8 ? "UTF8SMTP" : machine_->is_extended() ? "ESMTP" : "SMTP";
  if (machine_->tls() && machine_->is_extended()) facts.protocol += 'S';
  facts.tls_version = tls_.version;
  facts.tls_cipher = tls_.cipher;
  facts.tls_bits = tls_.bits;
  facts.id = transaction_->id.text();
  if (transaction_->recipients.size() == 1) {
    facts.recipient = transaction_->recipients.front().envelope.address.text();
  }
  facts.time = transaction_->time;
  return mail::received_field(facts);
}

namespace {

/// One word for what became of a transaction. `at_end`: the reply is the one to end of data.
std::string_view verdict_of(const smtp::Reply& reply, bool at_end, bool all_refused) {
  if (reply.is_permanent()) return "rejected";
  if (at_end) return reply.is_positive() ? "accepted" : "deferred";
  // RSET, QUIT, silence or a cut line: the client's own doing, unless we had refused everybody it named.
  return all_refused ? "rejected" : "aborted";
}

}  // namespace

void Session::log_transaction(const smtp::Reply& reply, std::uint64_t size, std::vector<std::string> handover,
                              bool at_end) {
  has_transacted_ = true;
  const bool all_refused = transaction_->recipients.empty() && !transaction_->refusals.empty();
  const auto verdict = verdict_of(reply, at_end, all_refused);
  services_.metrics.outcomes.at(verdict).add();
  std::vector<std::string> recipients;
  for (const auto& recipient : transaction_->recipients) recipients.push_back(recipient.envelope.address.text());
  const auto id = transaction_->id.text();
  const auto client = client_.address.text();
  const auto said = reply.text();
  const auto took = services_.clock.steady() - transaction_->began;
  services_.log.info("transaction", {{"id", id},
                                     {"verdict", verdict},
                                     {"reply", said},
                                     {"client", client},
                                     {"port", client_.port},
                                     {"helo", machine_->helo()},
                                     {"listener", listener_.role == Role::mx ? "mx" : "submission"},
                                     {"tls", tls_.version},
                                     {"cipher", tls_.cipher},
                                     {"sender", transaction_->sender},
                                     {"recipients", std::move(recipients)},
                                     {"refused", transaction_->refusals},
                                     {"handover", std::move(handover)},
                                     {"size", size},
                                     {"smtputf8", machine_->envelope().smtputf8},
                                     {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
}

// Those that never got to a transaction: scanners, broken clients, early refusals.
void Session::log_session() const {
  const auto client = client_.address.text();
  const auto took = services_.clock.steady() - began_;
  services_.log.info("session", {{"client", client},
                                 {"port", client_.port},
                                 {"helo", machine_ ? machine_->helo() : std::string{}},
                                 {"listener", listener_.role == Role::mx ? "mx" : "submission"},
                                 {"tls", tls_.version},
                                 {"closed", why_closed_},
                                 {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
}

}  // namespace mailreeve::gateway
