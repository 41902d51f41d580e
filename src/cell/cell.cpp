// SPDX-License-Identifier: Apache-2.0
#include "cell/cell.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/digest.h"
#include "cell/sandbox.h"
#include "scan/charset.h"
#include "scan/links.h"
#include "scan/report_codec.h"
#include "scan/scan.h"

namespace mailreeve::cell {
namespace {

constexpr int finished = 0;
constexpr int broken = 1;

/// The next message's descriptor; -1 when the gateway is gone.
int receive_message() {
  std::uint64_t mark = 0;
  iovec part{&mark, sizeof mark};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket_descriptor, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof mark || mark != request_mark) return -1;
  const auto* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return -1;
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

bool send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::write(socket_descriptor, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool answer(const std::string& report) {
  const std::uint64_t size = report.size();
  std::string bytes{reinterpret_cast<const char*>(&size), sizeof size};
  bytes += report;
  return send_all(bytes);
}

std::string scan_descriptor(int descriptor, const scan::ScanOptions& options) {
  std::string report;
  // Not fstat: glibc makes a look-up by name of it, which the sandbox denies.
  const auto end = ::lseek(descriptor, 0, SEEK_END);
  if (end >= 0) {
    const auto size = static_cast<std::size_t>(end);
    void* memory = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    if (memory != MAP_FAILED) {
      report = scan::write_report(scan::scan({static_cast<const char*>(memory), size}, options));
      if (memory != nullptr) ::munmap(memory, size);
    }
  }
  ::close(descriptor);
  return report;
}

}  // namespace

int run_cell() {
  // libarchive turns names of archives into UTF-8 by the locale.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  scan::prepare_charsets();
  scan::prepare_hosts();
  static_cast<void>(sha256_of({}));  // what OpenSSL loads for the first one, it must load now
  // What one message needed is kept for the next: mapping and unmapping it costs more than most messages do.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  const scan::ScanOptions options;
  const auto closed = enter_sandbox({});
  if (!closed) {
    std::fprintf(stderr, "mailreeve cell: %s\n", closed.error().text.c_str());
    return broken;
  }
  while (true) {
    const int descriptor = receive_message();
    if (descriptor < 0) return finished;
    const auto report = scan_descriptor(descriptor, options);
    if (report.empty() || !answer(report)) return broken;
  }
}

}  // namespace mailreeve::cell
