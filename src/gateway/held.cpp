// SPDX-License-Identifier: Apache-2.0
#include "gateway/held.h"

#include <fmt/format.h>

#include "judge/wishes.h"

namespace mailreeve::gateway {
namespace {

constexpr std::size_t shown_octets = 300;
constexpr std::size_t attachments_limit = 50;
constexpr std::size_t findings_limit = 100;

std::string field_of(const mail::Header* header, std::string_view name) {
  const auto* field = header == nullptr ? nullptr : header->first(name);
  return field == nullptr ? std::string{} : scan::clean_text(mail::unfolded(field->value), shown_octets);
}

std::string shown_from(const judge::Facts& facts, const mail::Header* header) {
  if (!facts.content || facts.content->from.empty()) return field_of(header, "From");
  const auto& person = facts.content->from.front();
  if (person.display.empty()) return person.address;
  return fmt::format("{} <{}>", person.display, person.address);
}

}  // namespace

store::NewHeld held_as(store::HeldKind kind, const judge::Verdict& verdict, const judge::Facts& facts,
                       const mail::Header* header) {
  store::NewHeld item;
  auto& message = item.message;
  message.kind = kind;
  message.from = shown_from(facts, header);
  message.from_proven = judge::is_author_proven(facts);
  message.subject =
      facts.content ? scan::clean_text(facts.content->subject, shown_octets) : field_of(header, "Subject");
  message.policy = verdict.policy;
  message.decided_by = verdict.decided_by;
  message.why = verdict.why;
  message.score = verdict.score;
  for (const auto& weighed : verdict.findings) {
    const bool counts = weighed.weight != 0 || weighed.action != judge::Action::none;
    if (counts && message.findings.size() < findings_limit) message.findings.push_back(weighed.finding.code);
  }
  if (!facts.content) return item;
  item.text = facts.content->text;
  for (const auto& part : facts.content->items) {
    if (!part.offered || message.attachments.size() == attachments_limit) continue;
    message.attachments.push_back(part.names.empty() ? part.type : scan::clean_text(part.names.front(), shown_octets));
  }
  return item;
}

void add_recipient(store::NewHeld& item, std::size_t number, const AcceptedRecipient& recipient) {
  item.message.recipients.push_back({.number = static_cast<std::uint32_t>(number),
                                     .envelope = recipient.envelope,
                                     .destination = recipient.destination,
                                     .state = store::HeldState::waiting,
                                     .changed = {},
                                     .by = {}});
}

}  // namespace mailreeve::gateway
