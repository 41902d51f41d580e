// SPDX-License-Identifier: Apache-2.0
// ClamAV's clamd over its socket: INSTREAM, one connection a message (clamd(8)).
#pragma once

#include <memory>

#include "judge/virus.h"
#include "net/loop.h"

namespace mailreeve::delivery {

/// At most `at_once` messages of one loop are with the engine; others wait within their time limit. An answer counts
/// only when it came after the whole message was sent, and is one line that we understand (reliability.md D01 to D04).
std::unique_ptr<judge::VirusScanner> make_clamd_scanner(net::LoopGroup& loops, std::size_t at_once = 16);

}  // namespace mailreeve::delivery
