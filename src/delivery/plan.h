// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "delivery/options.h"
#include "delivery/routes.h"
#include "net/tls.h"

namespace mailreeve::delivery {

/// What delivery needs of the settings; a reload replaces it as a whole.
struct Plan {
  Options options;
  Routes routes;
  std::shared_ptr<const net::TlsContext> client_tls;  // for servers that offer STARTTLS, and for smtps://
};

}  // namespace mailreeve::delivery
