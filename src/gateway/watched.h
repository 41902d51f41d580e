// SPDX-License-Identifier: Apache-2.0
// What the gateway asks others with, watched: each answer tells the health registry whether they answer.
#pragma once

#include <memory>

#include "base/health.h"
#include "dns/resolver.h"
#include "judge/content.h"
#include "judge/spam_engine.h"
#include "judge/virus.h"

namespace mailreeve::gateway {

/// Failing when for half a minute nothing could be looked up, and more than a few names were asked for: single names
/// fail all the time.
std::unique_ptr<dns::Resolver> watch(std::unique_ptr<dns::Resolver> resolver, HealthItem& item, const Clock& clock);
/// An item for each engine, by its last answer.
std::unique_ptr<judge::VirusScanner> watch(std::unique_ptr<judge::VirusScanner> scanner, HealthRegistry& registry);
std::unique_ptr<judge::SpamEngines> watch(std::unique_ptr<judge::SpamEngines> engines, HealthRegistry& registry);
/// Of the message's own fault nothing is told. `scanner` must outlive it.
std::unique_ptr<judge::ContentScanner> watch(judge::ContentScanner& scanner, HealthItem& item);

}  // namespace mailreeve::gateway
