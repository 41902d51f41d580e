// SPDX-License-Identifier: Apache-2.0
// /api/v1/link: links in digests. Open to whoever has one; looking at it changes nothing, acting works once.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

Task<net::HttpResponse> show_link(Call call);
Task<net::HttpResponse> act_on_link(Call call);
/// POST /api/v1/quarantine/digest {address?}: sends what is new now.
Task<net::HttpResponse> send_digests(Call call);

}  // namespace mailreeve::web
