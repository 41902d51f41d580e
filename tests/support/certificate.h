// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mailreeve::support {

/// Writes a fresh self-signed certificate and its key as PEM files; aborts the test program when it cannot.
void write_certificate(const std::string& certificate_path, const std::string& key_path, const std::string& host_name);

}  // namespace mailreeve::support
