// SPDX-License-Identifier: Apache-2.0
// /api/v1/waiting: who was asked to come back, and did not yet. Taken from history: tries of the same sender,
// recipients and client network are one.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

constexpr auto waiting_since = std::chrono::hours{24 * 3};  // older tries are given up by every sender

Task<net::HttpResponse> list_waiting(Call call);
/// What these ids greylisted passes at its next try.
Task<net::HttpResponse> let_in(Call call);
/// The same for one recipient: nobody else's mail is seen or let in.
Task<net::HttpResponse> list_own_waiting(Call call);
Task<net::HttpResponse> let_in_own(Call call);

}  // namespace mailreeve::web
