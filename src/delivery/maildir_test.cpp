// SPDX-License-Identifier: Apache-2.0
#include "delivery/maildir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mailreeve::delivery {
namespace {

namespace fs = std::filesystem;

mail::Mailbox mailbox(std::string_view text) { return *mail::Mailbox::parse(text); }

std::string slurp(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t count(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

class MaildirTest : public ::testing::Test {
 protected:
  MaildirTest() {
    std::string name = (fs::temp_directory_path() / "mailreeve-maildir-XXXXXX").string();
    root = ::mkdtemp(name.data());
    path = root + "/deep/user";
  }
  ~MaildirTest() override { fs::remove_all(root); }

  Result<void> deliver(std::string_view unique, std::string text = "Subject: x\r\n\r\nhello\r\n") {
    return deliver_to_maildir(*files, path, mail::MemoryBody{std::move(text)}, unique, "Return-Path: <>\r\n");
  }

  std::unique_ptr<Files> files = make_system_files();
  std::string root;
  std::string path;
};

TEST_F(MaildirTest, AMessageLandsInNewWithLocalLineEnds) {
  const auto done = deliver("one");
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(slurp(path + "/new/one"), "Return-Path: <>\nSubject: x\n\nhello\n");
  EXPECT_EQ(count(path + "/tmp"), 0U);
  EXPECT_TRUE(fs::is_directory(path + "/cur"));
}

TEST_F(MaildirTest, ALargeMessageKeepsEveryOctet) {
  std::string text;
  std::string expected = "Return-Path: <>\n";
  for (int i = 0; i < 50'000; ++i) {
    text += "line " + std::to_string(i) + "\r\n";
    expected += "line " + std::to_string(i) + "\n";
  }
  ASSERT_TRUE(deliver("big", text));
  EXPECT_EQ(slurp(path + "/new/big"), expected);
}

TEST_F(MaildirTest, ARepeatedDeliveryMakesNoCopy) {
  ASSERT_TRUE(deliver("one"));
  ASSERT_TRUE(deliver("one"));
  EXPECT_EQ(count(path + "/new"), 1U);
  for (const auto* seen : {"one:2,S", "one,S=40:2,", "one"}) {
    fs::remove_all(path + "/cur");
    fs::create_directory(path + "/cur");
    fs::remove_all(path + "/new");
    fs::create_directory(path + "/new");
    std::ofstream{path + "/cur/" + seen} << "read";
    ASSERT_TRUE(deliver("one"));
    EXPECT_EQ(count(path + "/new"), 0U) << seen;
  }
  ASSERT_TRUE(deliver("on")) << "a name that begins another is another message";
  EXPECT_EQ(count(path + "/new"), 1U);
}

TEST_F(MaildirTest, WhatACrashLeftInTmpIsWrittenAfresh) {
  fs::create_directories(path + "/tmp");
  std::ofstream{path + "/tmp/one"} << "half";
  ASSERT_TRUE(deliver("one"));
  EXPECT_EQ(slurp(path + "/new/one"), "Return-Path: <>\nSubject: x\n\nhello\n");
}

TEST_F(MaildirTest, AFailureLeavesNothingAndIsOurTrouble) {
  class Short final : public mail::Body {
   public:
    std::uint64_t size() const override { return 100; }
    Result<std::string_view> read(std::uint64_t offset, std::string&) const override {
      return offset == 0 ? std::string_view{"half"} : std::string_view{};
    }
  };
  const auto done = deliver_to_maildir(*files, path, Short{}, "one", "");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().blame, Blame::local);
  EXPECT_EQ(count(path + "/new"), 0U);
  EXPECT_EQ(count(path + "/tmp"), 0U);
}

TEST_F(MaildirTest, AFileInTheWayIsAnError) {
  fs::create_directories(root + "/deep");
  std::ofstream{path} << "not a folder";
  EXPECT_FALSE(deliver("one"));
}

TEST(MaildirPath, FillsInTheRecipient) {
  Target target{Target::Kind::maildir, "", 0, "/m/{domain}/{user}"};
  EXPECT_EQ(maildir_path(target, mailbox("Anna+lists@Example.org")).value(), "/m/example.org/anna");
  target.path = "/m/{address}/Maildir";
  EXPECT_EQ(maildir_path(target, mailbox("Anna@Example.org")).value(), "/m/anna@example.org/Maildir");
}

TEST(MaildirPath, ALocalPartIsNotExpandedAgain) {
  const Target target{Target::Kind::maildir, "", 0, "/m/{user}"};
  EXPECT_EQ(maildir_path(target, mailbox("{domain}@example.org")).value(), "/m/{domain}");
}

TEST(MaildirPath, NobodyLeavesTheFolder) {
  const Target target{Target::Kind::maildir, "", 0, "/m/{user}/"};
  for (const auto* address : {"\"../../etc\"@example.org", "a/b@example.org", "/etc@example.org", "\"..\"@example.org",
                              "\".hidden\"@example.org", "+tag@example.org"}) {
    const auto parsed = mail::Mailbox::parse(address);
    if (!parsed) continue;  // stopped one door earlier
    const auto path = maildir_path(target, *parsed);
    ASSERT_FALSE(path) << address << " " << *path;
    EXPECT_EQ(path.error().kind, ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace mailreeve::delivery
