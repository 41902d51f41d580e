// SPDX-License-Identifier: Apache-2.0
// From settings to what the judge goes by: `serve` and `scan` do it alike.
#pragma once

#include <memory>

#include "config/settings.h"
#include "judge/list_watch.h"
#include "judge/rules.h"

namespace mailreeve::cli {

std::shared_ptr<const judge::Rules> make_rules(const config::Settings& settings, judge::ListWatch& lists);

}  // namespace mailreeve::cli
