// SPDX-License-Identifier: Apache-2.0
#include "dns/wire.h"

#include <gtest/gtest.h>

namespace mailreeve::dns {
namespace {

using namespace std::string_literals;

TEST(Wire, ReadsAMailExchanger) {
  const auto record = read_mail_exchanger("\x00\x0a\x02MX\x07"s + "example\x03org\x00"s);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->preference, 10);
  EXPECT_EQ(record->host, "mx.example.org");
}

TEST(Wire, ANullMxIsTheRoot) {
  const auto record = read_mail_exchanger("\x00\x00\x00"s);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->host, "");
}

TEST(Wire, BrokenNamesAreNoHosts) {
  EXPECT_FALSE(read_host_name(""));
  EXPECT_FALSE(read_host_name("\x03or"s));        // cut
  EXPECT_FALSE(read_host_name("\x03org"s));       // no end
  EXPECT_FALSE(read_host_name("\xc0\x0c"s));      // compressed
  EXPECT_FALSE(read_host_name("\x03o\ng\x00"s));  // a line end in a name
  std::string endless;
  for (int i = 0; i < 100; ++i)
    endless +=
        "\x03"
        "abc"s;
  EXPECT_FALSE(read_host_name(endless + '\0'));
  EXPECT_FALSE(read_mail_exchanger("\x00\x0a"s));
}

}  // namespace
}  // namespace mailreeve::dns
