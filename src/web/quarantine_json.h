// SPDX-License-Identifier: Apache-2.0
// Held messages as people and programs outside see them: docs/openapi.yaml, HeldItem and Preview.
#pragma once

#include <boost/json.hpp>

#include "scan/preview.h"
#include "store/audit.h"
#include "store/vault.h"

namespace mailreeve::web {

/// `keep`: how long such mail is kept.
boost::json::object to_json(const store::HeldMessage& message, std::chrono::seconds keep);
boost::json::object to_json(const scan::Preview& preview);
boost::json::object to_json(const store::AuditEntry& entry);

}  // namespace mailreeve::web
