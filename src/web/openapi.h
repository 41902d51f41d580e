// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml, as it was when the program was built.
#pragma once

#include <string_view>

#include "web/call.h"

namespace mailreeve::web {

std::string_view openapi_text();
Task<net::HttpResponse> show_openapi(Call call);

}  // namespace mailreeve::web
