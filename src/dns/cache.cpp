// SPDX-License-Identifier: Apache-2.0
#include "dns/cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

namespace mailreeve::dns {
namespace {

constexpr std::size_t shards = 16;
constexpr auto probe_every = std::chrono::seconds{1};

std::string key_of(std::string_view name, Type type) {
  std::string key;
  key.reserve(name.size() + 2);
  for (const char c : name) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (key.ends_with('.')) key.pop_back();
  key += static_cast<char>(static_cast<std::uint16_t>(type) >> 8);
  key += static_cast<char>(static_cast<std::uint16_t>(type) & 255);
  return key;
}

class Cache final : public Resolver {
 public:
  Cache(std::unique_ptr<Resolver> inner, CacheOptions options, const Clock& clock, Logger& log)
      : inner_{std::move(inner)}, options_{options}, clock_{clock}, log_{log} {}

  Task<Shared> ask(std::string name, Type type) override {
    const auto key = key_of(name, type);
    auto& shard = shards_[std::hash<std::string>{}(key) % shards];
    const auto now = clock_.steady();
    while (true) {
      bool first = false;
      {
        std::lock_guard lock{shard.mutex};
        const auto found = shard.entries.find(key);
        if (found != shard.entries.end() && found->second.expires > now) {
          auto answer = found->second.answer;
          co_return answer;
        }
        if (is_down(now) && !shard.waiting.contains(key) && !may_probe(now)) co_return failed();
        first = shard.waiting.try_emplace(key).second;
      }
      if (first) break;
      auto joined = co_await wait_for<Shared>([&shard, key](Done<Shared> done) { join(shard, key, std::move(done)); });
      // Nothing: it was answered between our look and the join, and dropped again already.
      if (joined) co_return joined;
    }
    Shared answer;
    try {
      answer = co_await inner_->ask(std::move(name), type);
    } catch (...) {
      release(shard, key, failed());
      throw;
    }
    note(answer->status);
    keep(shard, key, answer);
    co_return answer;
  }

 private:
  struct Entry {
    Shared answer;
    SteadyTime expires;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Entry> entries;
    std::unordered_map<std::string, std::vector<Done<Shared>>> waiting;  // questions on their way
  };

  static Shared failed() {
    static const auto answer = std::make_shared<const RawAnswer>(RawAnswer{Status::timeout, false, {}, {}});
    return answer;
  }

  std::chrono::seconds lifetime(const RawAnswer& answer) const {
    if (is_failure(answer.status)) return options_.failure;
    const auto most = answer.status == Status::found ? options_.most : options_.most_negative;
    return std::clamp(answer.ttl, options_.least, most);
  }

  static void join(Shard& shard, const std::string& key, Done<Shared> done) {
    std::unique_lock lock{shard.mutex};
    const auto waiting = shard.waiting.find(key);
    if (waiting != shard.waiting.end()) {
      waiting->second.push_back(std::move(done));
      return;
    }
    const auto found = shard.entries.find(key);
    auto answer = found == shard.entries.end() ? nullptr : found->second.answer;
    lock.unlock();
    done(std::move(answer));
  }

  void keep(Shard& shard, const std::string& key, const Shared& answer) {
    {
      std::lock_guard lock{shard.mutex};
      const auto now = clock_.steady();
      if (shard.entries.size() >= options_.entries / shards) make_room(shard, now);
      shard.entries[key] = {answer, now + lifetime(*answer)};
    }
    release(shard, key, answer);
  }

  /// Whoever joined the question goes on.
  static void release(Shard& shard, const std::string& key, const Shared& answer) {
    std::vector<Done<Shared>> joined;
    {
      std::lock_guard lock{shard.mutex};
      const auto waiting = shard.waiting.find(key);
      if (waiting == shard.waiting.end()) return;
      joined = std::move(waiting->second);
      shard.waiting.erase(waiting);
    }
    for (const auto& done : joined) done(answer);
  }

  // Expired ones go; when that frees too little, whatever comes first. Rare, and costs a few milliseconds then.
  void make_room(Shard& shard, SteadyTime now) {
    std::erase_if(shard.entries, [&](const auto& entry) { return entry.second.expires <= now; });
    const auto keep = options_.entries / shards * 3 / 4;
    while (shard.entries.size() > keep) shard.entries.erase(shard.entries.begin());
  }

  bool is_down(SteadyTime now) {
    if (!down_) {
      const auto since = SteadyTime{SteadyTime::duration{failing_since_.load()}};
      if (failures_ < options_.down_count || now - since < options_.down_after) return false;
      if (!down_.exchange(true)) {
        next_probe_ = now.time_since_epoch().count();
        log_.error("dns.down", {{"error", "no DNS server answers: checks that need DNS find nothing until one does"},
                                {"advice", "see [dns] resolver, and whether the server named there runs"}});
      }
    }
    return true;
  }

  bool may_probe(SteadyTime now) {
    auto next = next_probe_.load();
    if (now.time_since_epoch().count() < next) return false;
    return next_probe_.compare_exchange_strong(next, (now + probe_every).time_since_epoch().count());
  }

  // A server that says SERVFAIL is there: only silence counts.
  void note(Status status) {
    if (status == Status::timeout) {
      if (failures_++ == 0) failing_since_ = clock_.steady().time_since_epoch().count();
      return;
    }
    failures_ = 0;
    if (down_.exchange(false)) log_.info("dns.up", {{"status", "DNS answers again"}});
  }

  std::unique_ptr<Resolver> inner_;
  CacheOptions options_;
  const Clock& clock_;
  Logger& log_;
  std::array<Shard, shards> shards_;
  std::atomic<unsigned> failures_{0};
  std::atomic<SteadyTime::rep> failing_since_{0};
  std::atomic<bool> down_{false};
  std::atomic<SteadyTime::rep> next_probe_{0};
};

}  // namespace

std::unique_ptr<Resolver> make_cache(std::unique_ptr<Resolver> inner, CacheOptions options, const Clock& clock,
                                     Logger& log) {
  return std::make_unique<Cache>(std::move(inner), options, clock, log);
}

}  // namespace mailreeve::dns
