// SPDX-License-Identifier: Apache-2.0
#include "cell/sandbox.h"

#include <fmt/format.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MAILREEVE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MAILREEVE_SANITIZED 1
#endif
#endif

namespace mailreeve::cell {
namespace {

constexpr int last_capability = 40;
constexpr rlim_t descriptors = 16;
constexpr rlim_t cpu_seconds = 3600;  // of the whole life; one message's time is the gateway's to keep

std::unexpected<Error> system_error(const char* what) {
  return fail(ErrorKind::io, fmt::format("sandbox: {}: {}", what, std::strerror(errno)));
}

bool set_limit(__rlimit_resource resource, rlim_t value) {
  const rlimit limit{value, value};
  return ::setrlimit(resource, &limit) == 0;
}

Result<void> set_limits(const SandboxOptions& options) {
#ifdef MAILREEVE_SANITIZED
  static_cast<void>(options);
#else
  if (!set_limit(RLIMIT_AS, options.memory)) return system_error("RLIMIT_AS");
#endif
  if (!set_limit(RLIMIT_CORE, 0)) return system_error("RLIMIT_CORE");
  if (!set_limit(RLIMIT_FSIZE, 0)) return system_error("RLIMIT_FSIZE");
  if (!set_limit(RLIMIT_NOFILE, descriptors)) return system_error("RLIMIT_NOFILE");
  if (!set_limit(RLIMIT_CPU, cpu_seconds)) return system_error("RLIMIT_CPU");
  return {};
}

/// Nothing of the file system, by a ruleset without rules. Kernels before 5.13, and those built without, go on.
void enter_landlock() {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs =
      LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
      LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
      LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
      LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
      LANDLOCK_ACCESS_FS_MAKE_SYM;
  const auto ruleset = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
  if (ruleset < 0) return;
  ::syscall(SYS_landlock_restrict_self, ruleset, 0);
  ::close(static_cast<int>(ruleset));
}

constexpr int allowed[] = {
    SCMP_SYS(read),           SCMP_SYS(write),          SCMP_SYS(readv),       SCMP_SYS(writev),
    SCMP_SYS(recvmsg),        SCMP_SYS(recvfrom),       SCMP_SYS(sendto),      SCMP_SYS(sendmsg),
    SCMP_SYS(close),          SCMP_SYS(fstat),          SCMP_SYS(mmap),        SCMP_SYS(munmap),
    SCMP_SYS(mremap),         SCMP_SYS(mprotect),       SCMP_SYS(madvise),     SCMP_SYS(brk),
    SCMP_SYS(futex),          SCMP_SYS(exit),           SCMP_SYS(exit_group),  SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),   SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack), SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),   SCMP_SYS(getrandom),      SCMP_SYS(sched_yield), SCMP_SYS(getpid),
    SCMP_SYS(gettid),         SCMP_SYS(lseek),          SCMP_SYS(poll),        SCMP_SYS(ppoll),
    SCMP_SYS(restart_syscall)};

// Whoever tries these is not the program that we wrote.
constexpr int fatal[] = {SCMP_SYS(execve),
                         SCMP_SYS(execveat),
                         SCMP_SYS(fork),
                         SCMP_SYS(vfork),
                         SCMP_SYS(clone),
                         SCMP_SYS(clone3),
                         SCMP_SYS(socket),
                         SCMP_SYS(connect),
                         SCMP_SYS(bind),
                         SCMP_SYS(listen),
                         SCMP_SYS(accept),
                         SCMP_SYS(accept4),
                         SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(kill),
                         SCMP_SYS(tkill),
                         SCMP_SYS(pidfd_send_signal),
                         SCMP_SYS(pidfd_open),
                         SCMP_SYS(mount),
                         SCMP_SYS(umount2),
                         SCMP_SYS(setuid),
                         SCMP_SYS(unshare),
                         SCMP_SYS(bpf),
                         SCMP_SYS(io_uring_setup),
                         SCMP_SYS(keyctl),
                         SCMP_SYS(userfaultfd)};

Result<void> enter_seccomp() {
  auto* filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) return system_error("seccomp_init");
  int failed = 0;
  for (const int call : allowed) failed |= ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  for (const int call : fatal) {
#ifdef MAILREEVE_SANITIZED
    // Their runtimes start a process to look for leaks.
    if (call == SCMP_SYS(clone) || call == SCMP_SYS(clone3)) continue;
#endif
    failed |= ::seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0);
  }
  // Its own abort() alone.
  const scmp_arg_cmp itself{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()), 0};
  failed |= ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &itself);
  if (failed == 0) failed = ::seccomp_load(filter);
  ::seccomp_release(filter);
  if (failed != 0) return fail(ErrorKind::io, "sandbox: the kernel does not take the seccomp filter");
  return {};
}

}  // namespace

Result<void> enter_sandbox(const SandboxOptions& options) {
  auto limited = set_limits(options);
  if (!limited) return limited;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("no_new_privs");
  for (int capability = 0; capability <= last_capability; ++capability) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  enter_landlock();
  return enter_seccomp();
}

}  // namespace mailreeve::cell
