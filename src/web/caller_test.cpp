// SPDX-License-Identifier: Apache-2.0
#include "web/caller.h"

#include <gtest/gtest.h>

namespace mailreeve::web {
namespace {

struct Seen {
  std::string client;
  bool secure = false;
  bool loopback = false;
};

Seen seen(const std::string& peer, const std::map<std::string, std::string>& headers,
          const std::vector<std::string>& trusted) {
  Options options;
  for (const auto& network : trusted) options.trusted_proxies.push_back(*IpNetwork::parse(network));
  net::HttpRequest request;
  request.client = IpAddress::parse(peer);
  request.headers = headers;
  const auto origin = origin_of(request, options);
  return {origin.client ? origin.client->text() : "none", origin.secure, origin.loopback};
}

TEST(Caller, NobodyButATrustedProxyTellsAddresses) {
  const std::map<std::string, std::string> headers{{"x-forwarded-for", "198.51.100.1"}, {"x-forwarded-proto", "https"}};
  EXPECT_EQ(seen("192.0.2.1", headers, {}).client, "192.0.2.1");
  EXPECT_FALSE(seen("192.0.2.1", headers, {}).secure);
  EXPECT_EQ(seen("192.0.2.1", headers, {"192.0.2.0/24"}).client, "198.51.100.1");
  EXPECT_TRUE(seen("192.0.2.1", headers, {"192.0.2.0/24"}).secure);
}

TEST(Caller, TheRightmostAddressThatIsNoProxyCounts) {
  const auto client = [](const std::string& list) {
    return seen("10.0.0.1", {{"x-forwarded-for", list}}, {"10.0.0.0/8"}).client;
  };
  EXPECT_EQ(client("1.1.1.1, 198.51.100.1"), "198.51.100.1") << "what stands left of it may be made up";
  EXPECT_EQ(client("1.1.1.1, 198.51.100.1, 10.0.0.2, 10.0.0.3"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.4, 10.0.0.2"), "10.0.0.4");
  EXPECT_EQ(client("198.51.100.1:4711"), "198.51.100.1");
  EXPECT_EQ(client("[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(client("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client("198.51.100.1, unknown, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client("unknown"), "10.0.0.1");
  EXPECT_EQ(client(",,"), "10.0.0.1");
  EXPECT_EQ(client("[2001:db8::1"), "10.0.0.1");
  EXPECT_EQ(client(""), "10.0.0.1");
}

TEST(Caller, WhoAsksForOurHttpsAddressGetsNothingThatTravelsInClear) {
  Options options;
  options.url = "https://mx.example.org";
  net::HttpRequest request;
  request.client = IpAddress::parse("127.0.0.1");
  request.headers = {{"host", "MX.example.org"}};
  EXPECT_TRUE(origin_of(request, options).secure);
  request.headers = {{"host", "127.0.0.1:8025"}};
  EXPECT_FALSE(origin_of(request, options).secure);
}

TEST(Caller, WhatTheLastProxySaysOfTlsCounts) {
  const auto secure = [](const std::string& list) {
    return seen("10.0.0.1", {{"x-forwarded-proto", list}}, {"10.0.0.1"}).secure;
  };
  EXPECT_TRUE(secure("https"));
  EXPECT_TRUE(secure("http, HTTPS"));
  EXPECT_FALSE(secure("https, http"));
}

TEST(Caller, WhoeverComesThroughAProxyIsNotOnThisMachine) {
  EXPECT_TRUE(seen("127.0.0.1", {}, {}).loopback);
  EXPECT_TRUE(seen("::1", {}, {}).loopback);
  EXPECT_FALSE(seen("192.0.2.1", {}, {}).loopback);
  for (const auto* header : {"x-forwarded-for", "x-forwarded-proto", "forwarded", "via"}) {
    EXPECT_FALSE(seen("127.0.0.1", {{header, "x"}}, {}).loopback) << header;
    EXPECT_FALSE(seen("127.0.0.1", {{header, "127.0.0.1"}}, {"127.0.0.1"}).loopback) << header;
  }
}

}  // namespace
}  // namespace mailreeve::web
