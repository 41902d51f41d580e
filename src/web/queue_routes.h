// SPDX-License-Identifier: Apache-2.0
// /api/v1/queue: what is queued, and what an operator may do to it.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

constexpr std::size_t page_limit = 1000;             // messages in one answer
constexpr std::uint64_t body_answer = 256ULL << 20;  // octets of a message that is shown

Task<net::HttpResponse> list_queue(Call call);
/// What waits for whom.
Task<net::HttpResponse> show_destinations(Call call);
Task<net::HttpResponse> show_message(Call call);
Task<net::HttpResponse> show_body(Call call);
/// One message: POST /api/v1/queue/{id}/retry and so on.
Task<net::HttpResponse> retry_message(Call call);
Task<net::HttpResponse> hold_message(Call call);
Task<net::HttpResponse> release_message(Call call);
Task<net::HttpResponse> drop_message(Call call);
/// Many: POST /api/v1/queue/{action}?sender=...; needs a filter, or all=true.
Task<net::HttpResponse> change_many(Call call);

}  // namespace mailreeve::web
