// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "net/socket_address.h"
#include "net/socket_stream.h"

namespace mailreeve::net {
namespace {

namespace asio = boost::asio;
constexpr auto tick = std::chrono::milliseconds{100};  // how late a deadline may fire
constexpr auto descriptors_pause = std::chrono::milliseconds{100};
constexpr int accepts_a_turn = 64;  // so that a flood of connections does not starve the sessions

class LoopImpl final : public Loop {
 public:
  LoopImpl(std::size_t index, Logger& log)
      : index_{index}, log_{log}, context_{1}, guard_{context_.get_executor()}, ticker_{context_} {
    arm_tick();
  }

  void spawn(std::string_view name, Task<void> task) override {
    ++tasks_;
    asio::co_spawn(context_, std::move(task), [this, name = std::string{name}](const std::exception_ptr& thrown) {
      --tasks_;
      if (!thrown) return;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        log_.error("task failed", {{"task", name}, {"error", error.what()}});
      }
    });
  }

  void post(std::function<void()> function) override { asio::post(context_, std::move(function)); }

  Task<bool> sleep(std::chrono::milliseconds time) override {
    if (deadlines_.cancelled()) co_return false;
    asio::steady_timer timer{context_, time};
    sleepers_.push_back(&timer);
    const auto here = std::prev(sleepers_.end());
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    sleepers_.erase(here);
    co_return !deadlines_.cancelled();
  }

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, SteadyTime deadline) override {
    const SocketAddress address{to};
    const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) co_return fail(ErrorKind::io, fmt::format("socket: {}", std::strerror(errno)));
    set_no_delay(descriptor);
    const int done = ::connect(descriptor, address.data(), address.size());
    co_return co_await finish_connect(descriptor, done == 0 ? 0 : errno, to, to.text(), deadline);
  }

  std::unique_ptr<Stream> adopt(int descriptor) override {
    return std::make_unique<SocketStream>(context_, descriptor, Endpoint{}, deadlines_);
  }

  Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, SteadyTime deadline) override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) co_return fail(ErrorKind::invalid, "socket path too long: " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) co_return fail(ErrorKind::io, fmt::format("socket: {}", std::strerror(errno)));
    const int done = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    co_return co_await finish_connect(descriptor, done == 0 ? 0 : errno, Endpoint{}, path, deadline);
  }

  char* scratch() override { return scratch_.get(); }
  std::size_t tasks() const override { return tasks_; }
  std::size_t index() const override { return index_; }

  void run() {
    // A handler that throws is our bug; the loop must live on for everybody else's session.
    while (true) {
      try {
        context_.run();
        return;
      } catch (const std::exception& error) {
        log_.error("loop handler failed", {{"error", error.what()}});
      }
    }
  }

  void stop() {
    asio::post(context_, [this] {
      deadlines_.cancel_all();
      for (auto* timer : sleepers_) timer->cancel();
      // What was cancelled gets its turn first, then the loop ends.
      asio::post(context_, [this] { context_.stop(); });
    });
  }

  Task<void> accept_from(int descriptor, std::shared_ptr<std::atomic<bool>> closed, std::string name,
                         OnConnection on_connection) {
    SocketStream listener{context_, descriptor, {}, deadlines_};
    while (!*closed) {
      const auto waited = co_await listener.wait_readable();
      if (!waited || *closed) break;
      for (int i = 0; i < accepts_a_turn; ++i) {
        sockaddr_storage storage{};
        socklen_t size = sizeof storage;
        const int accepted =
            ::accept4(descriptor, reinterpret_cast<sockaddr*>(&storage), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
          if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_.error("cannot accept connections", {{"listener", name}, {"error", std::strerror(errno)}});
            co_await sleep(descriptors_pause);
          }
          break;
        }
        auto stream = std::make_unique<SocketStream>(context_, accepted, endpoint_of(storage), deadlines_);
        spawn(name, on_connection(*this, std::move(stream)));
      }
    }
  }

  asio::io_context& context() { return context_; }

 private:
  static void set_no_delay(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  Task<Result<std::unique_ptr<Stream>>> finish_connect(int descriptor, int error, Endpoint to, std::string name,
                                                       SteadyTime deadline) {
    auto stream = std::make_unique<SocketStream>(context_, descriptor, to, deadlines_);
    stream->set_deadline(deadline);
    if (error == EINPROGRESS) {
      auto waited = co_await stream->wait_writable();
      if (!waited) {
        co_return fail(waited.error().kind, fmt::format("connect to {}: {}", name, waited.error().text), Blame::remote);
      }
      socklen_t size = sizeof error;
      ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error != 0) {
      co_return fail(ErrorKind::refused, fmt::format("connect to {}: {}", name, std::strerror(error)), Blame::remote);
    }
    co_return std::unique_ptr<Stream>{std::move(stream)};
  }

  void arm_tick() {
    ticker_.expires_after(tick);
    ticker_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      deadlines_.expire(std::chrono::steady_clock::now());
      arm_tick();
    });
  }

  std::size_t index_;
  Logger& log_;
  DeadlineList deadlines_;
  std::list<asio::steady_timer*> sleepers_;
  std::unique_ptr<char[]> scratch_ = std::make_unique<char[]>(scratch_size);
  std::atomic<std::size_t> tasks_{0};
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  asio::steady_timer ticker_;
};

