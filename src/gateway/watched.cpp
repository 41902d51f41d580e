// SPDX-License-Identifier: Apache-2.0
#include "gateway/watched.h"

#include <fmt/format.h>

#include <atomic>

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;

constexpr unsigned failures_in_a_row = 10;
constexpr auto silence = 30s;

class WatchedResolver final : public dns::Resolver {
 public:
  WatchedResolver(std::unique_ptr<dns::Resolver> inner, HealthItem& item, const Clock& clock)
      : inner_{std::move(inner)}, item_{item}, clock_{clock}, last_answer_{clock.steady()} {}

  Task<dns::Shared> ask(std::string name, dns::Type type) override {
    auto answer = co_await inner_->ask(std::move(name), type);
    // What DNSSEC refuses came from somebody who answered.
    if (!dns::is_failure(answer->status) || answer->status == dns::Status::bogus) {
      failures_.store(0, std::memory_order_relaxed);
      last_answer_.store(clock_.steady(), std::memory_order_relaxed);
      item_.works();
    } else {
      const auto failures = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
      if (failures >= failures_in_a_row && clock_.steady() - last_answer_.load(std::memory_order_relaxed) > silence) {
        item_.fails(fmt::format("the last {} look-ups had no answer: is the resolver reachable?", failures));
      }
    }
    co_return answer;
  }

 private:
  std::unique_ptr<dns::Resolver> inner_;
  HealthItem& item_;
  const Clock& clock_;
  std::atomic<unsigned> failures_{0};
  std::atomic<SteadyTime> last_answer_;
};

class WatchedScanner final : public judge::VirusScanner {
 public:
  WatchedScanner(std::unique_ptr<judge::VirusScanner> inner, HealthRegistry& registry)
      : inner_{std::move(inner)}, registry_{registry} {}

  Task<judge::VirusAnswer> look(Spawner& where, judge::VirusEngineAddress engine,
                                std::shared_ptr<const mail::Body> body, std::chrono::milliseconds time_limit) override {
    auto& item = registry_.item(engine.text);
    auto answer = co_await inner_->look(where, std::move(engine), std::move(body), time_limit);
    if (answer.kind == judge::VirusAnswer::Kind::unknown) {
      item.fails(answer.why);
    } else {
      item.works();
    }
    co_return answer;
  }

 private:
  std::unique_ptr<judge::VirusScanner> inner_;
  HealthRegistry& registry_;
};

class WatchedEngines final : public judge::SpamEngines {
 public:
  WatchedEngines(std::unique_ptr<judge::SpamEngines> inner, HealthRegistry& registry)
      : inner_{std::move(inner)}, registry_{registry} {}

  Task<judge::SpamAnswer> ask(Spawner& where, judge::SpamProtocol protocol, judge::SpamEngineOptions engine,
                              judge::SpamQuestion question) override {
    auto& item =
        registry_.item(fmt::format("{} {}", protocol == judge::SpamProtocol::rspamd ? "rspamd" : "spamd", engine.text));
    auto answer = co_await inner_->ask(where, protocol, std::move(engine), std::move(question));
    if (answer.is_known) {
      item.works();
    } else {
      item.fails(answer.why, HealthState::warning);  // mail is judged without it
    }
    co_return answer;
  }

 private:
  std::unique_ptr<judge::SpamEngines> inner_;
  HealthRegistry& registry_;
};

class WatchedContent final : public judge::ContentScanner {
 public:
  WatchedContent(judge::ContentScanner& inner, HealthItem& item) : inner_{inner}, item_{item} {}

  Task<judge::ContentScan> scan(Spawner& where, std::shared_ptr<const mail::Body> body) override {
    auto answer = co_await inner_.scan(where, std::move(body));
    if (answer.report) {
      item_.works();
    } else if (!answer.crashes) {
      item_.fails(answer.why, HealthState::warning);
    }
    co_return answer;
  }

 private:
  judge::ContentScanner& inner_;
  HealthItem& item_;
};

}  // namespace

std::unique_ptr<judge::ContentScanner> watch(judge::ContentScanner& scanner, HealthItem& item) {
  return std::make_unique<WatchedContent>(scanner, item);
}

std::unique_ptr<dns::Resolver> watch(std::unique_ptr<dns::Resolver> resolver, HealthItem& item, const Clock& clock) {
  return std::make_unique<WatchedResolver>(std::move(resolver), item, clock);
}

std::unique_ptr<judge::VirusScanner> watch(std::unique_ptr<judge::VirusScanner> scanner, HealthRegistry& registry) {
  return std::make_unique<WatchedScanner>(std::move(scanner), registry);
}

std::unique_ptr<judge::SpamEngines> watch(std::unique_ptr<judge::SpamEngines> engines, HealthRegistry& registry) {
  return std::make_unique<WatchedEngines>(std::move(engines), registry);
}

}  // namespace mailreeve::gateway
