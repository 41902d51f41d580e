// SPDX-License-Identifier: Apache-2.0
// What a session tells: its trace field, its line in the log, its counters.
#include "gateway/result_headers.h"
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

/// The word of history: what was decided, where it was, else what the reply says.
std::string history_word(std::string_view verdict, const RecipientOutcome* harshest) {
  if (verdict == "aborted") return "abort";
  if (verdict == "deferred" && (harshest == nullptr || harshest->action != judge::Action::greylist)) return "defer";
  if (harshest != nullptr && (verdict == "accepted") == (harshest->action < judge::Action::reject &&
                                                         harshest->action != judge::Action::greylist)) {
    return std::string{judge::verdict_name(harshest->action)};
  }
  if (verdict == "deferred") return "greylist";
  return verdict == "accepted" ? "accept" : "reject";
}

}  // namespace

void Session::log_transaction(const smtp::Reply& reply, std::uint64_t size, std::vector<std::string> handover,
                              bool at_end) {
  has_transacted_ = true;
  auto& transaction = *transaction_;
  const bool all_refused = transaction.recipients.empty() && !transaction.refusals.empty();
  const auto verdict = verdict_of(reply, at_end, all_refused);
  services_.metrics.outcomes.at(verdict).add();
  std::vector<std::string> recipients;
  for (const auto& recipient : transaction.recipients) recipients.push_back(recipient.envelope.address.text());
  const auto id = transaction.id.text();
  const auto client = client_.address.text();
  const auto said = reply.text();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(services_.clock.steady() - transaction.began);
  const auto* harshest = transaction.judgement ? transaction.judgement->harshest() : nullptr;
  auto findings = inspection_ ? inspection_->findings() : judge::Findings{};
  if (refusal_) findings.push_back({refusal_->decided_by, 0, refusal_->evidence, {}});
  std::vector<std::string> codes;
  for (const auto& finding : findings) codes.push_back(finding.code);

  store::HistoryRecord record;
  record.id = transaction.id;
  record.further = transaction.further;
  record.time = transaction.time;
  record.sender = transaction.sender;
  record.recipients = recipients;
  for (const auto& refusal : transaction.refusals) record.recipients.push_back(refusal.substr(0, refusal.find(':')));
  record.reply = said;
  record.verdict = history_word(verdict, harshest);
  if (harshest != nullptr) {
    record.decided_by = harshest->verdict.decided_by;
    record.score = harshest->verdict.score;
  }
  if (at_end && !reply.is_positive() && !(transaction.judgement && transaction.judgement->refusal)) {
    record.decided_by = "handover";
  } else if (refusal_) {
    record.decided_by = refusal_->decided_by;
  }
  services_.log.info("transaction", {{"id", id},
                                     {"verdict", verdict},
                                     {"action", record.verdict},
                                     {"decided_by", record.decided_by},
                                     {"score", record.score},
                                     {"findings", codes},
                                     {"reply", said},
                                     {"client", client},
                                     {"port", client_.port},
                                     {"helo", facts_->helo},
                                     {"listener", facts_->listener},
                                     {"tls", tls_.version},
                                     {"cipher", tls_.cipher},
                                     {"sender", transaction.sender},
                                     {"recipients", std::move(recipients)},
                                     {"refused", transaction.refusals},
                                     {"handover", handover},
                                     {"size", size},
                                     {"smtputf8", machine_->envelope().smtputf8},
                                     {"ms", took.count()}});
  judge::Story story;
  story.sender = transaction.sender;
  story.size = size;
  story.refusals = transaction.refusals;
  story.handover = std::move(handover);
  story.took = took;
  story.findings = std::move(findings);
  if (inspection_) {
    const auto& facts = inspection_->facts();
    story.from = facts.authors.domains;
    story.content = facts.content;
    for (const auto& method : authentication_results(facts, live_->options.host_name).methods) {
      auto line = method.method + '=' + method.result;
      if (!method.comment.empty()) line += " (" + method.comment + ")";
      if (!method.properties.empty()) line += ' ' + method.properties.front().value;
      if (!method.reason.empty()) line += ": " + method.reason;
      story.authentication.push_back(std::move(line));
    }
  }
  if (transaction.judgement) {
    // This is the last that is said of the transaction.
    for (auto& outcome : transaction.judgement->recipients) {
      story.recipients.push_back(
          {outcome.address.text(), std::move(outcome.verdict), outcome.action, transaction.judgement->put_off});
    }
  }
  record.findings = std::move(codes);
  remember(std::move(record), std::move(story));
}

// Those that never got to a transaction: scanners, broken clients, early refusals.
void Session::log_session() {
  const auto client = client_.address.text();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(services_.clock.steady() - began_);
  judge::Story story;
  story.kind = "connection";
  story.closed = why_closed_;
  story.took = took;
  if (inspection_) story.findings = inspection_->findings();
  std::vector<std::string> codes;
  for (const auto& finding : story.findings) codes.push_back(finding.code);
  store::HistoryRecord record;
  record.id = MessageId::make(services_.clock.now(), services_.random);
  record.time = services_.clock.now();
  record.kind = "connection";
  record.verdict = refusal_ ? "reject" : "abort";
  record.reply = refusal_ ? refusal_->reply.text() : std::string{};
  record.findings = codes;
  if (refusal_) {
    record.decided_by = refusal_->decided_by;
    record.findings.push_back(refusal_->decided_by);
    story.findings.push_back({refusal_->decided_by, 0, refusal_->evidence, {}});
  }
  services_.log.info("session", {{"id", record.id.text()},
                                 {"client", client},
                                 {"port", client_.port},
                                 {"helo", facts_ ? facts_->helo : std::string{}},
                                 {"listener", listener_.role == Role::mx ? "mx" : "submission"},
                                 {"tls", tls_.version},
                                 {"findings", std::move(codes)},
                                 {"closed", why_closed_},
                                 {"ms", took.count()}});
  remember(std::move(record), std::move(story));
}

void Session::remember(store::HistoryRecord record, judge::Story story) {
  record.client = client_.address;
  record.helo = facts_ ? facts_->helo : std::string{};
  record.listener = listener_.role == Role::mx ? "mx" : "submission";
  story.id = record.id.text();
  story.time = record.time;
  story.reply = record.reply;
  if (facts_) story.session = std::make_shared<const judge::SessionFacts>(*facts_);
  if (inspection_) {
    for (const auto* examination : inspection_->examinations()) {
      story.timings.insert(story.timings.end(), examination->timings().begin(), examination->timings().end());
      story.look_ups.insert(story.look_ups.end(), examination->look_ups().begin(), examination->look_ups().end());
    }
  }
  // JSON is made where it is written, not on a session's loop.
  const auto kept = std::make_shared<const judge::Story>(std::move(story));
  record.make_detail = [kept] { return judge::story_json(*kept); };
  services_.history.post(std::move(record));
}

}  // namespace mailreeve::gateway
