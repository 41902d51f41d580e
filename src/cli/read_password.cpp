// SPDX-License-Identifier: Apache-2.0
#include "cli/read_password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace mailreeve::cli {
namespace {

constexpr std::size_t line_limit = 4096;

/// The terminal, whatever standard input and output are; it does not show what is typed while this lives.
class Terminal {
 public:
  Terminal() : descriptor_{::open("/dev/tty", O_RDWR | O_CLOEXEC)} {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    auto unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    unseen.c_lflag |= ECHONL;
    good_ = ::tcsetattr(descriptor_, TCSAFLUSH, &unseen) == 0;
  }
  ~Terminal() {
    if (good_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  explicit operator bool() const { return good_; }

  std::string ask(std::string_view question) const {
    static_cast<void>(!::write(descriptor_, question.data(), question.size()));
    std::string line;
    char octet = 0;
    while (line.size() < line_limit && ::read(descriptor_, &octet, 1) == 1 && octet != '\n') line += octet;
    return line;
  }

 private:
  int descriptor_;
  termios before_{};
  bool good_ = false;
};

}  // namespace

Parameter password_parameter() {
  return {"--password-stdin", Parameter::Kind::flag, "Read the password from the first line of standard input"};
}

Result<std::string> read_new_password(const Arguments& arguments) {
  if (arguments.has("--password-stdin")) {
    std::string line;
    if (!std::getline(std::cin, line)) return fail(ErrorKind::invalid, "standard input holds no password");
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  const Terminal terminal;
  if (!terminal) {
    return fail(ErrorKind::invalid, "there is no terminal to ask for a password at; use --password-stdin");
  }
  auto password = terminal.ask("New password (at least 12 characters): ");
  if (terminal.ask("Once more: ") != password) return fail(ErrorKind::invalid, "these were two different passwords");
  return password;
}

}  // namespace mailreeve::cli
