// SPDX-License-Identifier: Apache-2.0
// The server side of an SMTP session without I/O (RFC 5321): bytes in, events out, replies in, bytes out.
//
// The machine owns syntax, order, limits and framing, and answers by itself whatever it can answer. Where somebody
// must decide (may this sender, this recipient, this message?) it hands out an event and waits for `answer`.
// It never looks at a clock or a socket; nobody outside parses SMTP.
//
//   on readable:   server.receive(bytes);
//                  while ((event = server.next()) is not NeedInput) { decide; server.answer(reply); }
//                  write(server.take_output());
//
// End of data is <CRLF>.<CRLF> and nothing else. A bare CR or LF anywhere, or a NUL in the data, gets `550 5.5.2` and
// ends the session (smtpsmuggling.com; CVE-2023-51764..6): a client that sends one is broken or lying about where the
// message ends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "mail/address.h"
#include "mail/envelope.h"
#include "smtp/data_reader.h"
#include "smtp/reply.h"

namespace mailreeve::smtp {

/// Every number a peer could abuse, with its reason.
struct ServerLimits {
  std::uint64_t message_size = 50ULL << 20;  // octets, announced by SIZE (RFC 1870)
  std::size_t recipients = 1000;             // a transaction; RFC 5321 4.5.3.1.8 wants at least 100
  std::size_t command_line = 2048;           // octets with CRLF; RFC 5321 4.5.3.1.4 says 512 plus what extensions add
  std::size_t overlong_line = 16 * 1024;     // then 421 and close: nobody types that
  unsigned errors = 20;                      // 5xx to commands a session, then 421 4.7.0 (Postfix' hard limit)
  unsigned idle_commands = 100;              // NOOP, RSET, VRFY, HELP ... without a mail, then 421 4.7.0
  std::size_t bdat_chunks = 20'000;          // a message: a flood of tiny chunks costs us, not them
  std::uint64_t transactions = 10'000;       // a session; announced by LIMITS MAILMAX (RFC 9422)
};

enum class Verb : std::uint8_t;  // smtp/command_line.h

struct ServerOptions {
  std::string host_name;  // in the greeting and the EHLO reply
  bool offer_starttls = false;
  bool require_tls = false;  // MAIL before TLS gets 530 5.7.0
  ServerLimits limits;
};

/// What happened. Views live until the next call of `next` or `receive`.
namespace event {
struct NeedInput {};  // write the output, then read more
struct Hello {
  std::string_view name;
  bool extended;
};  // already answered
struct Mail {
  mail::ReversePath sender;
  std::optional<std::uint64_t> size;
};  // answer: 250 accepts
struct Recipient {
  mail::ForwardPath path;
  mail::Notify notify;
  std::string orcpt;
};  // answer: 250 accepts
/// DATA or the first BDAT with at least one accepted recipient. answer: 354 goes on (a BDAT says nothing on 354).
struct Data {
  bool chunked;
};
struct Body {
  std::string_view bytes;
};  // unstuffed; at most what was received; no answer
/// The whole message is there. answer: the last word. `size` in octets as counted against SIZE.
struct EndOfData {
  std::uint64_t size;
};
/// The transaction ended without EndOfData: RSET, EHLO, too big, refused by the machine. No answer.
struct Aborted {
  Reply reply;
};  // what the client was told
struct StartTls {};  // write output, do the handshake, then call `tls_started`
/// Write the output, then close, lingering (a close with unread input would destroy the reply on its way).
struct Close {
  std::string_view why;
};  // a word for the log: quit, smuggling, errors, overlong, ...
}  // namespace event

using Event = std::variant<event::NeedInput, event::Hello, event::Mail, event::Recipient, event::Data, event::Body,
                           event::EndOfData, event::Aborted, event::StartTls, event::Close>;

/// What the machine waits for; the driver chooses a deadline by it (smtp/timeouts.h).
enum class Expecting { command, data };

class Server {
 public:
  explicit Server(ServerOptions options);
  Server(const Server&) = delete;  // views point into it
  Server& operator=(const Server&) = delete;

