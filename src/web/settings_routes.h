// SPDX-License-Identifier: Apache-2.0
// /api/v1/settings and /api/v1/doctor.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

/// The settings in force, and how often each finding was made in the last seven days.
Task<net::HttpResponse> show_settings(Call call);
Task<net::HttpResponse> show_doctor(Call call);

}  // namespace mailreeve::web