class ListenerImpl final : public Listener {
 public:
  ListenerImpl(Endpoint local, std::vector<int> descriptors)
      : local_{local}, descriptors_{std::move(descriptors)}, closed_{std::make_shared<std::atomic<bool>>(false)} {}
  /// Shutdown wakes the waiting accept loops, which then close their descriptors.
  void close() override {
    if (closed_->exchange(true)) return;
    for (const int descriptor : descriptors_) ::shutdown(descriptor, SHUT_RDWR);
  }
  Endpoint local() const override { return local_; }
  std::shared_ptr<std::atomic<bool>> closed() const { return closed_; }

 private:
  Endpoint local_;
  std::vector<int> descriptors_;
  std::shared_ptr<std::atomic<bool>> closed_;
};

class LoopGroupImpl final : public LoopGroup {
 public:
  LoopGroupImpl(std::size_t count, Logger& log) {
    std::signal(SIGPIPE, SIG_IGN);
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
      loops_.push_back(std::make_unique<LoopImpl>(i, log));
    }
    signals_ = std::make_unique<asio::signal_set>(loops_[0]->context());
  }

  ~LoopGroupImpl() override {
    for (auto& loop : loops_) loop->context().stop();
    join();
  }

  std::size_t size() const override { return loops_.size(); }
  Loop& at(std::size_t index) override { return *loops_[index]; }

  std::unique_ptr<Listener> listen(BoundSocket socket, std::string name, OnConnection on_connection) override {
    std::vector<int> descriptors;
    for (const int descriptor : socket.descriptors()) descriptors.push_back(::dup(descriptor));
    auto listener = std::make_unique<ListenerImpl>(socket.local(), descriptors);
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      auto& loop = *loops_[i % loops_.size()];
      loop.spawn(name, loop.accept_from(descriptors[i], listener->closed(), name, on_connection));
    }
    return listener;
  }

  void run() override {
    for (std::size_t i = 1; i < loops_.size(); ++i) threads_.emplace_back([this, i] { loops_[i]->run(); });
    loops_[0]->run();
    join();
  }

  void stop() override {
    for (auto& loop : loops_) loop->stop();
  }

  void on_signal(std::vector<int> signals, std::function<void(int)> function) override {
    for (const int signal : signals) signals_->add(signal);
    wait_signal(std::move(function));
  }

 private:
  void wait_signal(std::function<void(int)> function) {
    signals_->async_wait([this, function](const boost::system::error_code& error, int signal) {
      if (error) return;
      function(signal);
      wait_signal(function);
    });
  }
  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::vector<std::unique_ptr<LoopImpl>> loops_;
  std::vector<std::thread> threads_;
  std::unique_ptr<asio::signal_set> signals_;
};

}  // namespace

std::unique_ptr<LoopGroup> make_loops(std::size_t count, Logger& log) {
  return std::make_unique<LoopGroupImpl>(count, log);
}

}  // namespace mailreeve::net
