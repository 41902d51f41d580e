// SPDX-License-Identifier: Apache-2.0
// How long to wait for a peer. Minima from RFC 5321 4.5.3.2; where we give less we say why.
#pragma once

#include <chrono>

namespace mailreeve::smtp::timeouts {

using std::chrono::seconds;

// As a server.
inline constexpr seconds server_command{300};     // 4.5.3.2.7
inline constexpr seconds server_data_block{180};  // 4.5.3.2.5: between two reads of data
inline constexpr seconds tls_handshake{30};       // not in the RFC; a handshake is one round trip or two

// As a client. The sum of a hand-over must stay below the 10 minutes that our own client waits for us.
inline constexpr seconds connect{30};
inline constexpr seconds greeting{300};    // 4.5.3.2.1
inline constexpr seconds mail{300};        // 4.5.3.2.2
inline constexpr seconds recipient{300};   // 4.5.3.2.3
inline constexpr seconds data_start{120};  // 4.5.3.2.4
inline constexpr seconds data_block{180};  // 4.5.3.2.5
inline constexpr seconds data_end{600};    // 4.5.3.2.6

}  // namespace mailreeve::smtp::timeouts
