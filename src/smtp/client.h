// SPDX-License-Identifier: Apache-2.0
// The client side of SMTP and LMTP without I/O (RFC 5321, RFC 2033): replies in, commands out.
//
// One connection carries many messages. The machine pipelines where the server offers it (RFC 2920) and stays in
// lockstep where not. The driver reads and writes; the machine says what to do next:
//
//   loop { switch (client.next()) { write / read / send body / tls / idle / done / closed } }
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/envelope.h"
#include "smtp/client_reply.h"
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

/// The outcome that the server's (or our own) words stand for.
RecipientResult result_of(Reply reply);
/// 451: nobody said no, so it is tried again. `why` is for the log and for the notice to our own sender.
RecipientResult temporary_result(std::string_view enhanced, std::string_view why);

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
  /// Why the connection ended early: the server's words, or ours (451). Code 250 when nothing is wrong.
  const Reply& trouble() const { return trouble_; }

 private:
  enum class State { talking, handshake, idle, envelope, body, done, closed };
  /// What a reply answers.
  enum class Asked { greeting, ehlo, helo, starttls, rset, mail, rcpt, data, dot, lone_dot, quit };
  struct Question {
    Asked asked;
    std::size_t recipient = 0;  // rcpt, and dot of LMTP
    bool sent = false;          // false while it waits in output_: no reply can be for it yet
  };

  void ask(Asked asked, std::string_view line, std::size_t recipient = 0);
  void on_reply(Reply reply);
  void on_greeting(Reply reply);
  void on_hello(Reply reply, bool extended);
  void on_starttls(Reply reply);
  void on_mail(Reply reply);
  void on_recipient(Reply reply, std::size_t recipient);
  void on_data(Reply reply);
  void on_dot(Reply reply, std::size_t recipient);
  void say_hello();
  void become_ready();
  void fill_envelope();
  void settle_envelope();
  bool refuse_locally();
  void decide(std::size_t recipient, RecipientResult result);
  void decide_all(const RecipientResult& result);
  void finish_message();
  void give_up(RecipientResult why);
  void break_off(std::string_view why);
  bool wants_utf8() const;
  const std::string* extension(std::string_view keyword) const;

  ClientOptions options_;
  State state_ = State::talking;
  ReplyReader reader_;
  std::string output_;
  std::deque<Question> questions_;
  std::vector<std::pair<std::string, std::string>> extensions_;  // keyword in upper case, parameters
  Reply trouble_;
  bool tls_;
  bool ready_ = false;
  bool ended_ = false;       // closed follows done
  bool needs_rset_ = false;  // a transaction is open on the server: the next message ends it first

  // The message under way.
  Outgoing message_;
  std::vector<RecipientResult> results_;
  std::vector<bool> decided_;
  std::vector<std::size_t> accepted_;  // by RCPT
  std::size_t next_recipient_ = 0;
  bool mail_sent_ = false;
  bool mail_accepted_ = false;
  bool mail_refused_ = false;
  bool data_sent_ = false;
  bool dot_sent_ = false;
};

/// Dot-stuffing (RFC 5321 4.5.2), for whatever pieces the body comes in. Refuses nothing: bodies hold CRLF only.
class BodyEncoder {
 public:
  /// Appends the stuffed form of `bytes` to `out`.
  void encode(std::string_view bytes, std::string& out);
  /// Appends what ends the data: <CRLF> if the body did not end in one, then ".<CRLF>".
  void end(std::string& out);

 private:
  bool at_line_start_ = true;
  bool after_cr_ = false;
};

}  // namespace mailreeve::smtp
