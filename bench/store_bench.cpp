// SPDX-License-Identifier: Apache-2.0
// How many messages a second the queue accepts durably, and what one costs: store_bench FOLDER [SECONDS] [IN FLIGHT]
// First accepting alone, then accepting with an owner and reporting the delivery, as a busy gateway does.
#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/sqlite/queue.h"

namespace {

using namespace mailreeve;
using Steady = std::chrono::steady_clock;

struct Load {
  store::Queue& queue;
  std::shared_ptr<const mail::Body> body;
  bool deliver;
  Steady::time_point end;
  Random& random;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
};

store::NewMessage make_message(const Load& load) {
  static const auto sender = mail::Mailbox::parse("sender@example.net").value();
  static const auto recipient = mail::Mailbox::parse("recipient@example.org").value();
  const auto now = SystemClock{}.now();
  store::NewMessage message;
  message.message.id = MessageId::make(now, load.random);
  message.message.envelope.sender = sender;
  message.message.origin = {.client = IpAddress::v4(0x7f000001), .helo = "client.example.net", .listener = "mx"};
  message.message.accepted = now;
  store::QueuedRecipient to;
  to.envelope.address = recipient;
  to.destination = "example.org";
  to.due = now;
  if (load.deliver) to.owner = "bench/1";
  message.message.recipients.push_back(std::move(to));
  message.lease_until = now + std::chrono::minutes{10};
  message.body = load.body;
  return message;
}

Task<> session(Load& load) {
  while (Steady::now() < load.end) {
    auto message = make_message(load);
    const auto id = message.message.id;
    auto accepted = co_await load.queue.accept(std::move(message));
    if (!accepted) ++load.failed;
    if (accepted && load.deliver) {
      std::vector<store::Change> changes(1);
      changes[0].id = id;
      changes[0].state = store::RecipientState::delivered;
      auto recorded = co_await load.queue.record("bench/1", std::move(changes));
      if (!recorded) ++load.failed;
    }
    ++load.done;
  }
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run(const std::string& folder, std::size_t size, bool deliver, double seconds, int in_flight) {
  std::filesystem::remove_all(folder + "/store_bench");
  std::filesystem::create_directories(folder + "/store_bench");
  const auto log = make_silent_logger();
  Metrics metrics;
  SystemRandom random;
  auto queue =
      store::sqlite::open_queue({.path = folder + "/store_bench/queue.db", .vfs = {}, .node = "bench"}, *log, metrics);
  if (!queue) {
    fmt::print(stderr, "{}\n", queue.error().text);
    std::exit(1);
  }
  const auto began = Steady::now();
  const auto cpu = cpu_seconds();
  Load load{.queue = **queue,
            .body = std::make_shared<mail::MemoryBody>(std::string(size, 'x')),
            .deliver = deliver,
            .end = began + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds)),
            .random = random};
  boost::asio::io_context context{1};
  for (int i = 0; i < in_flight; ++i) boost::asio::co_spawn(context, session(load), boost::asio::detached);
  context.run();
  const double took = std::chrono::duration<double>(Steady::now() - began).count();
  const auto done = static_cast<double>(load.done);
  fmt::print("{:>6} octets, {} in flight, {:<18} {:>8.0f} messages/s  {:>6.1f} us CPU a message  {} failed\n", size,
             in_flight, deliver ? "accept and report:" : "accept:", done / took, (cpu_seconds() - cpu) / done * 1e6,
             load.failed);
  queue->reset();
  std::filesystem::remove_all(folder + "/store_bench");
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: store_bench FOLDER [SECONDS] [IN FLIGHT]\n");
    return 2;
  }
  const double seconds = count > 2 ? std::atof(arguments[2]) : 5;
  const int in_flight = count > 3 ? std::atoi(arguments[3]) : 64;
  for (const bool deliver : {false, true}) {
    for (const std::size_t size : {std::size_t{4096}, std::size_t{50} * 1024}) {
      run(arguments[1], size, deliver, seconds, in_flight);
    }
  }
}
