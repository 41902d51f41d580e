// SPDX-License-Identifier: Apache-2.0
#include "gateway/notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace mailreeve::gateway {
namespace {

std::string with_time_of_reload(std::string_view assignments) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return fmt::format("{}\nMONOTONIC_USEC={}", assignments, now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

bool notify(std::string_view assignments) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || (name[0] != '/' && name[0] != '@')) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto length = std::strlen(name);
  if (length >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, name, length);
  const bool is_abstract = name[0] == '@';
  if (is_abstract) address.sun_path[0] = '\0';
  // An abstract name is as long as it is said to be; a path counts its final NUL.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + (is_abstract ? 0 : 1));

  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const auto text =
      assignments.starts_with("RELOADING=1") ? with_time_of_reload(assignments) : std::string{assignments};
  const auto sent = ::sendto(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
  return sent == static_cast<ssize_t>(text.size());
}

}  // namespace mailreeve::gateway
