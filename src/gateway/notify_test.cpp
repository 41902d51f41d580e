// SPDX-License-Identifier: Apache-2.0
#include "gateway/notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

namespace mailreeve::gateway {
namespace {

// Plays systemd: a datagram socket under the given name, "@..." for an abstract one.
class Supervisor {
 public:
  explicit Supervisor(const std::string& name) : descriptor_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    const bool is_abstract = name.starts_with('@');
    if (is_abstract) address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1));
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Supervisor() {
    ::close(descriptor_);
    ::unsetenv("NOTIFY_SOCKET");
  }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  std::string heard() const {
    char bytes[512];
    const auto got = ::recv(descriptor_, bytes, sizeof bytes, MSG_DONTWAIT);
    return got < 0 ? std::string{} : std::string(bytes, static_cast<std::size_t>(got));
  }

 private:
  int descriptor_;
};

TEST(Notify, ReachesASocketInTheFileSystem) {
  const auto path = std::filesystem::temp_directory_path() / ("notify_test." + std::to_string(::getpid()));
  {
    const Supervisor supervisor{path};
    EXPECT_TRUE(notify("READY=1\nSTATUS=carrying mail"));
    EXPECT_EQ(supervisor.heard(), "READY=1\nSTATUS=carrying mail");
  }
  std::filesystem::remove(path);
}

TEST(Notify, ReachesAnAbstractSocket) {
  const Supervisor supervisor{"@mailreeve.notify_test." + std::to_string(::getpid())};
  EXPECT_TRUE(notify("STOPPING=1"));
  EXPECT_EQ(supervisor.heard(), "STOPPING=1");
}

TEST(Notify, SaysWhenTheReloadBegan) {
  const Supervisor supervisor{"@mailreeve.notify_reload." + std::to_string(::getpid())};
  EXPECT_TRUE(notify("RELOADING=1"));
  EXPECT_THAT(supervisor.heard(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
}

TEST(Notify, IsSilentWithoutASupervisor) {
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_FALSE(notify("READY=1"));
}

}  // namespace
}  // namespace mailreeve::gateway
