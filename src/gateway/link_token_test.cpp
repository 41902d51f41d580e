// SPDX-License-Identifier: Apache-2.0
#include "gateway/link_token.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mailreeve::gateway {
namespace {

LinkKey key(std::uint8_t first = 7) {
  std::array<std::uint8_t, 32> secret{};
  secret.fill(first);
  return LinkKey{secret};
}

LinkClaims claims() {
  SeededRandom random{1};
  LinkClaims made;
  made.action = LinkAction::release_and_allow;
  made.message = MessageId::make(from_millis(1'790'000'000'000), random);
  made.address = "anna@example.org";
  made.expires = from_millis(1'790'000'000'000);
  made.nonce = 0x0123456789abcdefULL;
  return made;
}

TEST(LinkToken, WhatWasSignedIsReadBack) {
  const auto token = key().sign(claims());
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_LT(token.size(), 150U);
  EXPECT_EQ(key().open(token), claims());
}

TEST(LinkToken, EveryChangeIsSeen) {
  const auto token = key().sign(claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(key().open(changed)) << i;
  }
  for (std::size_t size = 0; size < token.size(); ++size) EXPECT_FALSE(key().open(token.substr(0, size))) << size;
  EXPECT_FALSE(key().open(token + "A"));
  EXPECT_FALSE(key().open(token + "="));
  EXPECT_FALSE(key().open(token + "AAAA"));
  EXPECT_FALSE(key(8).open(token)) << "another key";
  EXPECT_FALSE(key().open(std::string(100'000, 'A')));
}

TEST(LinkToken, AKeyIsMadeOnceAndKeptForUsAlone) {
  std::string directory = (std::filesystem::temp_directory_path() / "mailreeve-test-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const auto files = make_system_files();
  const auto first = LinkKey::load(*files, directory);
  ASSERT_TRUE(first) << first.error().text;
  const auto again = LinkKey::load(*files, directory);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_TRUE(again->open(first->sign(claims())));
  const auto mode = std::filesystem::status(directory + "/link.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ofstream{directory + "/link.key"} << "short";
  EXPECT_FALSE(LinkKey::load(*files, directory));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace mailreeve::gateway
