// SPDX-License-Identifier: Apache-2.0
// The web pages: one HTML file that shows whatever page its address names, and what it loads.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

/// Of "/" and every other address of a page.
Task<net::HttpResponse> show_page(Call call);
/// /assets/{file} and /favicon.svg. 404 when there is none.
Task<net::HttpResponse> show_file(Call call);

}  // namespace mailreeve::web
