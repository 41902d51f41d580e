// SPDX-License-Identifier: Apache-2.0
// For commands, which have no event loop of their own: engines are asked on a thread beside.
#pragma once

#include <memory>
#include <thread>

#include "base/log.h"
#include "judge/spam_engine.h"
#include "judge/virus.h"
#include "net/loop.h"

namespace mailreeve::cli {

/// Lives longer than every question.
class CommandEngines final : public judge::VirusScanner, public judge::SpamEngines {
 public:
  explicit CommandEngines(Logger& log);
  ~CommandEngines() override;
  CommandEngines(const CommandEngines&) = delete;
  CommandEngines& operator=(const CommandEngines&) = delete;

  Task<judge::VirusAnswer> look(Spawner& where, judge::VirusEngineAddress engine,
                                std::shared_ptr<const mail::Body> body, std::chrono::milliseconds time_limit) override;
  Task<judge::SpamAnswer> ask(Spawner& where, judge::SpamProtocol protocol, judge::SpamEngineOptions engine,
                              judge::SpamQuestion question) override;

 private:
  std::unique_ptr<net::LoopGroup> loops_;
  std::unique_ptr<judge::VirusScanner> virus_;
  std::unique_ptr<judge::SpamEngines> spam_;
  std::thread thread_;
};

}  // namespace mailreeve::cli
