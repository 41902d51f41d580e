// SPDX-License-Identifier: Apache-2.0
// /api/v1/quarantine: what is held, looking into it without harm, and deciding about it.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

Task<net::HttpResponse> list_held(Call call);
Task<net::HttpResponse> show_held(Call call);
/// Recorded: who looked at whose mail.
Task<net::HttpResponse> preview_held(Call call);
/// The document for a frame.
Task<net::HttpResponse> preview_held_page(Call call);
/// A ZIP with the message in it, under the password "infected" by which analysts and scanners know such archives.
Task<net::HttpResponse> download_held(Call call);
/// The message as it is: for commands.
Task<net::HttpResponse> show_held_body(Call call);
Task<net::HttpResponse> act_on_held(Call call);

// For pages of recipients too, which look first whose message it is.
Task<net::HttpResponse> preview_answer(Call call, MessageId id);
Task<net::HttpResponse> preview_page_answer(Call call, MessageId id);

/// What is asked of one message, and what came of it.
struct HeldOrder {
  enum class Action { release, release_and_allow, remove, spam, ham, forward, decline };
  Action action = Action::release;
  std::vector<mail::Mailbox> recipients = {};  // empty: all
  std::optional<store::MailClass> learn = {};  // together with release or remove
  std::optional<mail::Mailbox> to = {};        // forward
  std::string reason = {};
};
struct HeldResult {
  bool ok = false;
  std::uint64_t changed = 0;  // recipients
  std::string detail = {};
  bool did = false;  // something happened that is worth noting
};
/// Carries it out, for whoever calls; the caller records it.
Task<HeldResult> carry_out(Call call, MessageId id, HeldOrder order);

}  // namespace mailreeve::web
