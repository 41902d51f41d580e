// SPDX-License-Identifier: Apache-2.0
// Anti-virus engines over their sockets: ClamAV's clamd (INSTREAM, clamd(8)) and whatever speaks ICAP (RFC 3507).
#pragma once

#include <memory>

#include "judge/virus.h"
#include "net/loop.h"

namespace mailreeve::delivery {

/// One connection a message. At most `at_once` messages of one loop are with the engines; others wait within their time
/// limit. An answer counts only when it came after the whole message was sent, and is one that we understand
/// (reliability.md D01 to D04).
std::unique_ptr<judge::VirusScanner> make_virus_scanner(net::LoopGroup& loops, std::size_t at_once = 16);

/// One message to one engine over a fresh connection whose deadline is set.
Task<judge::VirusAnswer> ask_clamd(net::Stream& connection, const mail::Body& body);
Task<judge::VirusAnswer> ask_icap(net::Stream& connection, const judge::VirusEngineAddress& engine,
                                  const mail::Body& body);

}  // namespace mailreeve::delivery
