// SPDX-License-Identifier: Apache-2.0
// How commands reach the queue: through the control socket of the running gateway, or, when none runs, by opening the
// store and asking the same API in this process.
#pragma once

#include "config/settings.h"
#include "net/http.h"

namespace mailreeve::cli {

std::string control_socket(const config::Settings& settings);

/// Asks the running gateway. ErrorKind::not_found: none runs.
Result<net::HttpResponse> ask_gateway(const config::Settings& settings, const net::HttpRequest& request);

/// Asks the running gateway, else the store itself. As root the store is opened as the settings' `user`, so that no
/// file in it ends up with the wrong owner; the process stays that user.
Result<net::HttpResponse> ask_queue(const config::Settings& settings, const net::HttpRequest& request);

/// The sentence for people in an answer that is not a success.
std::string explain(const net::HttpResponse& response);

}  // namespace mailreeve::cli
