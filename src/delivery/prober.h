// SPDX-License-Identifier: Apache-2.0
// judge::Prober over SMTP.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "judge/prober.h"
#include "net/loop.h"

namespace mailreeve::delivery {

/// `loops` must outlive it. `host_name`: said in EHLO.
std::unique_ptr<judge::Prober> make_prober(net::LoopGroup& loops, std::string host_name);

}  // namespace mailreeve::delivery
