// SPDX-License-Identifier: Apache-2.0
// The scanner processes: started, fed, watched and replaced. Each loop has its own, so nothing is locked.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cell/cell.h"
#include "judge/content.h"
#include "net/loop.h"
#include "scan/preview.h"
#include "store/marks.h"

namespace mailreeve::gateway {

struct ScannerOptions {
  std::string program = "/proc/self/exe";        // started as `PROGRAM cell`
  std::size_t cells = 0;                         // in all; 0: two for each loop
  std::chrono::milliseconds time_limit{10'000};  // of one message, waiting for a free scanner not counted
  std::chrono::milliseconds wait_limit{20'000};  // for a free scanner
  bool operator==(const ScannerOptions&) const = default;
};

struct ScannerServices {
  net::LoopGroup& loops;
  store::Marks& marks;
  const Clock& clock;
  Logger& log;
  Metrics& metrics;
};

/// A scanner that dies, or is still busy at the time limit, costs its message: the sender is told to come back. The
/// same content (by SHA-256) doing so twice is not tried again for a week: see ContentScan::crashes.
class ScannerPool final : public judge::ContentScanner {
 public:
  ScannerPool(const ScannerServices& services, ScannerOptions options);
  ~ScannerPool() override;
  Task<judge::ContentScan> scan(Spawner& where, std::shared_ptr<const mail::Body> body) override;
  /// What people may look at, under the same limits: `busy` when no scanner is free, or none could look at it this
  /// time; `refused` when its content ended two scanners, and is not tried again. `where`: one of the loops.
  Task<Result<std::shared_ptr<const scan::Preview>>> preview(Spawner& where, std::shared_ptr<const mail::Body> body);
  /// Ends the scanners that are idle. When no loop turns any more.
  void close();

 private:
  struct Cell;
  struct Waiter;
  struct Death;
  struct Answer;
  struct Outcome;
  struct Place;  // of one loop

  Task<Outcome> ask_about(Spawner& where, std::shared_ptr<const mail::Body> body, cell::Question question);
  Task<std::unique_ptr<Cell>> take(Place& place);
  void give_back(Place& place, std::unique_ptr<Cell> cell);
  void wake_next(Place& place);
  std::unique_ptr<Cell> start(Place& place);
  Task<Result<Answer>> ask(Cell& cell, cell::Question question, int descriptor);
  Task<Outcome> crashed(const std::string& digest, const Death& death);

  ScannerServices services_;
  ScannerOptions options_;
  std::vector<std::unique_ptr<Place>> places_;
  Counter scanned_, previewed_, died_;
};

}  // namespace mailreeve::gateway
