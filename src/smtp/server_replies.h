// SPDX-License-Identifier: Apache-2.0
// What the server machine answers by itself.
#pragma once

#include <cstdint>

#include "smtp/reply.h"
#include "smtp/server.h"

namespace mailreeve::smtp::replies {

Reply greeting(std::string_view host);                      // 220
Reply hello(std::string_view host);                         // 250 to HELO
Reply extensions(const ServerOptions& options, bool tls);   // 250 to EHLO
Reply ok();                                                 // 250 2.0.0
Reply octets_received(std::uint64_t octets);                // 250 2.0.0
Reply help();                                               // 214
Reply goodbye(std::string_view host);                       // 221
Reply ready_for_tls();                                      // 220 to STARTTLS
Reply cannot_verify();                                      // 252
Reply syntax(std::string_view expected);                    // 501 5.5.2
Reply bad_octets();                                         // 501 5.5.2: NUL or octets above 127
Reply bad_parameter(std::string_view expected);             // 501 5.5.4
Reply unknown_parameter();                                  // 555 5.5.4
Reply no_arguments();                                       // 501 5.5.4
Reply bad_address(std::string_view enhanced);               // 553
Reply smtputf8_needed();                                    // 553 5.6.7
Reply unknown_command();                                    // 500 5.5.1
Reply empty_command();                                      // 500 5.5.2
Reply line_too_long();                                      // 500 5.5.2
Reply not_implemented();                                    // 502 5.5.1
Reply bad_sequence(std::string_view why);                   // 503 5.5.1
Reply no_valid_recipients();                                // 554 5.5.1
Reply bare_line_end();                                      // 550 5.5.2
Reply not_smtp();                                           // 554 5.5.1
Reply data_too_early();                                     // 554 5.5.0
Reply misbehaved(std::string_view host, std::string_view);  // 421 4.7.0

}  // namespace mailreeve::smtp::replies
