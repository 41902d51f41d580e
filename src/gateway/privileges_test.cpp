// SPDX-License-Identifier: Apache-2.0
// Each change of identity happens in a child process: there is no way back.
#include "gateway/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace mailreeve::gateway {
namespace {

constexpr ::uid_t nobody = 65534;

class PrivilegesTest : public testing::Test {
 protected:
  ~PrivilegesTest() override { std::filesystem::remove_all(folder_); }

  static bool is_root() { return ::geteuid() == 0; }

  // Runs `body` in a child; "" when it answered "", else what it said.
  template <class Body>
  static std::string in_child(Body body) {
    int ends[2];
    if (::pipe(ends) != 0) return "pipe";
    const auto child = ::fork();
    if (child == 0) {
      const std::string said = body();
      const auto written = ::write(ends[1], said.data(), said.size());
      ::_exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string said;
    char bytes[512];
    for (ssize_t got = 0; (got = ::read(ends[0], bytes, sizeof bytes)) > 0;) {
      said.append(bytes, static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0 ? said : said + " (child failed)";
  }

  static std::string status_line(const std::string& name) {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(name)) return line;
    }
    return {};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("privileges_test." + std::to_string(::getpid()));
  std::unique_ptr<Logger> log_ = make_silent_logger();
};

TEST_F(PrivilegesTest, RootBecomesTheUserForGood) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto said = in_child([this]() -> std::string {
    const auto dropped = drop_privileges("nobody", *log_);
    if (!dropped) return dropped.error().text;
    if (::getuid() != nobody || ::geteuid() != nobody) return "still somebody else";
    if (::setuid(0) == 0) return "root came back";
    for (const auto* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
      if (!status_line(set).ends_with("\t0000000000000000")) return status_line(set);
    }
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return "new privileges are possible";
    return {};
  });
  EXPECT_EQ(said, "");
}

TEST_F(PrivilegesTest, AnUnknownUserIsAnErrorThatSaysWhatToType) {
  const auto said = in_child([this] { return drop_privileges("no-such-account", *log_).error().text; });
  EXPECT_THAT(said, testing::HasSubstr("useradd"));
}

TEST_F(PrivilegesTest, RootUnderAnotherNameIsRefused) {
  const auto said = in_child([this] { return drop_privileges("root", *log_).error().text; });
  EXPECT_THAT(said, testing::HasSubstr("ordinary account"));
}

TEST_F(PrivilegesTest, AnOrdinaryUserCannotBecomeAnother) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto said = in_child([this] {
    if (::setuid(nobody) != 0) return std::string{"setuid"};
    return drop_privileges("daemon", *log_).error().text;
  });
  EXPECT_THAT(said, testing::HasSubstr("start as root or as daemon"));
}

TEST_F(PrivilegesTest, ANewDataFolderIsGivenToTheUser) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const auto path = folder_ / "deep" / "data";
  const auto made = prepare_data_dir(path, "nobody", *log_);
  ASSERT_TRUE(made) << made.error().text;
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, nobody);
  EXPECT_EQ(facts.st_mode & 07777, 0700U);
  EXPECT_TRUE(prepare_data_dir(path, "nobody", *log_));
}

TEST_F(PrivilegesTest, SomebodyElsesDataFolderIsRefused) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  std::filesystem::create_directory(folder_);
  const auto made = prepare_data_dir(folder_, "nobody", *log_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, testing::HasSubstr("chown -R nobody"));
}

TEST_F(PrivilegesTest, AnOpenDataFolderOfOursIsClosedWithItsDatabases) {
  std::filesystem::create_directory(folder_);
  for (const auto* name : {"queue.db", "queue.db-wal", "words.db"}) {
    std::ofstream{folder_ / name} << "x";
    ASSERT_EQ(::chmod((folder_ / name).c_str(), 0644), 0);
  }
  ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
  const auto made = prepare_data_dir(folder_, "", *log_);
  ASSERT_TRUE(made) << made.error().text;
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), perms::owner_all);
  for (const auto* name : {"queue.db", "queue.db-wal", "words.db"}) {
    EXPECT_EQ(std::filesystem::status(folder_ / name).permissions(), perms::owner_read | perms::owner_write) << name;
  }
}

TEST_F(PrivilegesTest, AnEmptyOpenDataFolderIsClosed) {
  std::filesystem::create_directory(folder_);
  ASSERT_EQ(::chmod(folder_.c_str(), 0750), 0);
  ASSERT_TRUE(prepare_data_dir(folder_, "", *log_));
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(PrivilegesTest, AFolderOfManyIsNoDataFolder) {
  std::filesystem::create_directory(folder_);
  std::filesystem::create_directory(folder_ / "somebody");
  ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
  const auto made = prepare_data_dir(folder_, "", *log_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, testing::HasSubstr("type: chmod 700 " + folder_.string()));
  ASSERT_EQ(::chmod(folder_.c_str(), 0700), 0);
  EXPECT_TRUE(prepare_data_dir(folder_, "", *log_));
}

TEST_F(PrivilegesTest, AFileIsNoDataFolder) {
  std::filesystem::create_directory(folder_);
  std::ofstream{folder_ / "file"} << "x";
  EXPECT_FALSE(prepare_data_dir(folder_ / "file", "", *log_));
  EXPECT_FALSE(prepare_data_dir(folder_ / "file" / "below", "", *log_));
}

}  // namespace
}  // namespace mailreeve::gateway
