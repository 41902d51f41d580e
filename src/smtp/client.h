// SPDX-License-Identifier: Apache-2.0
// The client side of SMTP and LMTP without I/O (RFC 5321, RFC 2033): replies in, commands out.
//
// One connection carries many messages. The machine pipelines where the server offers it (RFC 2920) and stays in
// lockstep where not. The driver reads and writes; the machine says what to do next:
//
//   client.start();  loop { switch (client.next()) { write / read / send body / tls / idle / finished } }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/envelope.h"
#include "smtp/reply.h"

namespace mailreeve::smtp {

enum class Protocol { smtp, lmtp };
/// What to do about STARTTLS: `may` uses it where offered, `must` fails without it.
enum class StartTls { never, may, must };

struct ClientOptions {
  Protocol protocol = Protocol::smtp;
  std::string host_name;  // for EHLO / LHLO
  StartTls starttls = StartTls::may;
  bool already_tls = false;             // smtps: TLS before the greeting
  std::size_t reply_limit = 64 * 1024;  // octets of one reply, all its lines: more is an attack
};

/// One message to be sent. What the server cannot do (SIZE, SMTPUTF8, 8BITMIME) fails it before MAIL.
struct Outgoing {
  mail::Envelope envelope;
  std::uint64_t size = 0;  // octets, for SIZE=
};

/// What became of one recipient.
struct RecipientResult {
  enum class Outcome { delivered, permanent, temporary };
  Outcome outcome = Outcome::temporary;
  Reply reply;             // the server's words, or ours when it never spoke
  bool after_dot = false;  // unknown fate: the dot was sent, no reply came. A retry may make a copy (RFC 1047)
};

class Client {
 public:
  enum class Step {
    write,      // take_output() and send it
    read,       // read bytes, give them to receive()
    body,       // send the body through BodyEncoder, then its end(), then call body_sent()
    start_tls,  // do the handshake, then tls_started() or fail()
    idle,       // connected, greeted, nothing to do: give it a message by send(), or quit()
    done,       // results() are complete; then `idle` follows if the connection can be used again
    closed,     // nothing more to do here: close the socket
  };
  /// Which wait the driver is in; each has its own time-out (smtp/timeouts.h).
  enum class Waiting { greeting, command, recipient, data_start, data_end };

  explicit Client(ClientOptions options);
  Step next();
  void receive(std::string_view bytes);
  std::string take_output();
  Waiting waiting() const;
  void send(Outgoing message);  // only when idle
  void body_sent();
  void tls_started();
  /// The connection broke, timed out, or TLS failed: every recipient without a result becomes temporary.
  void fail(std::string_view why);
  void quit();
  const std::vector<RecipientResult>& results() const;  // one for each recipient, in the envelope's order
  /// True once the greeting and EHLO went through: a failure before that is the destination's, not the message's.
  bool was_ready() const;
  bool offers(std::string_view extension) const;  // after EHLO, upper case
};

/// Dot-stuffing (RFC 5321 4.5.2), for whatever pieces the body comes in. Refuses nothing: bodies hold CRLF only.
class BodyEncoder {
 public:
  /// Appends the stuffed form of `bytes` to `out`.
  void encode(std::string_view bytes, std::string& out);
  /// Appends what ends the data: <CRLF> if the body did not end in one, then ".<CRLF>".
  void end(std::string& out);
};

}  // namespace mailreeve::smtp
