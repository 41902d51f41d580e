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

/// One of them, as was asked.
struct ScannerPool::Answer {
  std::shared_ptr<const scan::ContentReport> report;
  std::shared_ptr<const scan::Preview> preview;
};

struct ScannerPool::Outcome {
  Answer answer;         // empty: see `why`
  bool crashed = false;  // as ContentScan::crashed
  std::string why;
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
      previewed_{services.metrics.counter("mailreeve_previews_total", "Held messages that somebody was shown")},
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

Task<Result<ScannerPool::Answer>> ScannerPool::ask(Cell& cell, cell::Question question, int descriptor) {
  auto& stream = *cell.stream;
  stream.set_deadline(services_.clock.steady() + options_.time_limit);
  auto sent =
      co_await stream.write_with_descriptor({reinterpret_cast<const char*>(&question), sizeof question}, descriptor);
  if (!sent) co_return fail(sent);
  std::string bytes;
  std::uint64_t size = 0;
  while (bytes.size() < sizeof size || bytes.size() < sizeof size + size) {
    char buffer[16U << 10];
    auto got = co_await stream.read_some(buffer, sizeof buffer);
    if (!got) co_return fail(got);
    if (*got == 0) co_return fail(ErrorKind::closed, "it ended");
    bytes.append(buffer, *got);
    if (bytes.size() >= sizeof size) std::memcpy(&size, bytes.data(), sizeof size);
    if (size > scan::report_limit) co_return fail(ErrorKind::invalid, "its answer is too large");
  }
  const auto content = std::string_view{bytes}.substr(sizeof size);
  if (question == cell::Question::preview) {
    auto preview = scan::read_preview(content);
    if (!preview) co_return fail(preview);
    co_return Answer{nullptr, std::make_shared<const scan::Preview>(std::move(*preview))};
  }
  auto report = scan::read_report(content);
  if (!report) co_return fail(report);
  co_return Answer{std::make_shared<const scan::ContentReport>(std::move(*report)), nullptr};
}

Task<ScannerPool::Outcome> ScannerPool::crashed(const std::string& digest, const Death& death) {
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
  co_return Outcome{{}, is_enough, death.why};
}

Task<ScannerPool::Outcome> ScannerPool::ask_about(Spawner& where, std::shared_ptr<const mail::Body> body,
                                                  cell::Question question) {
  auto* loop = dynamic_cast<net::Loop*>(&where);
  if (loop == nullptr || loop->index() >= places_.size()) co_return Outcome{{}, false, "no scanner runs here"};
  auto& place = *places_[loop->index()];
  auto sealed = cell::seal(*body);
  if (!sealed) co_return Outcome{{}, false, sealed.error().text};
  const auto known = co_await services_.marks.find("scan-crash:" + sealed->digest, services_.clock.now());
  if (known && known->value >= crashes_that_are_enough) {
    co_return Outcome{{}, true, "this content ended the scanner before"};
  }
  auto cell = co_await take(place);
  if (!cell) co_return Outcome{{}, false, "no scanner is free"};
  auto answer = co_await ask(*cell, question, sealed->file.get());
  if (answer) {
    (question == cell::Question::preview ? previewed_ : scanned_).add();
    give_back(place, std::move(cell));
    co_return Outcome{std::move(*answer), false, {}};
  }
  auto why = answer.error().kind == ErrorKind::timeout
                 ? fmt::format("no answer within {} s", std::chrono::duration<double>(options_.time_limit).count())
                 : answer.error().text;
  const Death death{std::move(why), cell->child.pid, cell->child.ended_by()};
  cell.reset();
  --place.running;
  wake_next(place);
  auto outcome = co_await crashed(sealed->digest, death);
  co_return outcome;
}

Task<judge::ContentScan> ScannerPool::scan(Spawner& where, std::shared_ptr<const mail::Body> body) {
  auto outcome = co_await ask_about(where, std::move(body), cell::Question::report);
  co_return judge::ContentScan{std::move(outcome.answer.report), outcome.crashed, std::move(outcome.why)};
}

Task<Result<std::shared_ptr<const scan::Preview>>> ScannerPool::preview(Spawner& where,
                                                                        std::shared_ptr<const mail::Body> body) {
  auto outcome = co_await ask_about(where, std::move(body), cell::Question::preview);
  if (outcome.answer.preview) co_return std::move(outcome.answer.preview);
  co_return fail(outcome.crashed ? ErrorKind::refused : ErrorKind::busy, std::move(outcome.why));
}

}  // namespace mailreeve::gateway
