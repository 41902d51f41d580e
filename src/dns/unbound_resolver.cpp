// SPDX-License-Identifier: Apache-2.0
// Resolver over libunbound's asynchronous interface: one thread waits for its answers and keeps the deadlines.
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "dns/cache.h"
#include "dns/resolver.h"
#include "dns/wire.h"

namespace mailreeve::dns {
namespace {

constexpr int class_in = 1;
constexpr int rcode_no_error = 0;
constexpr int rcode_no_name = 3;
// The keys that the root zone is signed with (IANA root-anchors: KSK-2017 and KSK-2024).
constexpr const char* root_keys[] = {
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"};
constexpr auto sweep = std::chrono::milliseconds{100};

class UnboundResolver final : public Resolver {
 public:
  static Result<std::unique_ptr<Resolver>> create(const Options& options, Logger& log) {
    auto resolver = std::make_unique<UnboundResolver>(options, log);
    auto ready = resolver->configure(options);
    if (!ready) return fail(ready);
    resolver->thread_ = std::thread{[raw = resolver.get()] { raw->serve(); }};
    return resolver;
  }

  UnboundResolver(const Options& options, Logger& log)
      : log_{log},
        timeout_{options.timeout},
        context_{ub_ctx_create()},
        wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}

  ~UnboundResolver() override {
    stopping_ = true;
    poke();
    if (thread_.joinable()) thread_.join();
    if (context_ != nullptr) ub_ctx_delete(context_);
    ::close(wake_);
  }

  Task<Shared> ask(std::string name, Type type) override {
    if (!write_name(name)) {
      static const auto none = std::make_shared<const RawAnswer>(RawAnswer{Status::no_name, false, {}, {}});
      co_return none;
    }
    auto answer = co_await wait_for<RawAnswer>(
        [this, name, type](Done<RawAnswer> done) { begin(name, static_cast<int>(type), done); });
    co_return std::make_shared<const RawAnswer>(std::move(answer));
  }

 private:
  struct Pending {
    Done<RawAnswer> done;
    int async_id = 0;
    SteadyTime deadline;
  };

  Result<void> configure(const Options& options) {
    if (context_ == nullptr) return fail(ErrorKind::io, "libunbound: cannot make a context");
    ub_ctx_async(context_, 1);
    ub_ctx_debuglevel(context_, 0);
    ub_ctx_hosts(context_, nullptr);
    // Built-in local zones would hide the reserved names that internal networks and tests use.
    ub_ctx_set_option(context_, "unblock-lan-zones:", "yes");
    ub_ctx_set_option(context_, "do-not-query-localhost:", "no");
    if (options.source == Options::Source::system) {
      const int error = ub_ctx_resolvconf(context_, nullptr);
      if (error != 0) log_.warning("dns", {{"error", "cannot read /etc/resolv.conf; resolving from the root"}});
    }
    for (const auto& server : options.servers) {
      const auto address = fmt::format("{}@{}", server.address.text(), server.port);
      const int error = ub_ctx_set_fwd(context_, address.c_str());
      if (error != 0) return fail(ErrorKind::invalid, fmt::format("DNS server {}: {}", address, ub_strerror(error)));
    }
    return trust(options);
  }

  // Forwarders that strip signatures would make everything bogus: only own recursion validates by itself.
  Result<void> trust(const Options& options) {
    int error = 0;
    if (!options.trust_anchor.empty()) {
      error = ub_ctx_add_ta_file(context_, options.trust_anchor.c_str());
    } else if (options.source == Options::Source::recursive) {
      for (const auto* key : root_keys) error = error != 0 ? error : ub_ctx_add_ta(context_, key);
    }
    if (error != 0) return fail(ErrorKind::invalid, fmt::format("DNSSEC trust anchor: {}", ub_strerror(error)));
    return {};
  }

  void begin(const std::string& name, int type, const Done<RawAnswer>& done) {
    std::lock_guard lock{mutex_};
    const auto key = ++last_key_;
    auto* request = requests_.emplace(key, std::make_unique<Request>(Request{this, key})).first->second.get();
    int async_id = 0;
    pending_[key] = {done, 0, std::chrono::steady_clock::now() + timeout_};
    const int error =
        ub_resolve_async(context_, name.c_str(), type, class_in, request, &UnboundResolver::on_answer, &async_id);
    if (error != 0) {
      requests_.erase(key);
      pending_.erase(key);
      done(RawAnswer{});
      return;
    }
    pending_[key].async_id = async_id;
    poke();
  }

  struct Request {
    UnboundResolver* resolver;
    std::uint64_t key;
  };

  static void on_answer(void* data, int error, ub_result* result) {
    const auto request = *static_cast<Request*>(data);
    RawAnswer answer;
    if (error == 0 && result != nullptr) {
      answer.secure = result->secure != 0;
      answer.ttl = std::chrono::seconds{std::max(result->ttl, 0)};
      if (result->bogus != 0) {
        answer.status = Status::bogus;  // such answers arrive with data: never use it
      } else if (result->rcode == rcode_no_name) {
        answer.status = Status::no_name;
      } else if (result->rcode == rcode_no_error) {
        answer.status = result->havedata != 0 ? Status::found : Status::no_data;
        for (std::size_t i = 0; result->havedata != 0 && result->data[i] != nullptr && i < record_limit; ++i) {
          answer.records.emplace_back(result->data[i], static_cast<std::size_t>(result->len[i]));
        }
      }
    }
    ub_resolve_free(result);
    request.resolver->finish(request.key, std::move(answer));
  }

  void finish(std::uint64_t key, RawAnswer answer) {
    Done<RawAnswer> done;
    {
      std::lock_guard lock{mutex_};
      requests_.erase(key);
      const auto found = pending_.find(key);
      if (found == pending_.end()) return;  // timed out before
      done = std::move(found->second.done);
      pending_.erase(found);
    }
    done(std::move(answer));
  }

  void serve() {
    pollfd waits[2] = {{ub_fd(context_), POLLIN, 0}, {wake_, POLLIN, 0}};
    while (!stopping_) {
      bool idle = false;
      {
        std::lock_guard lock{mutex_};
        idle = pending_.empty();
      }
      ::poll(waits, 2, idle ? -1 : static_cast<int>(sweep.count()));
      std::uint64_t drained = 0;
      if (::read(wake_, &drained, sizeof drained) < 0) drained = 0;
      ub_process(context_);
      expire();
    }
  }

  void expire() {
    const auto now = std::chrono::steady_clock::now();
    std::vector<Done<RawAnswer>> late;
    {
      std::lock_guard lock{mutex_};
      for (auto entry = pending_.begin(); entry != pending_.end();) {
        if (entry->second.deadline > now) {
          ++entry;
          continue;
        }
        // The query itself goes on inside libunbound and fills its cache.
        late.push_back(std::move(entry->second.done));
        entry = pending_.erase(entry);
      }
    }
    for (const auto& done : late) done(RawAnswer{Status::timeout, false, {}, {}});
  }

  void poke() const {
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) < 0) return;  // full means it is awake already
  }

  Logger& log_;
  std::chrono::seconds timeout_;
  ub_ctx* context_;
  int wake_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::uint64_t last_key_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Request>>
      requests_;  // what libunbound points at; outlives a Pending
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Resolver>> make_resolver(const Options& options, Logger& log) {
  static const SystemClock clock;
  if (!options.zone_file.empty()) return make_zone_resolver(options.zone_file);
  auto unbound = UnboundResolver::create(options, log);
  if (!unbound) return unbound;
  return make_cache(std::move(*unbound), CacheOptions{}, clock, log);
}

}  // namespace mailreeve::dns
