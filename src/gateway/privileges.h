// SPDX-License-Identifier: Apache-2.0
// Root is for binding ports below 1024. After that we become an ordinary user for good.
#pragma once

#include <string>

#include "base/error.h"
#include "base/log.h"

namespace mailreeve::gateway {

/// Makes the data folder where it is missing, mode 0700; when started as root a new one is given to `user` (unless
/// empty). An existing one that belongs to somebody else than whom we become is an error that says what to type. One
/// that others may enter is closed to them, with the databases in it, because mail lies there; but one that holds
/// things of others is an error: closing "/tmp" or "/var/lib" would stop the machine.
Result<void> prepare_data_dir(const std::string& path, const std::string& user, Logger& log);

/// Gives up what the process may do beyond an ordinary user, and checks that it cannot come back. Call it before any
/// thread starts: capabilities belong to threads.
///
/// As root with a `user`: becomes that user with its groups; no capability remains in any set. Not as root: `user` must
/// be empty or who we are already; capabilities that the supervisor gave for binding go. As root without a `user`: we
/// stay root, which is logged as a warning. In every case: no_new_privs, and no core dumps or tracing by others.
Result<void> drop_privileges(const std::string& user, Logger& log);

}  // namespace mailreeve::gateway