  void greet();              // puts 220 into the output
  void refuse(Reply reply);  // instead of greet, or at any time: the reply, then Close
  /// Bytes from the peer. The view must live until `next` says NeedInput, or until `keep_input`.
  void receive(std::string_view bytes);
  /// Copies what is not consumed yet, so that the buffer given to `receive` may be reused across a wait.
  void keep_input();
  Event next();
  /// The answer to the last Mail, Recipient, Data or EndOfData. A 421 ends the session.
  void answer(Reply reply);
  /// After the handshake: everything said before is forgotten (RFC 3207 4.2), EHLO is needed again.
  /// Input received in clear but not consumed is an injection (NO STARTTLS, 2021): `next` will Close.
  void tls_started();
  bool has_output() const { return !output_.empty(); }
  std::string take_output();

  Expecting expecting() const;
  bool in_transaction() const { return in_transaction_; }  // MAIL was accepted and not ended
  bool tls() const { return tls_; }
  const std::string& helo() const { return helo_; }
  bool is_extended() const { return extended_; }
  const mail::Envelope& envelope() const { return envelope_; }

 private:
  enum class Phase : std::uint8_t { command, overlong, data, chunk, tls_wait, closed };
  enum class Awaiting : std::uint8_t { none, mail, recipient, data, end_of_data };
  using Step = std::optional<Event>;  // nothing: look again

  // server.cpp: framing and answers
  Event need_input();
  Step read_line();
  Step skip_line();
  void answer_data(Reply reply);
  void put(const Reply& reply) { output_ += reply.wire(); }
  void put_error(const Reply& reply);  // and counts it
  void count_error();
  void put_last(const Reply& reply, std::string_view why);  // ends the transaction and the session
  void close(std::string_view why);
  void abort(const Reply& reply);
  void reset_transaction();
  bool owns_input() const;

  // server_commands.cpp
  Step on_line(std::string_view line);
  Step on_hello(std::string_view name, bool extended);
  Step on_mail(std::string_view arguments);
  Step on_rcpt(std::string_view arguments);
  Step on_starttls(std::string_view arguments);
  Step on_simple(Verb verb, std::string_view arguments);
  bool is_idle_command_too_many();

  // server_data.cpp
  Step on_data(std::string_view arguments);
  Step on_bdat(std::string_view arguments);
  Step begin_chunk(std::uint64_t octets, bool last);
  Step refuse_chunk(std::uint64_t octets, const Reply& reply);
  Step read_data();
  Step read_chunk();
  Step end_chunk();
  Step end_of_data();
  Step smuggling();

  ServerOptions options_;
  std::string output_;
  std::string helo_;
  std::string buffer_;           // input that had to be kept
  std::string_view input_;       // not consumed yet: in buffer_ or in the caller's memory
  std::string_view why_closed_;  // a literal
  std::unique_ptr<Reply> aborted_;
  std::unique_ptr<Reply> refusal_;  // of the chunk that is being skipped
  std::unique_ptr<mail::EnvelopeRecipient> pending_recipient_;

  Phase phase_ = Phase::command;
  Awaiting awaiting_ = Awaiting::none;
  DataReader reader_;
  bool extended_ = false;
  bool tls_ = false;
  bool fresh_ = true;  // nothing was read in this session yet
  bool hello_pending_ = false;
  bool starttls_pending_ = false;
  bool after_cr_ = false;        // in an overlong line
  bool in_transaction_ = false;  // MAIL was accepted
  bool chunked_ = false;         // a BDAT was accepted: DATA, RCPT and MAIL are out of order
  bool chunk_last_ = false;
  bool refusal_is_error_ = false;

  std::size_t line_octets_ = 0;     // of an overlong line
  unsigned errors_ = 0;             // in the session, TLS or not
  unsigned idle_commands_ = 0;      // since the last message
  std::uint64_t transactions_ = 0;  // in the session
  std::size_t recipients_ = 0;      // accepted
  std::size_t overshoot_ = 0;       // recipients refused because there were too many
  std::size_t chunks_ = 0;
  std::uint64_t size_ = 0;  // octets of the message, without dot-stuffing
  std::uint64_t chunk_octets_ = 0;
  std::uint64_t chunk_left_ = 0;

  mail::Envelope envelope_;
};

}  // namespace mailreeve::smtp
