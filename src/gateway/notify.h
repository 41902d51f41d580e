// SPDX-License-Identifier: Apache-2.0
// Tells systemd how we are, by the protocol of sd_notify(3), without its library.
#pragma once

#include <string_view>

namespace mailreeve::gateway {

/// Sends assignments, one a line ("READY=1\nSTATUS=carrying mail"), as one datagram to $NOTIFY_SOCKET: a path, or an
/// abstract name after "@". Without that variable nothing happens. RELOADING=1 gains the MONOTONIC_USEC that
/// Type=notify-reload asks for. Never blocks; answers whether the datagram was sent.
bool notify(std::string_view assignments);

}  // namespace mailreeve::gateway
