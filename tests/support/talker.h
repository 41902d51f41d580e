// SPDX-License-Identifier: Apache-2.0
// A blocking client that says exactly what a test wants, over loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

#include "net/endpoint.h"

namespace mailreeve::support {

class Talker {
 public:
  explicit Talker(const net::Endpoint& to) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    timeval limit{20, 0};  // a test that hangs fails instead
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Talker() { ::close(socket_); }
  Talker(const Talker&) = delete;
  Talker& operator=(const Talker&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// One whole reply, its lines joined; "" when the connection ended.
  std::string reply() {
    std::string whole;
    while (true) {
      const auto end = buffer_.find("\r\n");
      if (end == std::string::npos) {
        char bytes[4096];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) return whole;
        buffer_.append(bytes, static_cast<std::size_t>(got));
        continue;
      }
      const auto line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      if (!whole.empty()) whole += '\n';
      whole += line;
      if (line.size() < 4 || line[3] == ' ') return whole;
    }
  }
  std::string ask(std::string_view command) {
    send(std::string{command} + "\r\n");
    return reply();
  }
  /// True once the other side has closed and nothing unread is left.
  bool closed() { return buffer_.empty() && reply().empty(); }
  /// A whole transaction on a greeted session; the reply to end of data, or the first refusal.
  std::string mail(std::string_view from, std::string_view to, std::string_view message) {
    auto said = ask("MAIL FROM:<" + std::string{from} + ">");
    if (!said.starts_with("250")) return said;
    said = ask("RCPT TO:<" + std::string{to} + ">");
    if (!said.starts_with("250")) return said;
    said = ask("DATA");
    if (!said.starts_with("354")) return said;
    send(message);
    return ask(message.ends_with("\r\n") ? "." : "\r\n.");
  }

 private:
  int socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace mailreeve::support
