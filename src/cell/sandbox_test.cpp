// SPDX-License-Identifier: Apache-2.0
#include "cell/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace mailreeve::cell {
namespace {

constexpr int denied = 7;
constexpr int done = 8;
constexpr int not_shut_in = 9;

/// How a process ends that is shut in and then does this.
template <class Act>
int end_of(Act act) {
  const auto pid = ::fork();
  if (pid == 0) {
    if (!enter_sandbox({})) ::_exit(not_shut_in);
    ::_exit(act());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

bool was_denied(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == denied; }
bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

TEST(Sandbox, NoFileCanBeOpenedMadeOrLookedAt) {
  EXPECT_TRUE(was_denied(end_of([] { return ::open("/etc/passwd", O_RDONLY) < 0 && errno == EPERM ? denied : done; })));
  EXPECT_TRUE(
      was_denied(end_of([] { return ::open("/tmp/mailreeve-escape", O_WRONLY | O_CREAT, 0600) < 0 ? denied : done; })));
  EXPECT_TRUE(was_denied(end_of([] { return ::access("/etc/passwd", R_OK) != 0 ? denied : done; })));
  EXPECT_TRUE(
      was_denied(end_of([] { return ::unlink("/tmp/mailreeve-escape") != 0 && errno == EPERM ? denied : done; })));
  EXPECT_TRUE(was_denied(end_of([] { return ::memfd_create("x", 0) < 0 ? denied : done; })));
}

TEST(Sandbox, WhoReachesForTheNetworkIsEnded) {
  EXPECT_TRUE(was_killed(end_of([] { return ::socket(AF_INET, SOCK_STREAM, 0); })));
  EXPECT_TRUE(was_killed(end_of([] { return ::socket(AF_UNIX, SOCK_STREAM, 0); })));
  EXPECT_TRUE(was_killed(end_of([] {
    sockaddr_in address{};
    return ::connect(0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  })));
}

TEST(Sandbox, WhoReachesForOtherProcessesIsEnded) {
  EXPECT_TRUE(was_killed(end_of([] { return ::kill(::getppid(), 0); })));
  EXPECT_TRUE(was_killed(end_of([] { return static_cast<int>(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); })));
  EXPECT_TRUE(was_killed(end_of([] {
    char name[] = "/bin/true";
    char* const arguments[] = {name, nullptr};
    return ::execv(name, arguments);
  })));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
TEST(Sandbox, NoProcessIsStartedAndMemoryHasAnEnd) {
  EXPECT_TRUE(was_killed(end_of([] { return ::fork() == 0 ? 0 : done; })));
  EXPECT_TRUE(was_denied(end_of([] {
    constexpr std::size_t much = 4ULL << 30;
    return ::mmap(nullptr, much, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? denied
                                                                                                           : done;
  })));
}
#endif
#endif
#endif

TEST(Sandbox, ComputingAndTalkingGoOn) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const int status = end_of([&] {
    std::string text(100'000, 'x');
    text += text;
    return ::write(pair[1], text.data(), 4) == 4 ? done : denied;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == done);
  char got[4] = {};
  EXPECT_EQ(::read(pair[0], got, sizeof got), 4);
  ::close(pair[0]);
  ::close(pair[1]);
}

}  // namespace
}  // namespace mailreeve::cell
