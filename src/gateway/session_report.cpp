// SPDX-License-Identifier: Apache-2.0
// What a session tells: its trace field, its line in the log, its counters.
#include "gateway/session.h"
#include "gateway/transaction.h"

namespace mailreeve::gateway {

SessionMetrics::SessionMetrics(Metrics& metrics)
    : sessions{metrics.counter("mailreeve_sessions_total", "SMTP sessions begun")},
      accepted{
          metrics.counter("mailreeve_transactions_total", "SMTP transactions by outcome", {{"outcome", "accepted"}})},
      rejected{metrics.counter("mailreeve_transactions_total", "", {{"outcome", "rejected"}})},
      deferred{metrics.counter("mailreeve_transactions_total", "", {{"outcome", "deferred"}})},
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

void Session::log_transaction(const smtp::Reply& reply, std::uint64_t size, std::vector<std::string> handover) {
  has_transacted_ = true;
  std::string_view verdict = "rejected";
  if (reply.is_positive()) {
    verdict = "accepted";
    services_.metrics.accepted.add();
  } else if (reply.is_temporary()) {
    verdict = "deferred";
    services_.metrics.deferred.add();
  } else {
    services_.metrics.rejected.add();
  }
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
