// SPDX-License-Identifier: Apache-2.0
// Archives taken apart by libarchive, in memory, within a budget. Nothing is ever written by a member's name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "scan/limits.h"
#include "scan/notes.h"

namespace mailreeve::scan {

/// What may still be unpacked of one message.
struct Budget {
  std::uint64_t bytes;  // decoded or unpacked
  std::size_t items;
};

struct Member {
  std::string name;        // UTF-8
  std::string_view bytes;  // as far as unpacked; empty when encrypted
  bool encrypted = false;
  bool whole = true;  // false: damaged, or longer than the limits
};

struct ArchiveLook {
  bool encrypted = false;  // some of it, or even its list of files
};

/// Is this a type that libarchive reads?
bool is_archive(std::string_view type);

/// Calls `visit` for each file in it. Notes: `archive.encrypted`, `archive.broken`, `archive.ambiguous`,
/// `archive.link`, `scan.limit.*`.
ArchiveLook open_archive(std::string_view bytes, std::string_view type, const Place& place, const Limits& limits,
                         Budget& budget, Notes& notes, const std::function<void(const Member&)>& visit);

}  // namespace mailreeve::scan
