// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "support/certificate.h"

namespace mailreeve::net {
namespace {

using namespace std::chrono_literals;

SteadyTime in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }
Endpoint any_port() { return {*IpAddress::parse("127.0.0.1"), 0}; }

// Loops on a thread of their own; `run` does one coroutine on loop 0 and gives back its value.
class LoopTest : public testing::Test {
 protected:
  LoopTest() : log_{make_silent_logger()}, loops_{make_loops(2, *log_)}, thread_{[this] { loops_->run(); }} {}
  ~LoopTest() override {
    loops_->stop();
    thread_.join();
  }

  template <class T>
  T run(Task<T> (*function)(Loop&, Endpoint), Endpoint to) {
    std::promise<T> promise;
    auto future = promise.get_future();
    loops_->at(0).spawn("test", keep(function(loops_->at(0), to), promise));
    return future.get();
  }

  std::unique_ptr<Logger> log_;
  std::unique_ptr<LoopGroup> loops_;

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::promise<T>& promise) {
    promise.set_value(co_await std::move(task));
  }
  std::thread thread_;
};

Task<void> echo(Loop&, std::unique_ptr<Stream> stream) {
  stream->set_deadline(in(5s));
  char bytes[4096];
  while (true) {
    const auto got = co_await stream->read_some(bytes, sizeof bytes);
    if (!got || *got == 0) co_return;
    const auto sent = co_await stream->write_all({bytes, *got});
    if (!sent) co_return;
  }
}

Task<void> silence(Loop& loop, std::unique_ptr<Stream> stream) {
  co_await loop.sleep(1h);
  stream->close();
}

Task<std::string> say_hello(Loop& loop, Endpoint to) {
  auto stream = co_await loop.connect(to, in(5s));
  if (!stream) co_return stream.error().text;
  const std::string sent(300'000, 'x');  // more than socket buffers hold: both directions must wait at times
  std::string heard;
  char bytes[65536];
  for (int round = 0; round < 3; ++round) {
    const auto written = co_await (*stream)->write_all(std::string_view{sent}.substr(0, 20'000));
    if (!written) co_return written.error().text;
    while (heard.size() < 20'000U * static_cast<unsigned>(round + 1)) {
      const auto got = co_await (*stream)->read_some(bytes, sizeof bytes);
      if (!got || *got == 0) co_return "cut";
      heard.append(bytes, *got);
    }
  }
  co_await (*stream)->close_gently();
  co_return std::to_string(heard.size());
}

TEST_F(LoopTest, BytesGoThereAndBack) {
  const auto listener = loops_->listen(*BoundSocket::bind(any_port(), 2), "echo", &echo);
  EXPECT_EQ(run(&say_hello, listener->local()), "60000");
}

Task<ErrorKind> wait_in_vain(Loop& loop, Endpoint to) {
  auto stream = co_await loop.connect(to, in(5s));
  if (!stream) co_return stream.error().kind;
  (*stream)->set_deadline(in(50ms));
  const auto waited = co_await (*stream)->wait_readable();
  co_return waited ? ErrorKind::internal : waited.error().kind;
}

TEST_F(LoopTest, EveryWaitEndsByItsDeadline) {
  const auto listener = loops_->listen(*BoundSocket::bind(any_port(), 1), "silence", &silence);
  EXPECT_EQ(run(&wait_in_vain, listener->local()), ErrorKind::timeout);
}

TEST_F(LoopTest, ARefusedConnectionSaysSo) {
  Endpoint nobody;
  {
    const auto bound = BoundSocket::bind(any_port(), 1);
    nobody = bound->local();
  }
  EXPECT_EQ(run(&wait_in_vain, nobody), ErrorKind::refused);
}

TEST(BoundSocketTest, ASecondProgramCannotJoinThePort) {
  const auto first = BoundSocket::bind(any_port(), 2);
  ASSERT_TRUE(first);
  const auto second = BoundSocket::bind(first->local(), 2);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("another program"), std::string::npos) << second.error().text;
}

std::shared_ptr<const TlsContext> server_context;

Task<void> tls_echo(Loop& loop, std::unique_ptr<Stream> stream) {
  stream->set_deadline(in(5s));
  const auto secured = co_await stream->start_tls_server(server_context);
  if (!secured) co_return;
  co_await echo(loop, std::move(stream));
}

Task<std::string> say_hello_in_tls(Loop& loop, Endpoint to) {
  auto context = TlsContext::client();
  auto stream = co_await loop.connect(to, in(5s));
  if (!stream) co_return stream.error().text;
  (*stream)->set_deadline(in(5s));
  const auto facts = co_await (*stream)->start_tls_client(*context, "mx.example.org");
  if (!facts) co_return facts.error().text;
  const auto written = co_await (*stream)->write_all("hello");
  if (!written) co_return written.error().text;
  char bytes[16];
  const auto got = co_await (*stream)->read_some(bytes, sizeof bytes);
  if (!got) co_return got.error().text;
  co_return facts->version + " " + std::string{bytes, *got};
}

TEST_F(LoopTest, TlsCarriesTheSame) {
  const auto folder = std::filesystem::temp_directory_path() / ("loop_test." + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  support::write_certificate(folder / "cert.pem", folder / "key.pem", "mx.example.org");
  server_context = *TlsContext::server(folder / "cert.pem", folder / "key.pem", "1.2");
  const auto listener = loops_->listen(*BoundSocket::bind(any_port(), 1), "tls", &tls_echo);
  EXPECT_EQ(run(&say_hello_in_tls, listener->local()), "TLSv1.3 hello");
  std::filesystem::remove_all(folder);
}

TEST(TlsContextTest, SaysWhichFileIsWrong) {
  const auto folder = std::filesystem::temp_directory_path() / ("tls_test." + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  support::write_certificate(folder / "a.pem", folder / "a.key", "a.example.org");
  support::write_certificate(folder / "b.pem", folder / "b.key", "b.example.org");
  const auto mismatch = TlsContext::server(folder / "a.pem", folder / "b.key", "1.2");
  ASSERT_FALSE(mismatch);
  EXPECT_NE(mismatch.error().text.find("b.key"), std::string::npos) << mismatch.error().text;
  const auto missing = TlsContext::server(folder / "none.pem", folder / "a.key", "1.2");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find("none.pem: No such file"), std::string::npos) << missing.error().text;
  std::filesystem::remove_all(folder);
}

Task<bool> sleep_long(Loop& loop, Endpoint) { return loop.sleep(1h); }

TEST(LoopGroupTest, StopEndsEveryWait) {
  const auto log = make_silent_logger();
  const auto loops = make_loops(2, *log);
  std::atomic<int> ended{0};
  struct Sleeper {
    static Task<void> sleep(Loop& loop, std::atomic<int>& count) {
      co_await sleep_long(loop, {});
      ++count;
    }
  };
  loops->at(0).spawn("sleeper", Sleeper::sleep(loops->at(0), ended));
  loops->at(1).spawn("sleeper", Sleeper::sleep(loops->at(1), ended));
  std::thread thread{[&] { loops->run(); }};
  loops->stop();
  thread.join();
  EXPECT_EQ(ended, 2);
}

}  // namespace
}  // namespace mailreeve::net
