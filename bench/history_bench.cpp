// SPDX-License-Identifier: Apache-2.0
// How fast history is written and searched: history_bench FOLDER [RECORDS]
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/sqlite/history.h"

namespace {

using namespace mailreeve;
using Steady = std::chrono::steady_clock;

template <class T>
T run(Task<T> task) {
  boost::asio::io_context context;
  std::optional<T> value;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T result) {
    if (error) std::rethrow_exception(error);
    value.emplace(std::move(result));
  });
  context.run();
  return std::move(*value);
}

Task<int> flush(store::History& history) {
  co_await history.flush();
  co_return 0;
}

std::string word(Random& random, std::uint64_t many) {
  auto number = random.next() % many * 0x9e3779b97f4a7c15ULL;
  std::string out;
  for (int i = 0; i < 7; ++i, number >>= 8) out += static_cast<char>('a' + number % 26);
  return out;
}

store::HistoryRecord make_record(Random& random, WallTime time) {
  static const char* const codes[] = {"spf.pass",      "spf.fail",      "rdns.none",    "dkim.pass",
                                      "dmarc.pass",    "bayes.ham",     "bayes.spam",   "dnsbl.listed",
                                      "html.hidden",   "url.lookalike", "helo.generic", "list.unsubscribe",
                                      "bayes.neutral", "language.none"};
  static const char* const verdicts[] = {"accept", "accept", "accept", "reject", "reject", "tag", "greylist", "abort"};
  store::HistoryRecord record;
  record.id = MessageId::make(time, random);
  record.time = time;
  record.client = IpAddress::v4(static_cast<std::uint32_t>(random.next()));
  record.helo = fmt::format("mail.{}.example", word(random, 50'000));
  record.listener = "mx";
  record.sender = fmt::format("{}@{}.example", word(random, 200'000), word(random, 50'000));
  record.recipients = {word(random, 300) + "@example.org"};
  record.verdict = verdicts[random.next() % std::size(verdicts)];
  record.reply = fmt::format("250 2.0.0 accepted as {}", record.id.text());
  record.decided_by = "score";
  for (int i = 0; i < 6; ++i) record.findings.emplace_back(codes[random.next() % std::size(codes)]);
  record.make_detail = [] { return std::string(2000, 'x'); };
  return record;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const auto records = count > 2 ? std::atoi(arguments[2]) : 1'000'000;
  const auto log = make_silent_logger();
  Metrics metrics;
  SeededRandom random{7};
  const std::filesystem::path folder{arguments[1]};
  std::filesystem::create_directories(folder);
  auto opened = store::sqlite::open_history((folder / "archive.db").string(), *log, metrics);
  if (!opened) {
    fmt::print("{}\n", opened.error().text);
    return 1;
  }
  auto& history = **opened;
  const auto now = SystemClock{}.now();
  const auto millis = [](Steady::time_point began) {
    return std::chrono::duration<double, std::milli>(Steady::now() - began).count();
  };
  auto began = Steady::now();
  MessageId last;
  for (int i = 0; i < records; ++i) {
    auto record = make_record(random, now - std::chrono::seconds{(records - i) * 2});
    last = record.id;
    store::Delivery delivery{record.id, record.time, record.recipients.front(), "delivered", "250 2.0.0 ok"};
    history.post(std::move(record));
    history.post(std::move(delivery));
    if (i % 5000 == 0) run(flush(history));
  }
  run(flush(history));
  fmt::print("written: {:.0f} records with a delivery a second\n", records / (millis(began) / 1000));
  const auto ask = [&](std::string_view what, const store::HistoryFilter& filter) {
    began = Steady::now();
    const auto found = run(history.search(filter));
    fmt::print("{:40} {:4} found {:8.1f} ms\n", what, found ? found->size() : 0, millis(began));
  };
  for (const auto* text : {"example.org", "exa", "e", "bayes.spam", "zzzzzz", "mail url.lookalike", "198.51", "2"}) {
    ask(fmt::format("text={}", text), {.text = text});
  }
  const auto rare = word(random, 200'000);
  ask("text=" + rare, {.text = rare});
  ask("text=" + last.text(), {.text = last.text()});
  ask("text=example.org verdict=defer", {.text = "example.org", .verdict = "defer"});
  ask("text=example.org verdict=tag finding=spf.fail",
      {.text = "example.org", .verdict = "tag", .finding = "spf.fail"});
  ask("text=mail, a day in the middle", {.text = "mail",
                                         .since = now - std::chrono::seconds{records},
                                         .until = now - std::chrono::seconds{records} + std::chrono::hours{24}});
  ask("finding=bayes.spam", {.finding = "bayes.spam"});
  ask("from=(rare)", {.from = rare});
  began = Steady::now();
  const auto counts = run(history.verdicts(now - std::chrono::hours{24 * 7}, std::chrono::hours{1}));
  const auto findings = run(history.findings(now - std::chrono::hours{24 * 7}));
  fmt::print("{:40} {:4} found {:8.1f} ms\n", "counts of 7 days", counts->size() + findings->size(), millis(began));
  began = Steady::now();
  const auto gone = run(history.expire(now - std::chrono::seconds{records} * 2 + std::chrono::seconds{records / 10}));
  fmt::print("expired: {} in {:.0f} ms\n", gone ? *gone : 0, millis(began));
}
