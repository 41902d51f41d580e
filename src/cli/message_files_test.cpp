// SPDX-License-Identifier: Apache-2.0
#include "cli/message_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace mailreeve::cli {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  std::vector<std::string> names, messages, errors, remarks;
  TakeMessage take() {
    return [this](const std::string& name, std::string_view message, bool) {
      names.push_back(name);
      messages.emplace_back(message);
    };
  }
  TellError failed() {
    return [this](const Error& error) { errors.push_back(error.text); };
  }
  TellRemark remark() {
    return [this](const std::string& text) { remarks.push_back(text); };
  }
};

Read read(const std::string& text, std::size_t limit = message_limit) {
  Read all;
  std::istringstream file{text};
  for_each_message_in(file, "box", all.take(), all.failed(), limit);
  return all;
}

std::vector<std::string> messages_of(const std::string& text) { return read(text).messages; }

TEST(Mbox, IsTakenApart) {
  const auto all = read("From a@b Mon\r\nSubject: 1\r\n\r\none\r\n\r\nFrom c@d Tue\r\nSubject: 2\r\n\r\ntwo\r\n");
  EXPECT_THAT(all.messages, ElementsAre("Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\ntwo\r\n"));
  EXPECT_THAT(all.names, ElementsAre("box:1", "box:2"));
}

TEST(Mbox, LinesMayEndInLfAlone) {
  EXPECT_THAT(messages_of("From a@b Mon\nSubject: 1\n\none\n\nFrom c@d Tue\nSubject: 2\n\ntwo\n"),
              ElementsAre("Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\ntwo\r\n"));
}

TEST(Mbox, OnlyALineBehindAnEmptyOneBegins) {
  EXPECT_THAT(messages_of("From a@b\r\nSubject: 1\r\n\r\nline\r\nFrom here\r\n"),
              ElementsAre("Subject: 1\r\n\r\nline\r\nFrom here\r\n"));
}

TEST(Mbox, QuotingIsUndoneOnce) {
  EXPECT_THAT(messages_of("From a@b\r\nSubject: 1\r\n\r\n>From me\r\n>>From you\r\n> From them\r\n"),
              ElementsAre("Subject: 1\r\n\r\nFrom me\r\n>From you\r\n> From them\r\n"));
}

TEST(Mbox, OddEndsAreRead) {
  EXPECT_THAT(messages_of("From a@b\r\nSubject: 1"), ElementsAre("Subject: 1"));
  EXPECT_THAT(messages_of("From a@b"), ElementsAre(""));
  EXPECT_THAT(messages_of("From a@b\r\n\r\nFrom c@d\r\n\r\nx"), ElementsAre("\r\n", "\r\nx"));
}

TEST(Mbox, AMessageIsOneAndNone) {
  const auto all = read("From: a@b\n\nFrom x\n");
  EXPECT_THAT(all.messages, ElementsAre("From: a@b\r\n\r\nFrom x\r\n"));
  EXPECT_THAT(all.names, ElementsAre("box"));
  EXPECT_THAT(messages_of(""), ElementsAre(""));
}

TEST(Mbox, LinesLongerThanTheBufferStayWhole) {
  for (const std::size_t length : {65534U, 65535U, 65536U, 65537U, 200'000U}) {
    const std::string line(length, 'x');
    EXPECT_THAT(messages_of("From a@b " + line + "\nSubject: 1\n\n" + line + "\r\nFrom x\n"),
                ElementsAre("Subject: 1\r\n\r\n" + line + "\r\nFrom x\r\n"))
        << length;
  }
}

TEST(Mbox, TheLimitIsThatOfOneMessage) {
  const std::string small = "From a@b\nSubject: 1\n\n" + std::string(300, 'x') + "\n\n";
  const std::string large = "From a@b\nSubject: 2\n\n" + std::string(3000, 'x') + "\n\n";
  const auto all = read(small + large + small + small, 1000);
  EXPECT_THAT(all.names, ElementsAre("box:1", "box:3", "box:4"));
  ASSERT_EQ(all.errors.size(), 1U);
  EXPECT_THAT(all.errors[0], HasSubstr("box:2 is larger than 1000 octets"));
  const auto alone = read("Subject: 2\n\n" + std::string(3000, 'x'), 1000);
  EXPECT_THAT(alone.messages, IsEmpty());
  ASSERT_EQ(alone.errors.size(), 1U);
}

class Folders : public testing::Test {
 protected:
  Folders() {
    auto path = (fs::temp_directory_path() / "mailreeve-messages-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  ~Folders() override { fs::remove_all(folder_); }
  void write(const fs::path& name) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream{folder_ / name} << "Subject: " << name.filename().string() << "\n\n";
  }
  Read read(const fs::path& name = {}) const {
    Read all;
    const auto path = name.empty() ? folder_ : folder_ / name;
    for_each_message({path.string()}, all.take(), all.failed(), all.remark());
    return all;
  }
  fs::path folder_;
};

TEST_F(Folders, OfAMaildirAreNamedWhenTheyAreNotEntered) {
  for (const auto* name : {"cur/1", "new/2", "tmp/3", ".Junk/cur/4", ".Junk.Old/cur/5"}) write(name);
  const auto all = read();
  EXPECT_THAT(all.messages, ElementsAre("Subject: 1\r\n\r\n", "Subject: 2\r\n\r\n"));
  EXPECT_THAT(all.remarks, ElementsAre(HasSubstr("folders not entered: .Junk, .Junk.Old")));
}

TEST_F(Folders, OfADirectoryAreNamedWhenTheyAreNotEntered) {
  for (const auto* name : {"1.eml", ".hidden", "old/2.eml"}) write(name);
  const auto all = read();
  EXPECT_THAT(all.messages, ElementsAre("Subject: 1.eml\r\n\r\n"));
  EXPECT_THAT(all.remarks, ElementsAre(HasSubstr("folders not entered: old")));
}

TEST_F(Folders, WithoutMessagesAreTold) {
  EXPECT_THAT(read().remarks, ElementsAre(HasSubstr("no messages in it")));
  fs::create_directories(folder_ / "box" / "cur");
  fs::create_directories(folder_ / "box" / "new");
  EXPECT_THAT(read("box").remarks, ElementsAre(HasSubstr("box: no messages in it")));
}

TEST_F(Folders, APipeIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const auto all = read("pipe");
  EXPECT_THAT(all.messages, IsEmpty());
  EXPECT_THAT(all.errors, ElementsAre(HasSubstr("pipe is no ordinary file")));
  EXPECT_THAT(read("nothing").errors, ElementsAre(HasSubstr("No such file")));
}

}  // namespace
}  // namespace mailreeve::cli
