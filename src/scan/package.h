// SPDX-License-Identifier: Apache-2.0
// Documents that are ZIP files inside (ECMA-376-2, OpenDocument 1.3 part 2, EPUB): what is in them is the document's
// own, and nobody opens it by its name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

/// "ooxml", "odf", "epub" or "iwork"; empty where it is an archive: by what it holds, by its names, or because some of
/// them open it as one.
std::string_view package_type(std::string_view zip, std::span<const std::string> names);

/// Targets of an OOXML part's relationships that are fetched when the document is opened, and lie on a host elsewhere:
/// templates, objects, frames (ISO 29500-2 9.3). At most 20.
std::vector<std::string> fetched_targets(std::string_view relationships);

/// Is it an address on a host elsewhere: http, ftp, or a share whose host has a domain name that is not local.
bool leads_elsewhere(std::string_view target);

}  // namespace mailreeve::scan
