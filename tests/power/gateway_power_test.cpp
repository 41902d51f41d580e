// SPDX-License-Identifier: Apache-2.0
// A whole gateway on a disk that fails: at each storage call of accepting, delivering and giving up, the power goes, or
// one call, or every call from then on, answers EIO or ENOSPC. The client's ledger says what was promised by a 250; the
// outside's ledger and the queue that the next machine finds must hold it, to the octet. Our own trouble is never 5xx.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "store/sqlite/queue.h"
#include "support/gateway_fixture.h"
#include "support/simulated_disk.h"
#include "support/talker.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;
using support::always;
using support::GatewayFixture;
using support::GatewaySettings;
using support::Outside;
using support::SimulatedDisk;
using support::Talker;
using Outcome = delivery::RecipientResult::Outcome;

enum class Path { queue_and_deliver, queue_and_defer, hand_over, hand_over_deferred, expire };
enum class Fault { power, eio_once, eio_forever, enospc_once, enospc_forever };

struct Case {
  Path path;
  Fault fault;
};

void PrintTo(const Case& value, std::ostream* out) {
  *out << "path " << static_cast<int>(value.path) << ", fault " << static_cast<int>(value.fault);
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  constexpr const char* paths[] = {"QueueAndDeliver", "QueueAndDefer", "HandOver", "HandOverDeferred", "Expire"};
  constexpr const char* faults[] = {"PowerCut", "EioOnce", "EioForever", "EnospcOnce", "EnospcForever"};
  return std::string{paths[static_cast<int>(info.param.path)]} + faults[static_cast<int>(info.param.fault)];
}

bool thorough() { return std::getenv("MAILREEVE_ALL") != nullptr; }

/// One message: its own mark in the subject tells it apart wherever it turns up.
struct Sent {
  std::string mark;
  std::string text;
  std::string reply;
};

class GatewayPowerTest : public testing::TestWithParam<Case> {
 protected:
  static store::sqlite::QueueOptions queue_options(const SimulatedDisk& disk) {
    return {.path = "/disk/queue.db", .vfs = disk.vfs_name(), .node = "test", .min_free_bytes = 0};
  }

  static GatewaySettings settings() {
    GatewaySettings settings;
    const bool first = GetParam().path == Path::hand_over || GetParam().path == Path::hand_over_deferred;
    settings.handover = first ? delivery::Handover::before_accept : delivery::Handover::queue;
    settings.limits.memory_body = 2000;  // so that the larger messages go through a temporary file
    settings.data_dir = "/disk";
    if (GetParam().path == Path::expire) {
      settings.delivery.give_up = 0s;
      settings.delivery.retry = {1s};
    }
    return settings;
  }

  static void arm(SimulatedDisk& disk, std::uint64_t k) {
    using How = SimulatedDisk::How;
    disk.reset_calls();
    switch (GetParam().fault) {
      case Fault::power:
        disk.cut_at_call(k);
        break;
      case Fault::eio_once:
        disk.fail_call(k, EIO, How::once);
        break;
      case Fault::eio_forever:
        disk.fail_call(k, EIO, How::forever);
        break;
      case Fault::enospc_once:
        disk.fail_call(k, ENOSPC, How::once);
        break;
      case Fault::enospc_forever:
        disk.fail_call(k, ENOSPC, How::forever);
        break;
    }
  }

  static std::vector<Sent> say_everything(const net::Endpoint& to) {
    std::vector<Sent> ledger;
    Talker talker{to};
    talker.reply();
    talker.ask("EHLO client.example.com");
    std::size_t number = 0;
    for (const std::size_t lines : {3U, 200U, 1U, 9000U}) {
      Sent sent;
      sent.mark = "mark-" + std::to_string(number++);
      sent.text = "Subject: " + sent.mark + "\r\n\r\n";
      for (std::size_t i = 0; i < lines; ++i) sent.text += "line " + std::to_string(i) + " of the message\r\n";
      sent.reply = talker.mail("a@sender.example", "user@example.org", sent.text);
      ledger.push_back(std::move(sent));
    }
    talker.ask("QUIT");
    return ledger;
  }

  static void settle(const GatewayFixture& gateway, const SimulatedDisk& disk, const std::vector<Sent>& ledger) {
    const auto promised = static_cast<std::size_t>(
        std::ranges::count_if(ledger, [](const Sent& sent) { return sent.reply.starts_with("250"); }));
    auto& fixture = const_cast<GatewayFixture&>(gateway);
    const auto began = std::chrono::steady_clock::now();
    // A disk that failed may keep deliveries from ever being recorded: then a moment must do.
    const auto patience = [&] {
      return disk.has_failed() ? std::chrono::milliseconds{30} : std::chrono::milliseconds{5000};
    };
    const auto busy = [&] { return fixture.outside().attempts() < promised || fixture.runner().running() > 0; };
    while (busy() && std::chrono::steady_clock::now() - began < patience()) std::this_thread::sleep_for(1ms);
  }

