// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <gtest/gtest.h>

namespace mailreeve {
namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(IpAddress, ReadsBothFamiliesAndWritesThemBack) {
  for (const auto* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1"}) {
    EXPECT_EQ(ip(text).text(), text);
  }
  EXPECT_EQ(ip("2001:0DB8:0:0::1").text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::v4(0xc0000201), ip("192.0.2.1"));
  EXPECT_EQ(ip("192.0.2.1").literal(), "192.0.2.1");
  EXPECT_EQ(ip("2001:db8::1").literal(), "IPv6:2001:db8::1");
}

TEST(IpAddress, RefusesWhatIsNone) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "256.1.1.1"sv, "01.2.3.4"sv, "1.2.3.4 "sv, "fe80::1%eth0"sv,
                          "[::1]"sv, "1.2.3.4\0"sv, "::1::"sv, "example.org"sv}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string(1000, '1')));
}

TEST(IpAddress, AMappedAddressIsIpv4) {
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
  EXPECT_TRUE(ip("::ffff:c000:201").is_v4());
  EXPECT_FALSE(ip("::fffe:192.0.2.1").is_v4());
}

TEST(IpAddress, KnowsWhatTheInternetCannotReach) {
  for (const auto* text : {"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                           "100.64.0.1", "169.254.1.1", "0.0.0.0", "::1", "::", "fd00::1", "fe80::1", "febf::1"}) {
    EXPECT_TRUE(ip(text).is_private()) << text;
  }
  for (const auto* text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2001:db8::1", "fec0::1"}) {
    EXPECT_FALSE(ip(text).is_private()) << text;
  }
  EXPECT_TRUE(ip("127.1.2.3").is_loopback());
  EXPECT_TRUE(ip("::1").is_loopback());
  EXPECT_FALSE(ip("10.0.0.1").is_loopback());
}

TEST(IpNetwork, ContainsWhatItsPrefixSays) {
  const auto in = [](std::string_view network, std::string_view address) {
    return IpNetwork::parse(network).value().contains(ip(address));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(in("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(in("192.0.2.128/25", "192.0.2.100"));
  EXPECT_TRUE(in("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(in("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(in("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(in("0.0.0.0/0", "::1"));
  EXPECT_FALSE(in("::/0", "8.8.8.8"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(in("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(IpNetwork, RefusesHostBitsAndSaysWhatWasMeant) {
  const auto network = IpNetwork::parse("10.1.2.3/8");
  ASSERT_FALSE(network);
  EXPECT_NE(network.error().text.find("10.0.0.0/8"), std::string::npos) << network.error().text;
  EXPECT_FALSE(IpNetwork::parse("2001:db8::1/64"));
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/8/8", "10/8",
                           "::/129", "::ffff:10.0.0.0/8", "x/8"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

TEST(IpNetwork, LimitsCountIpv6ByThe64) {
  EXPECT_EQ(counting_network(ip("192.0.2.1")).text(), "192.0.2.1/32");
  EXPECT_EQ(counting_network(ip("2001:db8:1:2:3:4:5:6")).text(), "2001:db8:1:2::/64");
}

}  // namespace
}  // namespace mailreeve
