// SPDX-License-Identifier: Apache-2.0
#include "gateway/inspection.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/reply_text.h"
#include "judge/wishes.h"

namespace mailreeve::gateway {
namespace {

using judge::Action;
using judge::Stage;

smtp::Reply to_reply(const judge::ReplyText& text) { return {text.code, text.enhanced, text.text}; }

}  // namespace

const RecipientOutcome* Judgement::harshest() const {
  const auto found = std::ranges::max_element(recipients, {}, [](const auto& outcome) { return outcome.action; });
  return found == recipients.end() ? nullptr : &*found;
}

Inspection::Inspection(const InspectionServices& services, Spawner& spawner, std::shared_ptr<const judge::Rules> rules,
                       std::shared_ptr<judge::SessionFacts> session)
    : services_{services}, spawner_{spawner}, rules_{std::move(rules)}, session_{std::move(session)} {}

std::unique_ptr<judge::Examination> Inspection::examine(std::shared_ptr<judge::Facts> facts) {
  return std::make_unique<judge::Examination>(services_.examination, spawner_, rules_->checks, rules_->own,
                                              std::move(facts));
}

Task<std::optional<Refusal>> Inspection::admit(WallTime now) {
  const auto client = session_->client;
  if (const auto* entry = rules_->options.lists.blocked_address(client)) {
    co_return Refusal{
        {554, "5.7.1", fmt::format("lists.block: {} is blocked here; contact {}", client.text(), rules_->contact)},
        "lists.block",
        entry->text};
  }
  const bool harvesting = co_await services_.harvest.is_blocked(client, rules_->options.harvest, now);
  if (harvesting) {
    co_return Refusal{{421, "4.7.1", "harvest.unknown-recipients: too many unknown recipients from your address"},
                      "harvest.unknown-recipients",
                      "blocked for earlier unknown recipients"};
  }
  const auto& rate = rules_->options.rate.connections;
  if (!services_.rates.allow_connection(client, rate)) {
    co_return Refusal{{421, "4.7.1", "rate.connections: too many connections from your address, please wait"},
                      "rate.connections",
                      fmt::format("more than {} in {} s", rate.count, rate.window.count())};
  }
  co_return std::nullopt;
}

void Inspection::begin() {
  auto facts = std::make_shared<judge::Facts>();
  facts->session = session_;
  connection_ = examine(std::move(facts));
  connection_->begin(Stage::connect);
}

void Inspection::hello(std::string_view name, bool extended) {
  session_->extended = extended;
  const bool is_new = !greeting_ || session_->helo != name;
  session_->helo = name;
  if (!is_new) return;  // once before and once after STARTTLS
  auto facts = std::make_shared<judge::Facts>();
  facts->session = session_;
  greeting_ = examine(std::move(facts));
  greeting_->begin(Stage::helo);
}

std::optional<Refusal> Inspection::begin_transaction(mail::ReversePath sender) {
  const auto& rate = rules_->options.rate.messages;
  if (!services_.rates.allow_message(session_->client, rate)) {
    return Refusal{{450, "4.7.1", "rate.messages: too many messages from your address, please wait"},
                   "rate.messages",
                   fmt::format("more than {} in {} s", rate.count, rate.window.count())};
  }
  auto facts = std::make_shared<judge::Facts>();
  facts->session = session_;
  facts->sender = std::move(sender);
  transaction_ = examine(std::move(facts));
  transaction_->begin(Stage::mail);
  auth::MessageDigest::Limits limits;
  limits.signatures = rules_->options.dkim.signatures;
  digest_ = std::make_shared<auth::MessageDigest>(limits);
  return std::nullopt;
}

void Inspection::end_transaction() {
  transaction_.reset();
  digest_.reset();
}

Task<std::optional<Refusal>> Inspection::unknown_recipient(WallTime now) {
  const bool too_many = co_await services_.harvest.saw_unknown(session_->client, rules_->options.harvest, now);
  if (!too_many) co_return std::nullopt;
  co_return Refusal{{421, "4.7.1", "harvest.unknown-recipients: too many unknown recipients, come back later"},
                    "harvest.unknown-recipients",
                    fmt::format("{} unknown recipients within {} s", rules_->options.harvest.unknown_limit,
                                rules_->options.harvest.window.count())};
}

void Inspection::feed(std::string_view bytes) {
  if (digest_) digest_->feed(bytes);
}

const mail::Header* Inspection::header() const {
  return digest_ && digest_->header_complete() && !digest_->header_too_big() ? &digest_->header() : nullptr;
}

std::vector<const judge::Examination*> Inspection::examinations() const {
  std::vector<const judge::Examination*> all;
  for (const auto* one : {connection_.get(), greeting_.get(), transaction_.get()}) {
    if (one != nullptr) all.push_back(one);
  }
  return all;
}

judge::Findings Inspection::findings() const {
  judge::Findings all;
  for (const auto* one : examinations()) all.insert(all.end(), one->findings().begin(), one->findings().end());
  return all;
}

Task<void> Inspection::settle() {
  if (connection_) co_await connection_->settle();
  if (greeting_) co_await greeting_->settle();
  if (transaction_) co_await transaction_->settle();
}

Task<Judgement> Inspection::judge(MessageId id, std::vector<mail::Mailbox> recipients, unsigned refused,
                                  std::shared_ptr<const mail::Body> body, WallTime now) {
  auto& facts = transaction_->facts();
  digest_->finish();
  facts.recipients = std::move(recipients);
  facts.refused_recipients = refused;
  facts.size = body->size();
  facts.body = std::move(body);
  facts.message = digest_;
  if (header() != nullptr) facts.authors = auth::authors_of(*header());
  transaction_->begin(Stage::message);
  co_await settle();
  transaction_->begin(Stage::alignment);
  co_await transaction_->settle();
  transaction_->begin(Stage::closing);
  co_await transaction_->settle();

  Judgement judgement;
  judgement.findings = findings();
  auto verdicts = co_await decide(facts, judgement.findings, now);
  const auto actions = judge::settle(verdicts);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    judgement.recipients.push_back({facts.recipients[i], std::move(verdicts[i]), actions[i]});
  }
  const auto* harshest = judgement.harshest();
  const auto refuses = [](Action action) {
    return action == Action::reject || action == Action::disconnect || action == Action::greylist;
  };
  if (harshest != nullptr && refuses(harshest->action)) {
    judgement.refusal = to_reply(judge::reply_for(harshest->verdict, harshest->action, id.text(), rules_->contact));
    judgement.disconnect = harshest->action == Action::disconnect;
  } else if (facts.unexamined && !is_only_observed(facts)) {
    judgement.put_off = true;
    for (auto& outcome : judgement.recipients) judge::put_off(outcome.verdict, *facts.unexamined, outcome.action);
    judgement.refusal = to_reply(judge::unexamined_reply(*facts.unexamined, id.text(), rules_->contact));
  }
  co_return judgement;
}

