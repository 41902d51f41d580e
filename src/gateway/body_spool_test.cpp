// SPDX-License-Identifier: Apache-2.0
#include "gateway/body_spool.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace mailreeve::gateway {
namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i * 7 % 26);
  return bytes;
}

TEST(BodySpool, GivesBackWhatWentInWhereverItLies) {
  const auto files = make_system_files();
  for (const std::size_t size : {0UL, 1UL, 1000UL, 1001UL, 600'000UL}) {
    BodySpool spool{*files, std::filesystem::temp_directory_path(), 1000};
    const auto sent = pattern(size);
    for (std::size_t at = 0; at < size; at += 777) {
      ASSERT_TRUE(spool.append(std::string_view{sent}.substr(at, 777)));
    }
    EXPECT_EQ(spool.size(), size);
    const auto body = spool.finish();
    ASSERT_TRUE(body);
    EXPECT_EQ((*body)->size(), size);
    const auto whole = mail::read_whole(**body, 1'000'000);
    ASSERT_TRUE(whole);
    EXPECT_EQ(*whole, sent);
  }
}

TEST(BodySpool, LeavesNoFileBehind) {
  const auto files = make_system_files();
  const auto directory = std::filesystem::temp_directory_path() / ("spool_test." + std::to_string(::getpid()));
  std::filesystem::create_directory(directory);
  BodySpool spool{*files, directory, 10};
  ASSERT_TRUE(spool.append(pattern(1000)));
  EXPECT_TRUE(std::filesystem::is_empty(directory));
  std::filesystem::remove(directory);
}

TEST(BodySpool, SaysWhenThereIsNoPlaceForTheFile) {
  const auto files = make_system_files();
  BodySpool spool{*files, "/nonexistent/folder", 10};
  EXPECT_TRUE(spool.append(pattern(10)));
  EXPECT_FALSE(spool.append(pattern(10)));
}

}  // namespace
}  // namespace mailreeve::gateway
