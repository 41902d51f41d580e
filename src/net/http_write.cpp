// SPDX-License-Identifier: Apache-2.0
#include "net/http_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

namespace mailreeve::net {
namespace {

using namespace std::chrono_literals;

constexpr auto write_time = 30s;
constexpr auto stream_life = 10min;

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> hardening{{
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy",
     "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
     "payment=(), usb=()"},
}};
constexpr std::pair<std::string_view, std::string_view> hsts{"Strict-Transport-Security", "max-age=31536000"};

bool names(const HttpResponse& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [name](const auto& header) {
    return boost::beast::iequals(header.first, {name.data(), name.size()});
  });
}

/// A value that was made of something from outside must not become a header of its own.
std::string one_line(std::string_view value) {
  std::string line{value};
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

bool has_length(int status) { return status >= 200 && status != 204 && status != 304; }

class ServerStream final : public HttpStream {
 public:
  ServerStream(Stream& stream, bool in_chunks) : stream_{stream}, in_chunks_{in_chunks} {}

  Task<bool> write(std::string bytes) override {
    if (is_over()) co_return false;
    if (bytes.empty()) co_return true;
    if (in_chunks_) bytes = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    stream_.set_deadline(std::chrono::steady_clock::now() + write_time);
    const auto written = co_await stream_.write_all(bytes);
    if (!written) ended_ = true;
    co_return !ended_;
  }

  Task<bool> wait(std::chrono::milliseconds time) override {
    if (is_over()) co_return false;
    stream_.set_deadline(std::min(std::chrono::steady_clock::now() + time, end_));
    const auto waited = co_await stream_.wait_readable();
    if (!waited && waited.error().kind == ErrorKind::timeout) co_return !is_over();
    // The peer closed, or speaks while it should listen, which ends the stream as well.
    ended_ = true;
    co_return false;
  }

  Task<void> finish() {
    if (!in_chunks_ || ended_) co_return;
    stream_.set_deadline(std::chrono::steady_clock::now() + write_time);
    co_await stream_.write_all("0\r\n\r\n");
  }

 private:
  bool is_over() const { return ended_ || std::chrono::steady_clock::now() >= end_; }

  Stream& stream_;
  bool in_chunks_;
  bool ended_ = false;
  SteadyTime end_ = std::chrono::steady_clock::now() + stream_life;
};

}  // namespace

std::string write_response(const HttpResponse& response, const WriteForm& form) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  auto out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view{reason.data(), reason.size()});
  if (has_length(response.status)) {
    out += fmt::format("Content-Type: {}\r\n", one_line(response.type));
    if (form.body == BodyForm::chunks) {
      out += "Transfer-Encoding: chunked\r\n";
    } else if (form.body != BodyForm::until_close) {
      out += fmt::format("Content-Length: {}\r\n", response.body.size());
    }
  }
  for (const auto& [name, value] : hardening) {
    if (!names(response, name)) out += fmt::format("{}: {}\r\n", name, value);
  }
  if (form.secure && !names(response, hsts.first)) out += fmt::format("{}: {}\r\n", hsts.first, hsts.second);
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, one_line(value));
  if (!form.keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
  if (form.body == BodyForm::none || !has_length(response.status)) return out;
  if (form.body != BodyForm::chunks) {
    out += response.body;
  } else if (!response.body.empty()) {
    out += fmt::format("{:x}\r\n{}\r\n", response.body.size(), response.body);
  }
  return out;
}

Task<void> run_stream(Stream& stream, const HttpResponse& response, BodyForm form) {
  ServerStream out{stream, form == BodyForm::chunks};
  bool is_whole = true;
  try {
    co_await response.stream(out);
  } catch (const boost::system::system_error&) {
    throw;  // the loop is ending
  } catch (const std::exception&) {
    is_whole = false;  // our own bug: the peer sees that the last chunk is missing
  }
  if (is_whole) co_await out.finish();
}

}  // namespace mailreeve::net
