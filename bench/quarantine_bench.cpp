// SPDX-License-Identifier: Apache-2.0
// Fills a vault with synthetic mail and asks it what people ask; beside each question the same one as a plain LIKE over
// the same texts, which is what a quarantine without an index does.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/random.h"
#include "store/sqlite/database.h"
#include "store/sqlite/vault.h"

namespace {

using namespace mailreeve;
using namespace mailreeve::store;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t vocabulary = 60'000;

/// Words as often as in a language: the n-th as 1/n.
class Words {
 public:
  explicit Words(std::uint64_t seed) : engine_{seed} {
    double sum = 0;
    for (std::size_t i = 0; i < vocabulary; ++i) limits_.push_back(sum += 1.0 / static_cast<double>(i + 10));
  }
  std::string one() {
    const double at = std::uniform_real_distribution<double>{0, limits_.back()}(engine_);
    const auto index = std::ranges::lower_bound(limits_, at) - limits_.begin();
    return word(static_cast<std::size_t>(index));
  }
  static std::string word(std::size_t index) {
    constexpr std::string_view syllables[] = {"ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve"};
    std::string text;
    for (index += 12; index > 0; index /= 12) text += syllables[index % 12];
    return text;
  }
  std::string many(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += one() + ' ';
    return text;
  }
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(engine_); }

 private:
  std::mt19937_64 engine_;
  std::vector<double> limits_;
};

