// SPDX-License-Identifier: Apache-2.0
// /api/v1/own: a recipient's page. Every route acts on mail and wishes of the session's own address, and on no other.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

Task<net::HttpResponse> list_own_held(Call call);
Task<net::HttpResponse> preview_own_held(Call call);
Task<net::HttpResponse> preview_own_held_page(Call call);
Task<net::HttpResponse> act_on_own_held(Call call);
Task<net::HttpResponse> show_own_settings(Call call);
Task<net::HttpResponse> change_own_settings(Call call);
Task<net::HttpResponse> change_own_lists(Call call);

}  // namespace mailreeve::web
