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
#include "dns/resolver.h"
#include "dns/wire.h"

namespace mailreeve::dns {
namespace {

constexpr int type_a = 1;
constexpr int type_mx = 15;
constexpr int type_aaaa = 28;
constexpr int class_in = 1;
constexpr int rcode_no_error = 0;
constexpr int rcode_no_name = 3;
constexpr std::size_t record_limit = 64;  // records of one answer that are looked at: the other side chooses how many
constexpr auto sweep = std::chrono::milliseconds{100};

struct RawAnswer {
  Status status = Status::servfail;
  bool secure = false;
  std::vector<std::string> records;  // rdata
};

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

  Task<Answer<MailExchanger>> mail_exchangers(std::string domain) override {
    const auto raw = co_await ask(std::move(domain), type_mx);
    Answer<MailExchanger> answer{raw.status, {}, raw.secure};
    for (const auto& record : raw.records) {
      auto exchanger = read_mail_exchanger(record);
      if (exchanger) answer.records.push_back(std::move(*exchanger));
    }
    std::ranges::sort(answer.records, {}, &MailExchanger::preference);
    co_return answer;
  }

  Task<Answer<IpAddress>> addresses(std::string host) override {
    const auto v6 = co_await ask(host, type_aaaa);
    const auto v4 = co_await ask(std::move(host), type_a);
    Answer<IpAddress> answer{v4.status == Status::found ? v4.status : v6.status, {}, v4.secure && v6.secure};
    // One family missing while the other's servers fail is a failure, not an absence.
    if (answer.status != Status::found && v4.status > answer.status) answer.status = v4.status;
    append(answer.records, v6.records, 16);
    append(answer.records, v4.records, 4);
    if (!answer.records.empty()) answer.status = Status::found;
    co_return answer;
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
    return {};
  }

  static void append(std::vector<IpAddress>& to, const std::vector<std::string>& records, std::size_t size) {
    for (const auto& record : records) {
      if (record.size() != size) continue;
      to.push_back(IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(record.data()), size));
    }
  }

  Task<RawAnswer> ask(std::string name, int type) {
    co_return co_await wait_for<RawAnswer>([this, name, type](Done<RawAnswer> done) { begin(name, type, done); });
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
      if (result->bogus != 0) {
        answer.status = Status::servfail;  // bogus answers arrive with data: never use it
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
    for (const auto& done : late) done(RawAnswer{Status::timeout, false, {}});
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
  return UnboundResolver::create(options, log);
}

}  // namespace mailreeve::dns
