// SPDX-License-Identifier: Apache-2.0
// Event loops: one a core, each with its own thread; a session stays on the loop that accepted it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/spawner.h"
#include "base/task.h"
#include "net/endpoint.h"
#include "net/stream.h"

namespace mailreeve::net {

/// What it spawns runs on this loop's thread and is counted: see `tasks`.
class Loop : public Spawner {
 public:
  /// Runs a function on this loop, from any thread.
  virtual void post(std::function<void()> function) = 0;
  /// Connects to an address, bound by the deadline. `source`: the address to come from, if any.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, SteadyTime deadline) = 0;
  /// Takes a connected socket made elsewhere, non-blocking: one end of a pair.
  virtual std::unique_ptr<Stream> adopt(int descriptor) = 0;
  virtual Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, SteadyTime deadline) = 0;
  /// A buffer of `scratch_size` octets for bytes that are used up before the next co_await.
  virtual char* scratch() = 0;
  static constexpr std::size_t scratch_size = 64 * 1024;
  virtual std::size_t tasks() const = 0;
  virtual std::size_t index() const = 0;
};

/// Takes connections on a bound socket.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void close() = 0;  // from any thread; no more connections after it
  virtual Endpoint local() const = 0;
};

/// What is called for each connection; the task is the session's whole life.
using OnConnection = std::function<Task<void>(Loop& loop, std::unique_ptr<Stream> stream)>;

/// A listening socket bound before privileges are dropped: one for each loop, by SO_REUSEPORT.
class BoundSocket {
 public:
  static Result<BoundSocket> bind(Endpoint endpoint, std::size_t copies);
  static Result<BoundSocket> bind_unix(const std::string& path);  // mode 0600; an old socket there is replaced
  BoundSocket(BoundSocket&&) noexcept;
  BoundSocket& operator=(BoundSocket&&) noexcept;
  ~BoundSocket();
  const std::vector<int>& descriptors() const { return descriptors_; }
  Endpoint local() const { return local_; }

 private:
  BoundSocket() = default;
  std::vector<int> descriptors_;
  Endpoint local_;
};

class LoopGroup {
 public:
  virtual ~LoopGroup() = default;
  virtual std::size_t size() const = 0;
  virtual Loop& at(std::size_t index) = 0;
  /// Starts accepting on every loop.
  virtual std::unique_ptr<Listener> listen(BoundSocket socket, std::string name, OnConnection on_connection) = 0;
  virtual void run() = 0;   // blocks until `stop`; loop 0 runs on the calling thread
  virtual void stop() = 0;  // from any thread: cancels every wait and ends the loops
  /// Calls `function` on loop 0 when one of these signals arrives.
  virtual void on_signal(std::vector<int> signals, std::function<void(int)> function) = 0;
};

std::unique_ptr<LoopGroup> make_loops(std::size_t count, Logger& log);

}  // namespace mailreeve::net
