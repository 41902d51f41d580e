// SPDX-License-Identifier: Apache-2.0
#include "cli/engines.h"

#include "delivery/spam_engines.h"
#include "delivery/virus_engines.h"

namespace mailreeve::cli {
namespace {

Task<void> look_there(judge::VirusScanner& scanner, net::Loop& loop, judge::VirusEngineAddress engine,
                      std::shared_ptr<const mail::Body> body, std::chrono::milliseconds time_limit,
                      Done<judge::VirusAnswer> done) {
  auto answer = co_await scanner.look(loop, std::move(engine), std::move(body), time_limit);
  done(std::move(answer));
}

Task<void> ask_there(judge::SpamEngines& engines, net::Loop& loop, judge::SpamProtocol protocol,
                     judge::SpamEngineOptions engine, judge::SpamQuestion question, Done<judge::SpamAnswer> done) {
  auto answer = co_await engines.ask(loop, protocol, std::move(engine), std::move(question));
  done(std::move(answer));
}

}  // namespace

CommandEngines::CommandEngines(Logger& log)
    : loops_{net::make_loops(1, log)},
      virus_{delivery::make_virus_scanner(*loops_)},
      spam_{delivery::make_spam_engines(*loops_)},
      thread_{[this] { loops_->run(); }} {}

CommandEngines::~CommandEngines() {
  loops_->stop();
  thread_.join();
}

Task<judge::VirusAnswer> CommandEngines::look(Spawner&, judge::VirusEngineAddress engine,
                                              std::shared_ptr<const mail::Body> body,
                                              std::chrono::milliseconds time_limit) {
  auto answer = co_await wait_for<judge::VirusAnswer>([&](Done<judge::VirusAnswer> done) {
    auto& loop = loops_->at(0);
    loop.spawn("engine", look_there(*virus_, loop, std::move(engine), std::move(body), time_limit, std::move(done)));
  });
  co_return answer;
}

Task<judge::SpamAnswer> CommandEngines::ask(Spawner&, judge::SpamProtocol protocol, judge::SpamEngineOptions engine,
                                            judge::SpamQuestion question) {
  auto answer = co_await wait_for<judge::SpamAnswer>([&](Done<judge::SpamAnswer> done) {
    auto& loop = loops_->at(0);
    loop.spawn("engine", ask_there(*spam_, loop, protocol, std::move(engine), std::move(question), std::move(done)));
  });
  co_return answer;
}

}  // namespace mailreeve::cli
