// SPDX-License-Identifier: Apache-2.0
#include "web/admission.h"

#include "web/access_fixture.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;

/// Takes everything; time passes while it waits.
class WillingStream final : public net::HttpStream {
 public:
  explicit WillingStream(MovedClock& clock) : clock_{clock} {}
  Task<bool> write(std::string) override {
    ++written;
    co_return true;
  }
  Task<bool> wait(std::chrono::milliseconds time) override {
    clock_.move(time);
    if (on_wait) on_wait();
    co_return true;
  }
  std::function<void()> on_wait;
  int written = 0;

 private:
  MovedClock& clock_;
};

Task<void> count_on(net::HttpStream& stream) {
  for (int i = 0; i < 1000; ++i) {
    const bool written = co_await stream.write("x");
    if (!written) co_return;
    const bool go_on = co_await stream.wait(10s);
    if (!go_on) co_return;
  }
}

Task<net::HttpResponse> counting(Call) {
  net::HttpResponse response;
  response.stream = [](net::HttpStream& stream) { return count_on(stream); };
  co_return response;
}

class AdmissionTest : public AccessFixture {
 protected:
  net::HttpResponse admitted(Needs needs, const Headers& headers) {
    auto services = std::make_shared<Services>(Services{queue_, metrics_, clock_, [] { return Health{}; }, {}, {}});
    services->access = &*access_;
    Call call;
    call.services = services;
    call.request = {"GET", "/", {}, "", headers, client_, secure_};
    return wait(admit(counting, needs, Door::network, std::move(call)));
  }
  Task<bool> play(net::HttpResponse response, WillingStream& stream) {
    co_await response.stream(stream);
    co_return true;
  }
};

TEST_F(AdmissionTest, AStreamGoesOnWhileItsListenerMayListen) {
  add_user("alice", "viewer");
  const auto response = admitted(Scope::overview_read, token_of("alice", {"overview.read"}));
  ASSERT_EQ(response.status, 200);
  WillingStream stream{clock_};
  EXPECT_TRUE(wait(play(response, stream)));
  EXPECT_EQ(stream.written, 1000);
}

TEST_F(AdmissionTest, AStreamEndsSoonAfterTheRightsOfItsListener) {
  add_user("alice", "viewer");
  const auto response = admitted(Scope::overview_read, token_of("alice", {"overview.read"}));
  WillingStream stream{clock_};
  int waits = 0;
  stream.on_wait = [&] {
    if (++waits == 100) {
      // Not on this loop, which is busy with the stream.
      std::thread{[&] { EXPECT_TRUE(wait(accounts().revoke_token(last_token_))); }}.join();
    }
  };
  EXPECT_TRUE(wait(play(response, stream)));
  EXPECT_GE(stream.written, 100);
  EXPECT_LE(stream.written, 104);
}

TEST_F(AdmissionTest, AStreamEndsWithItsSession) {
  add_user("alice", "viewer");
  auto headers = signed_in("alice");
  headers["accept"] = "text/event-stream";
  const auto response = admitted(Scope::overview_read, headers);
  WillingStream stream{clock_};
  EXPECT_TRUE(wait(play(response, stream)));
  EXPECT_LE(stream.written, 30 * 6 + 4) << "half an hour";
  EXPECT_GE(stream.written, 30 * 6 - 4);
}

TEST_F(AdmissionTest, BehindATrustedProxyWithTlsTheAnswerAsksForTls) {
  options_.trusted_proxies = {*IpNetwork::parse("192.0.2.7")};
  apply();
  secure_ = false;
  const auto with_tls = ask("GET", "/healthz", {{"x-forwarded-proto", "https"}});
  EXPECT_EQ(header(with_tls, "Strict-Transport-Security"), "max-age=31536000");
  EXPECT_EQ(header(ask("GET", "/healthz", {{"x-forwarded-proto", "http"}}), "Strict-Transport-Security"), "");
}

}  // namespace
}  // namespace mailreeve::web
