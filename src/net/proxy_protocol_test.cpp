// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

namespace mailreeve::net {
namespace {

using namespace std::string_literals;

std::string v2(unsigned char command, unsigned char family, const std::string& body) {
  std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(body.size() >> 8);
  header += static_cast<char>(body.size() & 0xff);
  return header + body;
}

const std::string v4_block = "\xc0\x00\x02\x01\x0a\x00\x00\x01\xdc\x04\x00\x19"s;

TEST(ProxyProtocol, Version1NamesTheClient) {
  const auto header = parse_proxy_header("PROXY TCP4 192.0.2.1 10.0.0.1 56324 25\r\nEHLO x\r\n");
  ASSERT_TRUE(header && *header);
  EXPECT_EQ((*header)->client->text(), "192.0.2.1:56324");
  EXPECT_EQ((*header)->size, 40U);
}

TEST(ProxyProtocol, Version1KnowsIPv6AndUnknown) {
  const auto v6 = parse_proxy_header("PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n");
  ASSERT_TRUE(v6 && *v6);
  EXPECT_EQ((*v6)->client->address.text(), "2001:db8::1");
  const auto unknown = parse_proxy_header("PROXY UNKNOWN anything at all\r\n");
  ASSERT_TRUE(unknown && *unknown);
  EXPECT_FALSE((*unknown)->client);
}

TEST(ProxyProtocol, Version2NamesTheClientAndSkipsExtensions) {
  const auto header = parse_proxy_header(v2(0x21, 0x11, v4_block + "\x03\x00\x04hash"s) + "EHLO x\r\n");
  ASSERT_TRUE(header && *header);
  EXPECT_EQ((*header)->client->text(), "192.0.2.1:56324");
  EXPECT_EQ((*header)->size, 16U + 12U + 7U);
}

TEST(ProxyProtocol, Version2LocalIsTheBalancerItself) {
  const auto header = parse_proxy_header(v2(0x20, 0x00, ""));
  ASSERT_TRUE(header && *header);
  EXPECT_FALSE((*header)->client);
}

TEST(ProxyProtocol, AsksForMoreUntilTheHeaderIsWhole) {
  for (const auto& whole : {"PROXY TCP4 192.0.2.1 10.0.0.1 1 25\r\n"s, v2(0x21, 0x11, v4_block)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto header = parse_proxy_header(std::string_view{whole}.substr(0, size));
      ASSERT_TRUE(header) << size;
      EXPECT_FALSE(*header) << size;
    }
  }
}

TEST(ProxyProtocol, RefusesWhatIsNoHeader) {
  const std::string bad[] = {"EHLO x\r\n",
                             "PROXY TCP4 192.0.2.1 10.0.0.1 1 25 26\r\n",
                             "PROXY TCP4 192.0.2.300 10.0.0.1 1 25\r\n",
                             "PROXY TCP6 192.0.2.1 10.0.0.1 1 25\r\n",
                             "PROXY TCP4 192.0.2.1 10.0.0.1 99999 25\r\n",
                             "PROXY " + std::string(200, 'x'),
                             v2(0x11, 0x11, v4_block),
                             v2(0x21, 0x12, v4_block),
                             v2(0x21, 0x11, "\x01"),
                             v2(0x21, 0x11, std::string(5000, 'x'))};
  for (const auto& bytes : bad) EXPECT_FALSE(parse_proxy_header(bytes)) << bytes;
}

}  // namespace
}  // namespace mailreeve::net
