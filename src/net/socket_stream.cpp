// SPDX-License-Identifier: Apache-2.0
#include "net/socket_stream.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <cerrno>
#include <cstring>

namespace mailreeve::net {
namespace {

constexpr auto linger_time = std::chrono::seconds{1};
constexpr std::size_t linger_bytes = 64 * 1024;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

std::unexpected<Error> socket_error(std::string_view what, int error) {
  return fail(ErrorKind::closed, fmt::format("{}: {}", what, std::strerror(error)), Blame::peer);
}

std::string tls_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "connection ended";
}

}  // namespace

void DeadlineList::add(SocketStream& stream) {
  stream.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &stream;
  first_ = &stream;
}

void DeadlineList::remove(SocketStream& stream) {
  if (stream.previous_ != nullptr) stream.previous_->next_ = stream.next_;
  if (stream.next_ != nullptr) stream.next_->previous_ = stream.previous_;
  if (first_ == &stream) first_ = stream.next_;
  stream.next_ = stream.previous_ = nullptr;
}

void DeadlineList::expire(SteadyTime now) {
  for (SocketStream* stream = first_; stream != nullptr; stream = stream->next_) {
    if (stream->waiting_ && stream->deadline_ <= now) {
      stream->timed_out_ = true;
      boost::system::error_code ignored;
      static_cast<void>(stream->descriptor_.cancel(ignored));
    }
  }
}

void DeadlineList::cancel_all() {
  cancelled_ = true;
  for (SocketStream* stream = first_; stream != nullptr; stream = stream->next_) {
    boost::system::error_code ignored;
    static_cast<void>(stream->descriptor_.cancel(ignored));
  }
}

SocketStream::SocketStream(boost::asio::io_context& context, int descriptor, Endpoint peer, DeadlineList& list)
    : descriptor_{context, descriptor}, list_{list}, peer_{peer} {
  list_.add(*this);
}

SocketStream::~SocketStream() {
  list_.remove(*this);
  SSL_free(ssl_);
}

Task<Result<void>> SocketStream::wait(Direction direction) {
  namespace asio = boost::asio;
  if (!descriptor_.is_open()) co_return fail(ErrorKind::closed, "the connection is closed", Blame::local);
  if (list_.cancelled()) co_return fail(ErrorKind::closed, "the gateway is stopping", Blame::local);
  const auto kind =
      direction == Direction::read ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  waiting_ = true;
  const auto waited = co_await descriptor_.async_wait(kind, asio::as_tuple(asio::use_awaitable));
  waiting_ = false;
  const auto& error = std::get<0>(waited);
  if (timed_out_) co_return fail(ErrorKind::timeout, "no answer in time", Blame::peer);
  if (error) co_return fail(ErrorKind::closed, error.message(), Blame::local);
  co_return Result<void>{};
}

Task<Result<void>> SocketStream::wait_writable() { return wait(Direction::write); }

Task<Result<void>> SocketStream::wait_readable() {
  if (ssl_ != nullptr && SSL_has_pending(ssl_) == 1) co_return Result<void>{};
  co_return co_await wait(Direction::read);
}

