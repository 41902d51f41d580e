// SPDX-License-Identifier: Apache-2.0
// The asking: starts the checks of each stage beside whatever else goes on, and gathers what they find.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "judge/checks/check.h"

namespace mailreeve::judge {

struct ExaminationServices {
  dns::Resolver& dns;
  store::Marks& marks;
  Prober* prober = nullptr;
  const Clock& clock;
  Logger& log;
  ContentScanner* scanner = nullptr;
  VirusScanner* virus = nullptr;
  const store::WordCounts* words = nullptr;
  SpamEngines* spam = nullptr;
};

/// One check's work, for people who ask where the time went.
struct CheckTiming {
  std::string_view check;
  std::chrono::microseconds took{0};
};

/// About one connection, one HELO, or one transaction. Lives on one loop's thread. Checks that are still under way when
/// it is dropped end by themselves, unheard.
class Examination {
 public:
  using Checks = std::vector<std::unique_ptr<Check>>;

  /// `checks`: of all stages; `own` is kept alive by whoever keeps `checks` alive. `services` must outlive every Task.
  Examination(const ExaminationServices& services, Spawner& spawner, std::shared_ptr<const Checks> checks,
              std::shared_ptr<const OwnNames> own, std::shared_ptr<Facts> facts);
  ~Examination();
  Examination(const Examination&) = delete;
  Examination& operator=(const Examination&) = delete;

  void begin(Stage stage);
  /// Ends when everything begun has ended.
  Task<void> settle();
  const Findings& findings() const;
  void add(Finding finding);
  const std::vector<CheckTiming>& timings() const;
  const std::vector<dns::Recorder::Entry>& look_ups() const;
  std::size_t questions() const;
  Facts& facts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The facts of one address after the other are asked of the network only for so long (reliability.md N03); later
/// questions answer `timeout` at once.
constexpr auto examination_budget = std::chrono::seconds{15};
constexpr std::size_t question_limit = 150;

}  // namespace mailreeve::judge