WallTime at(std::size_t number) { return from_millis(1'700'000'000'000 + static_cast<std::int64_t>(number) * 2'500); }

NewHeld make(Words& words, std::size_t number, Random& random) {
  NewHeld item;
  auto& m = item.message;
  m.id = MessageId::make(at(number), random);
  m.transaction = m.id;
  m.time = at(number);
  m.kind = words.below(5) == 0 ? HeldKind::refused : HeldKind::held;
  const auto sender = fmt::format("{}@{}.example", Words::word(words.below(40'000)), Words::word(words.below(9'000)));
  m.envelope.sender = mail::Mailbox::parse(sender).value();
  m.origin = {.client = *IpAddress::parse("192.0.2.7"), .helo = "client.example", .listener = "mx"};
  m.from = fmt::format("{} {} <{}>", words.one(), words.one(), sender);
  m.subject = words.many(6);
  m.policy = "balanced";
  m.decided_by = "score";
  m.why = "score 9.5 is 8.0 or more: policy balanced says quarantine";
  m.score = 9.5;
  for (const char* code :
       {"dnsbl.spamhaus", "spf.softfail", "bayes.spam", "url.list", "rdns.generic", "helo.generic"}) {
    if (words.below(3) == 0) m.findings.emplace_back(code);
  }
  HeldRecipient recipient;
  recipient.envelope.address = mail::Mailbox::parse(fmt::format("user{}@example.org", words.below(5'000))).value();
  recipient.destination = "example.org";
  m.recipients.push_back(std::move(recipient));
  item.text = words.many(80);
  item.body = std::make_shared<mail::MemoryBody>("Subject: " + m.subject + "\r\n\r\n" + item.text + "\r\n");
  return item;
}

Task<void> keep_some(Vault& vault, Words& words, Random& random, std::size_t& next, std::size_t count) {
  while (next < count) {
    auto item = make(words, next++, random);
    const auto kept = co_await vault.keep(std::move(item));
    if (!kept) {
      fmt::print(stderr, "{}\n", kept.error().text);
      std::exit(1);
    }
  }
}

Task<void> ask(Vault& vault, HeldFilter filter, std::size_t& found) {
  const auto answer = co_await vault.search(std::move(filter));
  if (!answer) {
    fmt::print(stderr, "{}\n", answer.error().text);
    std::exit(1);
  }
  found = answer->size();
}

void finish(boost::asio::io_context& context) {
  context.run();
  context.restart();
}

/// The same by reading every text.
double scan(const std::string& path, const std::string& like) {
  sqlite::Database database{path, {}, sqlite::Database::Access::read};
  const auto began = std::chrono::steady_clock::now();
  sqlite::Statement rows{
      database,
      "SELECT key FROM held_text WHERE body LIKE ?1 OR subject LIKE ?1 OR people LIKE ?1 OR recipients "
      "LIKE ?1 ORDER BY key DESC LIMIT 50"};
  rows.bind_text(1, like);
  while (rows.row()) {
  }
  return Seconds(std::chrono::steady_clock::now() - began).count();
}

struct Question {
  const char* what;
  HeldFilter filter;
  std::string like;  // empty: no such question without an index
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const std::string folder = argc > 2 ? argv[2] : fmt::format("/tmp/quarantine-bench-{}", ::getpid());
  const auto path = folder + "/quarantine.db";
  const bool is_new = !std::filesystem::exists(path);
  std::filesystem::create_directories(folder);
  const auto log = make_silent_logger();
  Metrics metrics;
  auto opened = sqlite::open_vault({.path = path, .min_free_bytes = 0}, *log, metrics);
  if (!opened) {
    fmt::print(stderr, "{}\n", opened.error().text);
    return 1;
  }
  auto& vault = **opened;
  boost::asio::io_context context;
  Words words{1};
  SystemRandom random;
  if (is_new) {
    const auto began = std::chrono::steady_clock::now();
    std::size_t next = 0;
    for (int i = 0; i < 128; ++i) {
      boost::asio::co_spawn(context, keep_some(vault, words, random, next, count), boost::asio::detached);
    }
    finish(context);
    const auto took = Seconds(std::chrono::steady_clock::now() - began).count();
    fmt::print("kept {} messages in {:.0f} s: {:.0f}/s, {:.0f} octets each on disk\n", count, took,
               static_cast<double>(count) / took,
               static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(count));
  }
  const auto common = Words::word(0);
  const auto second = Words::word(1);
  const auto rare = Words::word(vocabulary - 7);
  const std::vector<HeldState> open{HeldState::waiting, HeldState::asked};
  const Question questions[] = {
      {"newest", {.states = open, .limit = 50}, {}},
      {"the commonest word", {.text = common, .states = open, .limit = 50}, "%" + common + "%"},
      {"two common words", {.text = common + " " + second, .states = open, .limit = 50}, {}},
      {"a rare word", {.text = rare, .states = open, .limit = 50}, "%" + rare + "%"},
      {"the beginning of a word", {.text = common.substr(0, 3), .states = open, .limit = 50}, {}},
      {"a word that is nowhere", {.text = "xyzzy", .states = open, .limit = 50}, "%xyzzy%"},
      {"a phrase", {.text = fmt::format("\"{} {}\"", common, second), .states = open, .limit = 50}, {}},
      {"a sender", {.sender = "babade@", .states = open, .limit = 50}, {}},
      {"a recipient's own", {.recipient = "user77@example.org", .states = open, .limit = 50}, "%user77@example.org%"},
      {"a recipient and a word", {.text = common, .recipient = "user77@example.org", .states = open, .limit = 50}, {}},
      {"subject", {.subject = common + " " + second, .states = open, .limit = 50}, {}},
      {"a finding", {.finding = "bayes.spam", .states = open, .limit = 50}, {}},
      {"a finding and a common word", {.text = common, .finding = "dnsbl", .states = open, .limit = 50}, {}},
      {"copies of refused mail", {.kind = HeldKind::refused, .states = open, .limit = 50}, {}},
      {"a word in old mail",
       {.text = common, .states = open, .since = at(count / 10), .until = at(count / 10 + 1000), .limit = 50},
       {}},
      {"what recipients ask for, with a word", {.text = common, .states = {HeldState::asked}, .limit = 50}, {}},
      {"what recipients ask for", {.states = {HeldState::asked}, .limit = 50}, {}},
      {"released ones with a word", {.text = common, .states = {HeldState::released}, .limit = 50}, {}},
  };
  fmt::print("{:<40} {:>6} {:>10} {:>10} {:>10}\n", "question", "found", "first ms", "worst ms", "LIKE ms");
  for (const auto& question : questions) {
    double first = 0;
    double worst = 0;
    std::size_t found = 0;
    for (int i = 0; i < 10; ++i) {
      const auto began = std::chrono::steady_clock::now();
      boost::asio::co_spawn(context, ask(vault, question.filter, found), boost::asio::detached);
      finish(context);
      const auto took = Seconds(std::chrono::steady_clock::now() - began).count() * 1000;
      if (i == 0) first = took;
      worst = std::max(worst, took);
    }
    const auto like =
        question.like.empty() ? std::string{"-"} : fmt::format("{:.0f}", scan(path, question.like) * 1000);
    fmt::print("{:<40} {:>6} {:>10.1f} {:>10.1f} {:>10}\n", question.what, found, first, worst, like);
  }
  opened->reset();
  if (argc <= 2) std::filesystem::remove_all(folder);
  return 0;
}