bool Inspection::is_only_observed(const judge::Facts& facts) const {
  return std::ranges::all_of(
      facts.recipients, [this](const auto& recipient) { return policy_of(recipient, wish_of(recipient)).observe; });
}

std::shared_ptr<const store::Wish> Inspection::wish_of(const mail::Mailbox& recipient) const {
  return services_.wishes == nullptr ? nullptr : services_.wishes->of(store::owner_key(recipient));
}

const judge::Policy& Inspection::policy_of(const mail::Mailbox& recipient,
                                           const std::shared_ptr<const store::Wish>& wish) const {
  return rules_->policies.of(recipient, wish ? std::string_view{wish->policy} : std::string_view{});
}

Task<std::vector<judge::Verdict>> Inspection::decide(const judge::Facts& facts, const judge::Findings& findings,
                                                     WallTime now) {
  const auto& greylist = rules_->options.greylist;
  std::vector<judge::Verdict> verdicts;
  for (const auto& recipient : facts.recipients) {
    const auto wish = wish_of(recipient);
    const auto& policy = policy_of(recipient, wish);
    judge::RecipientContext context;
    context.is_role = judge::is_role_address(recipient);
    context.greylist_when = greylist.when;
    judge::Findings with_own;
    auto own = policy.lists ? policy.lists->match(facts) : judge::Findings{};
    if (wish) std::ranges::move(judge::match_wishes(*wish, facts), std::back_inserter(own));
    if (!own.empty()) {
      with_own = findings;
      std::ranges::move(own, std::back_inserter(with_own));
    }
    const auto& all = with_own.empty() ? findings : with_own;
    auto verdict = judge::decide(policy, all, context);
    if (verdict.action == Action::greylist) {
      const auto answer = co_await services_.greylist.ask(facts, recipient, greylist, now);
      if (answer.passes) {
        context.has_waited = true;
        verdict = judge::decide(policy, all, context);
      } else {
        verdict.wait = answer.wait;
      }
    }
    verdict.keep_copy = judge::keeps_refused(policy, verdict.decided_by);
    verdict.subject_prefix = policy.subject_prefix;
    verdicts.push_back(std::move(verdict));
  }
  co_return verdicts;
}

}  // namespace mailreeve::gateway
