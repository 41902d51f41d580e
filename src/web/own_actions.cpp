// SPDX-License-Identifier: Apache-2.0
#include "web/own_actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/held_rights.h"

namespace mailreeve::web {
namespace {

using gateway::LinkAction;

constexpr LinkAction all_actions[] = {LinkAction::release, LinkAction::release_and_allow, LinkAction::ask,
                                      LinkAction::remove, LinkAction::remove_and_block};

constexpr std::string_view only_ask =
    "this message may be dangerous, or was refused: you cannot release it yourself, but ask for it";

Task<HeldResult> ask_for(Call call, MessageId id, mail::Mailbox owner) {
  const auto asked = co_await call.services->custodian->ask({id, {std::move(owner)}, call.identity.who()});
  if (!asked) co_return HeldResult{false, 0, asked.error().text};
  if (*asked == 0) co_return HeldResult{true, 0, "somebody had decided about it already"};
  if (call.services->asked) co_await call.services->asked();
  co_return HeldResult{true, *asked, "asked for: somebody here will look at it"};
}

Task<std::string> block_sender(Call call, std::string sender, std::string owner) {
  auto* wishes = call.services->wishes;
  if (wishes == nullptr) co_return "; its sender could not be blocked: there are no lists here";
  if (sender.empty()) co_return "; nobody is blocked: whom From names may not have written it";
  const auto blocked = sender;
  const auto added = co_await wishes->add(std::move(owner), store::WishList::block, std::move(sender));
  if (!added) co_return fmt::format("; its sender could not be blocked: {}", added.error().text);
  co_return fmt::format("; {} is blocked", blocked);
}

Task<HeldResult> carry_out_own(Call call, store::HeldMessage message, LinkAction action, mail::Mailbox owner) {
  const auto& services = *call.services;
  if (services.custodian == nullptr || services.live == nullptr) {
    co_return HeldResult{false, 0, "no gateway is running that could do it"};
  }
  HeldOrder order;
  order.recipients = {owner};
  switch (action) {
    case LinkAction::release:
    case LinkAction::release_and_allow: {
      const auto live = services.live->get();
      if (!gateway::recipient_may_release(message, live->options.quarantine)) {
        co_return HeldResult{false, 0, std::string{only_ask}};
      }
      const bool allow = action == LinkAction::release_and_allow;
      order.action = allow ? HeldOrder::Action::release_and_allow : HeldOrder::Action::release;
      auto result = co_await carry_out(call, message.id, std::move(order));
      co_return result;
    }
    case LinkAction::ask: {
      auto result = co_await ask_for(call, message.id, std::move(owner));
      co_return result;
    }
    case LinkAction::remove:
    case LinkAction::remove_and_block: {
      order.action = HeldOrder::Action::remove;
      auto result = co_await carry_out(call, message.id, std::move(order));
      if (!result.ok || action == LinkAction::remove) co_return result;
      const auto blocked = co_await block_sender(call, gateway::sender_to_block(message), store::owner_key(owner));
      result.detail += blocked;
      co_return result;
    }
  }
  co_return HeldResult{false, 0, "there is no such action"};
}

}  // namespace

std::optional<LinkAction> parse_own_action(std::string_view name) {
  for (const auto action : all_actions) {
    if (gateway::name(action) == name) return action;
  }
  return std::nullopt;
}

Task<Result<std::optional<store::HeldMessage>>> find_own(Call call, MessageId id, std::string owner) {
  if (call.services->vault == nullptr) co_return fail(ErrorKind::io, "there is no quarantine here");
  auto shown = co_await call.services->vault->show(id);
  if (!shown) co_return fail(shown);
  if (!*shown) co_return std::optional<store::HeldMessage>{};
  std::erase_if((*shown)->recipients, [&](const store::HeldRecipient& recipient) {
    return store::owner_key(recipient.envelope.address) != owner;
  });
  if ((*shown)->recipients.empty()) co_return std::optional<store::HeldMessage>{};
  co_return std::move(*shown);
}

Task<Result<HeldResult>> act_on_own(Call call, MessageId id, LinkAction action, std::string owner) {
  auto found = co_await find_own(call, id, owner);
  if (!found) co_return fail(found);
  auto address = mail::Mailbox::parse(owner, mail::Utf8::allow);
  if (!*found || !address) co_return HeldResult{false, 0, "there is no such message"};
  auto result = co_await carry_out_own(call, std::move(**found), action, std::move(*address));
  const bool did = result.changed > 0 || (result.ok && action == LinkAction::remove_and_block);
  if (!did) co_return result;
  std::string noted = "own.";
  for (const char c : gateway::name(action)) noted += c == '_' ? '-' : c;
  const auto recorded = co_await record(call, std::move(noted), id.text(), fmt::format("{}: {}", owner, result.detail));
  if (!recorded) co_return std::unexpected(recorded.error());
  co_return result;
}

}  // namespace mailreeve::web
