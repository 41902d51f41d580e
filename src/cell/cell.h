// SPDX-License-Identifier: Apache-2.0
// The scanner process: takes messages from the gateway one after the other and answers each with a report, or a
// preview.
//
// On the socket, this machine's byte order: the gateway sends 8 octets (a `Question`) with a descriptor of a sealed
// memory file that holds the message; the cell answers 8 octets (length) and as many of the answer.
#pragma once

#include <cstdint>
#include <string_view>

namespace mailreeve::cell {

enum class Question : std::uint64_t {
  report = 0x6d61696c72656576,   // scan::write_report
  preview = 0x6d61696c70726576,  // scan::write_preview
};
constexpr int socket_descriptor = 3;          // where the cell finds it
constexpr std::string_view command = "cell";  // `mailreeve cell`, of use to `serve` alone

/// Enters the sandbox and serves until the gateway closes the socket. The process's exit code.
int run_cell();

}  // namespace mailreeve::cell
