// SPDX-License-Identifier: Apache-2.0
#include "cell/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/digest.h"
#include "cell/cell.h"
#include "scan/report_codec.h"

namespace mailreeve::cell {
namespace {

std::unexpected<Error> system_error(std::string_view what) {
  return fail(ErrorKind::io, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// Exactly `size` octets; false when the other side ended or the time is over.
bool receive_all(int socket, char* out, std::size_t size) {
  while (size > 0) {
    const auto got = ::recv(socket, out, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

bool Child::is_running() const {
  siginfo_t info{};
  return pid > 0 && ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

std::string Child::ended_by() const {
  siginfo_t info{};
  if (pid <= 0 || ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0) {
    return {};
  }
  if (info.si_code == CLD_EXITED) return fmt::format("status {}", info.si_status);
  return fmt::format("signal {} ({})", info.si_status, ::strsignal(info.si_status));
}

Child::~Child() {
  if (pid <= 0) return;
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// The message in a memory file that nobody can change any more.
Result<Sealed> seal(const mail::Body& body) {
  Descriptor file{::memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (file.get() < 0) return system_error("memfd_create");
  Sha256Stream digest;
  std::string scratch;
  for (std::uint64_t at = 0; at < body.size();) {
    auto piece = body.read(at, scratch);
    if (!piece) return fail(piece);
    if (piece->empty()) break;
    digest.add(*piece);
    auto rest = *piece;
    while (!rest.empty()) {
      const auto written = ::write(file.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return system_error("memory file");
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    at += piece->size();
  }
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
    return system_error("seal");
  }
  return Sealed{std::move(file), hex(digest.finish())};
}

Result<Child> start_child(const std::string& program) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return system_error("socketpair");
  Descriptor ours{pair[0]};
  const Descriptor theirs{pair[1]};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // A copy loses close-on-exec, unless it is one onto itself; everything else of ours is closed by it.
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), socket_descriptor);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, socket_descriptor + 1);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::string name{"mailreeve"};
  std::string word{command};
  char* const arguments[] = {name.data(), word.data(), nullptr};
  std::string locale{"LC_ALL=C.UTF-8"};
  char* const environment[] = {locale.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environment);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return fail(ErrorKind::io, fmt::format("cannot start {} {}: {}", program, command, std::strerror(error)));
  return Child{pid, std::move(ours)};
}

Result<std::string> ask_blocking(const Child& child, Question question, const Sealed& message, int seconds) {
  const timeval limit{seconds, 0};
  ::setsockopt(child.socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  iovec part{&question, sizeof question};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr out{};
  out.msg_iov = &part;
  out.msg_iovlen = 1;
  out.msg_control = control;
  out.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&out);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int file = message.file.get();
  std::memcpy(CMSG_DATA(header), &file, sizeof file);
  if (::sendmsg(child.socket.get(), &out, MSG_NOSIGNAL) != sizeof question) return system_error("scanner");
  std::uint64_t size = 0;
  if (!receive_all(child.socket.get(), reinterpret_cast<char*>(&size), sizeof size) || size > scan::report_limit) {
    return fail(ErrorKind::closed, "the scanner ended, or gave no answer in time");
  }
  std::string report(size, '\0');
  if (!receive_all(child.socket.get(), report.data(), size)) return fail(ErrorKind::closed, "the scanner ended");
  return report;
}

}  // namespace mailreeve::cell