Task<Result<std::size_t>> SocketStream::read_some(char* out, std::size_t size) {
  while (true) {
    auto direction = Direction::read;
    if (ssl_ == nullptr) {
      const auto got = ::recv(descriptor_.native_handle(), out, size, 0);
      if (got >= 0) co_return static_cast<std::size_t>(got);
      if (errno == EINTR) continue;
      if (!would_block(errno)) co_return socket_error("read", errno);
    } else {
      ERR_clear_error();
      std::size_t got = 0;
      if (SSL_read_ex(ssl_, out, size, &got) == 1) co_return got;
      if (SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      auto wanted = wanted_by_tls(0, ErrorKind::closed);
      if (!wanted) co_return fail(wanted);
      direction = *wanted;
    }
    auto waited = co_await wait(direction);
    if (!waited) co_return fail(waited);
  }
}

bool SocketStream::has_input() {
  char octet = 0;
  return ::recv(descriptor_.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

Task<Result<void>> Stream::write_with_descriptor(std::string_view, int) {
  co_return fail(ErrorKind::invalid, "this connection carries no descriptors");
}

Task<Result<void>> SocketStream::write_with_descriptor(std::string_view bytes, int descriptor) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg only reads
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  while (descriptor_.is_open()) {
    const auto sent = ::sendmsg(descriptor_.native_handle(), &message, MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(bytes.size())) co_return Result<void>{};
    if (sent >= 0) co_return fail(ErrorKind::closed, "only a part could be sent");
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return socket_error("send", errno);
    auto waited = co_await wait(Direction::write);
    if (!waited) co_return fail(waited);
  }
  co_return fail(ErrorKind::closed, "the connection is closed");
}

Task<Result<void>> SocketStream::write_all(std::string_view bytes) {
  if (ssl_ != nullptr) co_return co_await write_tls(bytes);
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return socket_error("write", errno);
    auto waited = co_await wait(Direction::write);
    if (!waited) co_return fail(waited);
  }
  co_return Result<void>{};
}

Task<Result<void>> SocketStream::write_tls(std::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t sent = 0;
    if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent) == 1) {
      bytes.remove_prefix(sent);
      continue;
    }
    auto direction = wanted_by_tls(0, ErrorKind::closed);
    if (!direction) co_return fail(direction);
    auto waited = co_await wait(*direction);
    if (!waited) co_return fail(waited);
  }
  co_return Result<void>{};
}

Result<SocketStream::Direction> SocketStream::wanted_by_tls(int outcome, ErrorKind kind) const {
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_WANT_READ:
      return Direction::read;
    case SSL_ERROR_WANT_WRITE:
      return Direction::write;
    default:
      return fail(kind, "TLS: " + tls_reason(), Blame::peer);
  }
}

Task<Result<void>> SocketStream::handshake() {
  while (true) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) co_return Result<void>{};
    auto direction = wanted_by_tls(done, ErrorKind::tls);
    if (!direction) co_return fail(direction);
    auto waited = co_await wait(*direction);
    if (!waited) co_return fail(waited);
  }
}

namespace {

TlsFacts facts_of(const SSL* ssl) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  return {SSL_get_version(ssl), cipher != nullptr ? SSL_CIPHER_get_name(cipher) : "",
          SSL_CIPHER_get_bits(cipher, nullptr)};
}

}  // namespace

Task<Result<TlsFacts>> SocketStream::start_tls_server(std::shared_ptr<const TlsContext> context) {
  context_ = std::move(context);
  ssl_ = SSL_new(context_->native());
  if (ssl_ == nullptr) co_return fail(ErrorKind::tls, "out of memory for TLS");
  SSL_set_fd(ssl_, descriptor_.native_handle());
  SSL_set_accept_state(ssl_);
  auto done = co_await handshake();
  if (!done) co_return fail(done);
  co_return facts_of(ssl_);
}

Task<Result<TlsFacts>> SocketStream::start_tls_client(std::shared_ptr<const TlsContext> context,
                                                      std::string server_name) {
  context_ = std::move(context);
  ssl_ = SSL_new(context_->native());
  if (ssl_ == nullptr) co_return fail(ErrorKind::tls, "out of memory for TLS");
  SSL_set_fd(ssl_, descriptor_.native_handle());
  if (!server_name.empty()) SSL_set_tlsext_host_name(ssl_, server_name.c_str());
  SSL_set_connect_state(ssl_);
  auto done = co_await handshake();
  if (!done) co_return fail(done);
  co_return facts_of(ssl_);
}

Task<void> SocketStream::close_gently() {
  if (!descriptor_.is_open()) co_return;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    // What still comes in is dropped unread, so it need not be decrypted.
    SSL_free(ssl_);
    ssl_ = nullptr;
  }
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
  deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + linger_time);
  timed_out_ = false;
  char dropped[4096];
  for (std::size_t total = 0; total < linger_bytes;) {
    const auto got = ::recv(descriptor_.native_handle(), dropped, sizeof dropped, 0);
    if (got > 0) {
      total += static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0 || !would_block(errno)) break;
    const auto waited = co_await wait(Direction::read);
    if (!waited) break;
  }
  close();
}

void SocketStream::close() {
  boost::system::error_code ignored;
  static_cast<void>(descriptor_.close(ignored));
}

}  // namespace mailreeve::net
