// SPDX-License-Identifier: Apache-2.0
// The gateway's side of a cell: starting it, and the memory file that a message goes to it in.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/error.h"
#include "cell/cell.h"
#include "mail/body.h"

namespace mailreeve::cell {

/// Closes a descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_{value} {}
  Descriptor(Descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

/// A running cell; it is ended with this.
struct Child {
  Child(pid_t process, Descriptor end) : pid{process}, socket{std::move(end)} {}
  Child(Child&& other) noexcept : pid{std::exchange(other.pid, -1)}, socket{std::move(other.socket)} {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child& operator=(Child&&) = delete;
  ~Child();
  /// False when it has ended by itself.
  bool is_running() const;
  /// How it ended, for people: "signal 9 (Killed)", "status 1"; empty while it runs.
  std::string ended_by() const;
  pid_t pid;
  Descriptor socket;
};

/// Starts `program cell` with nothing but a socket, an empty environment and a process group of its own. Blocks for
/// about a millisecond.
Result<Child> start_child(const std::string& program);

struct Sealed {
  Descriptor file;
  std::string digest;  // SHA-256, hexadecimal
};
/// The message in a memory file that nobody can change any more.
Result<Sealed> seal(const mail::Body& body);

/// One message to one cell and its answer back, blocking: for commands. `seconds`: at most so long.
Result<std::string> ask_blocking(const Child& child, Question question, const Sealed& message, int seconds);

}  // namespace mailreeve::cell