  /// What the next machine finds in the queue: mark -> body.
  std::multimap<std::string, std::string> found_after(SimulatedDisk& disk) {
    std::multimap<std::string, std::string> found;
    auto queue = store::sqlite::open_queue(queue_options(disk), *log_, metrics_);
    if (!queue) {
      ADD_FAILURE() << "the queue does not open after the fault: " << queue.error().text;
      return found;
    }
    const auto loops = net::make_loops(1, *log_);
    struct Reader {
      static Task<void> read(store::Queue& from, std::multimap<std::string, std::string>& to, net::LoopGroup& loops) {
        const auto messages = co_await from.list(
            {.state = {}, .destination = {}, .sender = {}, .recipient = {}, .limit = 1000, .after = {}});
        for (const auto& message : messages.value_or(std::vector<store::QueuedMessage>{})) {
          const auto body = co_await from.body(message.id);
          std::string whole = "unreadable";
          if (body) {
            auto text = mail::read_whole(**body, 10'000'000);
            if (text) whole = std::move(*text);
          }
          const auto at = whole.find("Subject: mark-");
          const auto mark = at == std::string::npos ? "none" : whole.substr(at + 9, whole.find('\r', at) - at - 9);
          to.emplace(mark, whole);
        }
        loops.stop();
      }
    };
    loops->at(0).spawn("read", Reader::read(**queue, found, *loops));
    loops->run();
    queue->reset();
    return found;
  }

  void check(const std::vector<Sent>& ledger, const std::vector<Outside::Delivery>& outside,
             const std::multimap<std::string, std::string>& queue, std::uint64_t k) {
    for (const auto& sent : ledger) {
      EXPECT_FALSE(sent.reply.starts_with("5")) << "k=" << k << " our trouble told as theirs: " << sent.reply;
      bool there = false;
      for (const auto& delivery : outside) {
        if (delivery.body.find("Subject: " + sent.mark + "\r\n") == std::string::npos) continue;
        there = true;
        EXPECT_TRUE(delivery.body.ends_with(sent.text)) << "k=" << k << " altered: " << sent.mark;
      }
      const auto [first, last] = queue.equal_range(sent.mark);
      EXPECT_LE(std::distance(first, last), 1) << "k=" << k << " twice in the queue: " << sent.mark;
      for (auto entry = first; entry != last; ++entry) {
        there = true;
        EXPECT_TRUE(entry->second.ends_with(sent.text)) << "k=" << k << " altered in the queue: " << sent.mark;
      }
      if (sent.reply.starts_with("250")) EXPECT_TRUE(there) << "k=" << k << " LOST: " << sent.mark << " " << sent.reply;
    }
    EXPECT_EQ(queue.count("none"), 0U) << "k=" << k << " something half-stored is visible";
  }

  /// One life with a fault at the k-th call. Answers whether the fault came at all.
  bool live(std::uint64_t k, std::uint64_t seed) {
    SimulatedDisk disk;
    EXPECT_TRUE(disk.make_directories("/disk"));
    auto queue = store::sqlite::open_queue(queue_options(disk), *log_, metrics_);
    EXPECT_TRUE(queue);
    if (!queue) return false;
    std::vector<Sent> ledger;
    std::vector<Outside::Delivery> outside;
    {
      GatewayFixture gateway{std::move(*queue), disk, settings()};
      const auto path = GetParam().path;
      if (path == Path::queue_and_defer || path == Path::hand_over_deferred || path == Path::expire) {
        gateway.outside().set_answer(always(Outcome::temporary, smtp::Reply{451, "4.4.1", "not now"}));
      }
      arm(disk, k);
      ledger = say_everything(gateway.endpoint());
      settle(gateway, disk, ledger);
      gateway.stop();
      outside = gateway.outside().deliveries();
    }
    const bool failed = disk.has_failed();
    disk.stop_failing();
    if (GetParam().fault == Fault::power) disk.power_cut(k * 7919 + seed);
    check(ledger, outside, found_after(disk), k);
    return failed;
  }

  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
};

TEST_P(GatewayPowerTest, NothingPromisedIsLost) {
  constexpr std::uint64_t endless = 100'000;
  // What a cut leaves of unsynced writes depends on the seed; failing calls leave nothing to chance.
  const std::uint64_t seeds = thorough() && GetParam().fault == Fault::power ? 10 : 1;
  for (std::uint64_t k = 1; k < endless; ++k) {
    bool failed = false;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) failed = live(k, seed);
    if (HasFailure()) return;
    if (!failed) {
      EXPECT_GT(k, 5U) << "the faults never met a storage call: this test tests nothing";
      return;
    }
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto path : {Path::queue_and_deliver, Path::queue_and_defer, Path::hand_over_deferred, Path::expire}) {
    for (const auto fault :
         {Fault::power, Fault::eio_once, Fault::eio_forever, Fault::enospc_once, Fault::enospc_forever}) {
      cases.push_back({path, fault});
    }
  }
  // Handing over first touches the disk for large messages alone, and there nothing may be told wrong either.
  cases.push_back({Path::hand_over, Fault::eio_once});
  cases.push_back({Path::hand_over, Fault::enospc_forever});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Every, GatewayPowerTest, testing::ValuesIn(all_cases()), name_of);

}  // namespace
}  // namespace mailreeve::gateway
