// SPDX-License-Identifier: Apache-2.0
#include "gateway/scanner_pool.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstring>
#include <deque>

#include "cell/cell.h"
#include "cell/child.h"
#include "scan/report_codec.h"

namespace mailreeve::gateway {
namespace {

constexpr std::size_t cells_a_loop = 2;
constexpr unsigned uses_of_a_cell = 10'000;  // then a fresh one: whatever leaked goes with it
constexpr auto memory_of_crashes = std::chrono::seconds{7 * 86'400};
constexpr std::int64_t crashes_that_are_enough = 2;

}  // namespace

struct ScannerPool::Cell {
  explicit Cell(cell::Child started) : child{std::move(started)} {}
  cell::Child child;
  std::unique_ptr<net::Stream> stream;
  unsigned uses = 0;
};

struct ScannerPool::Death {
  std::string why;
  pid_t pid;
  std::string ended_by;  // empty: it was still running
};

/// A message whose turn has not come. True: there is a cell, or room for one. False: its time is over.
struct ScannerPool::Waiter {
  Done<bool> done;
  SteadyTime until;
};

struct ScannerPool::Place {
  Place(net::Loop& on, std::size_t cells) : loop{on}, most{cells} {}
  net::Loop& loop;
  std::size_t most;
  std::size_t running = 0;  // idle and busy
  std::vector<std::unique_ptr<Cell>> idle;
  std::deque<Waiter> waiters;  // first come, first served
  std::size_t turns = 0;       // given to waiters that have not gone on yet
};

ScannerPool::ScannerPool(const ScannerServices& services, ScannerOptions options)
    : services_{services},
      options_{std::move(options)},
      scanned_{services.metrics.counter("mailreeve_scans_total", "Messages whose content was looked at")},
      died_{services.metrics.counter("mailreeve_scanner_deaths_total", "Scanner processes that died or were ended")} {
  const auto loops = services_.loops.size();
  const auto each = options_.cells == 0 ? cells_a_loop : std::max<std::size_t>(1, (options_.cells + loops - 1) / loops);
  for (std::size_t i = 0; i < loops; ++i) places_.push_back(std::make_unique<Place>(services_.loops.at(i), each));
}

ScannerPool::~ScannerPool() = default;

void ScannerPool::close() {
  for (auto& place : places_) {
    place->idle.clear();
    place->waiters.clear();
  }
}

std::unique_ptr<ScannerPool::Cell> ScannerPool::start(Place& place) {
  auto child = cell::start_child(options_.program);
  if (!child) {
    services_.log.error("scanner", {{"error", child.error().text}});
    return nullptr;
  }
  auto cell = std::make_unique<Cell>(std::move(*child));
  ::fcntl(cell->child.socket.get(), F_SETFL, O_NONBLOCK);
  cell->stream = place.loop.adopt(cell->child.socket.release());
  return cell;
}

Task<std::unique_ptr<ScannerPool::Cell>> ScannerPool::take(Place& place) {
  const auto until = services_.clock.steady() + options_.wait_limit;
  bool must_wait = !place.waiters.empty() || place.turns > 0;
  while (true) {
    if (must_wait) {
      const bool my_turn =
          co_await wait_for<bool>([&place, until](Done<bool> done) { place.waiters.push_back({done, until}); });
      if (!my_turn) co_return nullptr;
      --place.turns;
    }
    std::unique_ptr<Cell> cell;
    if (!place.idle.empty()) {
      cell = std::move(place.idle.back());
      place.idle.pop_back();
      if (!cell->child.is_running()) {
        // It died while nobody used it: no message is to blame.
        services_.log.error("scanner.died",
                            {{"error", "it ended while it was idle"},
                             {"pid", cell->child.pid},
                             {"ended_by", cell->child.ended_by()},
                             {"advice", "no message is to blame; signal 9 is somebody's kill, or memory"}});
        cell.reset();
        --place.running;
        died_.add();
      }
    }
    must_wait = !cell && place.running >= place.most;
    if (must_wait) continue;
    if (!cell) {
      cell = start(place);
      if (cell) ++place.running;
    }
    if (!cell || !place.idle.empty()) wake_next(place);
    co_return cell;
  }
}

// A cell is busy for no longer than options_.time_limit, so that whoever waits is looked at that often: no timer is
// needed.
void ScannerPool::wake_next(Place& place) {
  const auto now = services_.clock.steady();
  while (!place.waiters.empty()) {
    const auto waiter = std::move(place.waiters.front());
    place.waiters.pop_front();
    const bool in_time = now <= waiter.until;
    if (in_time) ++place.turns;
    waiter.done(in_time);
    if (in_time) return;
  }
}

void ScannerPool::give_back(Place& place, std::unique_ptr<Cell> cell) {
  if (++cell->uses < uses_of_a_cell) {
    place.idle.push_back(std::move(cell));
  } else {
    --place.running;
  }
  wake_next(place);
}

Task<Result<std::shared_ptr<const scan::ContentReport>>> ScannerPool::ask(Cell& cell, int descriptor) {
  auto& stream = *cell.stream;
  stream.set_deadline(services_.clock.steady() + options_.time_limit);
  const auto mark = cell::request_mark;
  auto sent = co_await stream.write_with_descriptor({reinterpret_cast<const char*>(&mark), sizeof mark}, descriptor);
  if (!sent) co_return fail(sent);
  std::string answer;
  std::uint64_t size = 0;
  while (answer.size() < sizeof size || answer.size() < sizeof size + size) {
    char buffer[16U << 10];
    auto got = co_await stream.read_some(buffer, sizeof buffer);
    if (!got) co_return fail(got);
    if (*got == 0) co_return fail(ErrorKind::closed, "it ended");
    answer.append(buffer, *got);
    if (answer.size() >= sizeof size) std::memcpy(&size, answer.data(), sizeof size);
    if (size > scan::report_limit) co_return fail(ErrorKind::invalid, "its report is too large");
  }
  auto report = scan::read_report(std::string_view{answer}.substr(sizeof size));
  if (!report) co_return fail(report);
  co_return std::make_shared<const scan::ContentReport>(std::move(*report));
}

Task<judge::ContentScan> ScannerPool::crashed(const std::string& digest, const Death& death) {
  died_.add();
  const auto mark =
      co_await services_.marks.add("scan-crash:" + digest, 1, services_.clock.now(), memory_of_crashes, true);
  const bool is_enough = mark.value >= crashes_that_are_enough;
  services_.log.error("scanner.died", {{"error", death.why},
                                       {"pid", death.pid},
                                       {"ended_by", death.ended_by.empty() ? "us, at the time limit" : death.ended_by},
                                       {"content", digest},
                                       {"times", mark.value},
                                       {"advice", is_enough ? "this content is not tried again: see scan.crashed"
                                                            : "its sender was told to come back"}});
  co_return judge::ContentScan{nullptr, is_enough, death.why};
}

Task<judge::ContentScan> ScannerPool::scan_at(Place& place, std::shared_ptr<const mail::Body> body) {
  auto sealed = cell::seal(*body);
  if (!sealed) co_return judge::ContentScan{nullptr, false, sealed.error().text};
  const auto known = co_await services_.marks.find("scan-crash:" + sealed->digest, services_.clock.now());
  if (known && known->value >= crashes_that_are_enough) {
    co_return judge::ContentScan{nullptr, true, "this content ended the scanner before"};
  }
  auto cell = co_await take(place);
  if (!cell) co_return judge::ContentScan{nullptr, false, "no scanner is free"};
  auto report = co_await ask(*cell, sealed->file.get());
  if (report) {
    scanned_.add();
    give_back(place, std::move(cell));
    co_return judge::ContentScan{std::move(*report), false, {}};
  }
  auto why = report.error().kind == ErrorKind::timeout
                 ? fmt::format("no answer within {} s", std::chrono::duration<double>(options_.time_limit).count())
                 : report.error().text;
  const Death death{std::move(why), cell->child.pid, cell->child.ended_by()};
  cell.reset();
  --place.running;
  wake_next(place);
  auto outcome = co_await crashed(sealed->digest, death);
  co_return outcome;
}

Task<judge::ContentScan> ScannerPool::scan(Spawner& where, std::shared_ptr<const mail::Body> body) {
  auto* loop = dynamic_cast<net::Loop*>(&where);
  if (loop == nullptr || loop->index() >= places_.size()) {
    co_return judge::ContentScan{nullptr, false, "no scanner runs here"};
  }
  auto outcome = co_await scan_at(*places_[loop->index()], std::move(body));
  co_return outcome;
}

}  // namespace mailreeve::gateway
