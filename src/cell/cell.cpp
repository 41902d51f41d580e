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
#include "scan/preview.h"
#include "scan/report_codec.h"
#include "scan/scan.h"

namespace mailreeve::cell {
namespace {

constexpr int finished = 0;
constexpr int broken = 1;

struct Request {
  Question question = Question::report;
  int descriptor = -1;  // none: the gateway is gone
};

Request receive_request() {
  Request request;
  iovec part{&request.question, sizeof request.question};
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
  const bool is_known = request.question == Question::report || request.question == Question::preview;
  if (got != sizeof request.question || !is_known) return {};
  const auto* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return {};
  std::memcpy(&request.descriptor, CMSG_DATA(header), sizeof request.descriptor);
  return request;
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

bool send_answer(const std::string& answer) {
  const std::uint64_t size = answer.size();
  std::string bytes{reinterpret_cast<const char*>(&size), sizeof size};
  bytes += answer;
  return send_all(bytes);
}

std::string answer_to(Question question, std::string_view message) {
  if (question == Question::preview) return scan::write_preview(scan::preview_of(message));
  return scan::write_report(scan::scan(message, {}));
}

std::string answer_to(const Request& request) {
  const int descriptor = request.descriptor;
  std::string answer;
  // Not fstat: glibc makes a look-up by name of it, which the sandbox denies.
  const auto end = ::lseek(descriptor, 0, SEEK_END);
  if (end >= 0) {
    const auto size = static_cast<std::size_t>(end);
    void* memory = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    if (memory != MAP_FAILED) {
      answer = answer_to(request.question, {static_cast<const char*>(memory), size});
      if (memory != nullptr) ::munmap(memory, size);
    }
  }
  ::close(descriptor);
  return answer;
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
  const auto closed = enter_sandbox({});
  if (!closed) {
    std::fprintf(stderr, "mailreeve cell: %s\n", closed.error().text.c_str());
    return broken;
  }
  while (true) {
    const auto request = receive_request();
    if (request.descriptor < 0) return finished;
    const auto answer = answer_to(request);
    if (answer.empty() || !send_answer(answer)) return broken;
  }
}

}  // namespace mailreeve::cell
