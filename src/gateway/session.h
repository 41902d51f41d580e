// SPDX-License-Identifier: Apache-2.0
// The conduct of one session: connects smtp::Server with the peer, the address book, the spool and the store.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>

#include "base/files.h"
#include "gateway/acceptance.h"
#include "gateway/body_spool.h"
#include "gateway/connection_limits.h"
#include "gateway/inspection.h"
#include "judge/story.h"
#include "mail/trace.h"
#include "net/loop.h"
#include "smtp/server.h"
#include "store/history.h"

namespace mailreeve::gateway {

/// Counters of all sessions; looked up once.
struct SessionMetrics {
  explicit SessionMetrics(Metrics& metrics);
  Counter sessions;
  std::map<std::string_view, Counter> outcomes;  // of transactions: accepted, rejected, deferred, aborted
  Counter bytes;
  Gauge open;
  Histogram seconds;
};

struct SessionServices {
  const Current<Live>& live;
  store::Queue& queue;
  store::Vault& vault;
  delivery::Runner& runner;
  Files& files;
  std::string data_dir;  // temporary files go there too: the same disk is full for both
  const Clock& clock;
  Random& random;
  Logger& log;
  ConnectionLimits& limits;
  const SessionMetrics& metrics;
  const std::atomic<bool>& draining;
  const InspectionServices& inspection;
  store::History& history;
};

class Session {
 public:
  /// `listener`: the listener's options as of start; it must outlive the session.
  Session(const SessionServices& services, net::Loop& loop, std::unique_ptr<net::Stream> stream,
          const ListenerOptions& listener);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();
  Task<void> run();
  /// The gateway is stopping: an idle session is woken to say 421; one in a transaction may finish it.
  void drain();

 private:
  struct Transaction;
  Task<bool> prepare();
  Task<bool> read_proxy_header();
  Task<std::optional<smtp::Reply>> admit();
  void on_hello(const smtp::event::Hello& hello);
  Task<bool> start_tls();
  Task<void> converse();
  Task<bool> flush();
  Task<bool> read_more();
  void on_mail(const smtp::event::Mail& mail);
  Task<void> on_recipient(smtp::event::Recipient recipient);
  void on_data();
  void on_body(std::string_view bytes);
  Task<void> on_end_of_data(std::uint64_t size);
  void on_aborted(const smtp::Reply& reply);
  Task<smtp::Reply> finish(std::uint64_t size);
  Task<Acceptance> judge_and_accept();
  /// What each recipient gets: as it came, marked, or held; of a refused message only copies for the vault.
  Result<std::vector<Variant>> variants_of(const Judgement& judgement, std::shared_ptr<const mail::Body> body);
  Arrival arrival_of(std::vector<Variant> variants);
  Task<void> keep_copies(std::shared_ptr<const mail::Body> body);
  Task<void> tarpit(const smtp::Reply& reply);
  SteadyTime input_deadline() const;
  std::string received_field() const;
  void log_transaction(const smtp::Reply& reply, std::uint64_t size, std::vector<std::string> handover, bool at_end);
  void log_session();
  /// Posts what is known to history; the transaction's part too where there is one.
  void remember(store::HistoryRecord record, judge::Story story);

  const SessionServices& services_;
  net::Loop& loop_;
  std::unique_ptr<net::Stream> stream_;
  const ListenerOptions& listener_;
  std::shared_ptr<const Live> live_;
  std::optional<smtp::Server> machine_;
  std::unique_ptr<Transaction> transaction_;
  std::string early_input_;  // what came behind a PROXY header
  net::Endpoint client_;
  net::TlsFacts tls_;
  std::shared_ptr<judge::SessionFacts> facts_;
  std::unique_ptr<Inspection> inspection_;  // null: a client we trust, or nothing is looked at
  std::optional<Refusal> refusal_;          // why it was not let in
  ConnectionLimits::Ticket ticket_;
  SteadyTime began_;
  std::string why_closed_;
  unsigned messages_ = 0;
  bool has_transacted_ = false;
};

}  // namespace mailreeve::gateway
