// SPDX-License-Identifier: Apache-2.0
// Replies (RFC 5321 4.2, RFC 2034, RFC 3463), and the one place where our own wording lives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::smtp {

struct Reply {
  int code = 250;
  std::string enhanced;            // "5.1.1"; empty where RFC 2034 4 allows none (greeting, EHLO, 354)
  std::vector<std::string> lines;  // at least one; no CR or LF

  Reply() = default;
  Reply(int c, std::string_view e, std::string_view text) : code{c}, enhanced{e}, lines{std::string{text}} {}

  bool is_positive() const { return code < 400; }
  bool is_temporary() const { return code >= 400 && code < 500; }
  bool is_permanent() const { return code >= 500; }
  /// "550 5.1.1 No such user", lines joined by " / ": for logs and for telling a sender what an inner server said.
  std::string text() const;
  /// The bytes on the wire; each line cut at 512 octets (RFC 5321 4.5.3.1.5).
  std::string wire() const;
};

/// Our own replies. The peer never learns paths, versions or settings.
namespace replies {
Reply accepted(std::string_view id);                // 250 2.0.0 after end of data
Reply sender_ok();                                  // 250 2.1.0
Reply recipient_ok();                               // 250 2.1.5
Reply unknown_recipient();                          // 550 5.1.1
Reply relay_denied();                               // 550 5.7.1
Reply source_route_refused();                       // 550 5.7.1: we are no relay
Reply too_many_recipients();                        // 452 4.5.3 (RFC 5321 4.5.3.1.10)
Reply local_trouble();                              // 451 4.3.0: our own trouble, never 5xx
Reply storage_full();                               // 452 4.3.1
Reply directory_unavailable();                      // 451 4.4.3
Reply routing_loop();                               // 554 5.4.6
Reply too_big();                                    // 552 5.3.4
Reply shutting_down(std::string_view host);         // 421 4.3.2
Reply too_many_connections(std::string_view host);  // 421 4.7.0
Reply timed_out(std::string_view host);             // 421 4.4.2
Reply tls_required();                               // 530 5.7.0 (RFC 3207 4)
}  // namespace replies

}  // namespace mailreeve::smtp
