// SPDX-License-Identifier: Apache-2.0
// Queue entries for people: an aligned table, and one message in full. Everything from outside is made printable: a
// terminal obeys control characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/queue_json.h"

namespace mailreeve::cli {

/// Columns as wide as their widest cell, two blanks between, no blanks at line ends. The last column is not padded.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

/// "17s", "5m", "3h", "12d".
std::string format_age(std::chrono::milliseconds age);
/// "512", "4.0K", "12M": octets.
std::string format_size(std::uint64_t octets);
/// `text` without control characters, those of C1 in UTF-8 included; "?" stands for each of their octets.
std::string printable(std::string_view text);

/// A row for each recipient.
std::string format_queue(const std::vector<web::QueueEntry>& entries, WallTime now);
std::string format_message(const web::QueueEntry& entry, WallTime now);

}  // namespace mailreeve::cli
