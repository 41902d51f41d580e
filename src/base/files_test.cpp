// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace mailreeve {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "mailreeve-files-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(directory); }

  std::unique_ptr<Files> files = make_system_files();
  std::string directory;
};

TEST_F(FilesTest, AFileIsMadeOnceWrittenAndReadBack) {
  const auto path = directory + "/a";
  {
    auto file = files->create(path);
    ASSERT_TRUE(file) << file.error().text;
    ASSERT_TRUE((*file)->write("hello "));
    ASSERT_TRUE((*file)->write(std::string(300'000, 'x')));
    ASSERT_TRUE((*file)->sync());
    char bytes[8];
    EXPECT_EQ((*file)->read_at(4, bytes, sizeof bytes).value(), 8U);
    EXPECT_EQ(std::string(bytes, 8), "o xxxxxx");
    EXPECT_EQ((*file)->read_at(300'003, bytes, sizeof bytes).value(), 3U);
    EXPECT_EQ((*file)->read_at(400'000, bytes, sizeof bytes).value(), 0U);
  }
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(files->create(path)) << "it exists";
  EXPECT_EQ(files->read_all(path, 300'006).value().size(), 300'006U);
  EXPECT_EQ(files->read_all(path, 300'005).error().kind, ErrorKind::full);
  EXPECT_EQ(files->read_all(directory + "/b", 10).error().kind, ErrorKind::not_found);
}

TEST_F(FilesTest, AnUnnamedFileLeavesNothing) {
  auto file = files->create_unnamed(directory);
  ASSERT_TRUE(file) << file.error().text;
  ASSERT_TRUE((*file)->write("secret"));
  char bytes[6];
  EXPECT_EQ((*file)->read_at(0, bytes, 6).value(), 6U);
  EXPECT_TRUE(files->list(directory).value().empty());
}

TEST_F(FilesTest, FoldersAreMadeListedAndSynced) {
  const auto deep = directory + "/x/y/z";
  ASSERT_TRUE(files->make_directories(deep));
  ASSERT_TRUE(files->make_directories(deep)) << "again";
  ASSERT_TRUE(files->create(deep + "/one"));
  ASSERT_TRUE(files->rename(deep + "/one", deep + "/two"));
  ASSERT_TRUE(files->sync_directory(deep));
  EXPECT_EQ(files->list(deep).value(), std::vector<std::string>{"two"});
  ASSERT_TRUE(files->remove(deep + "/two"));
  EXPECT_EQ(files->remove(deep + "/two").error().kind, ErrorKind::not_found);
  EXPECT_EQ(files->list(directory + "/none").error().kind, ErrorKind::not_found);
}

TEST_F(FilesTest, AFileInTheWayOfAFolderIsToldWithItsPath) {
  ASSERT_TRUE(files->create(directory + "/x"));
  const auto made = files->make_directories(directory + "/x");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find(directory + "/x"), std::string::npos);
}

TEST_F(FilesTest, ALinkThatSomebodyPlantedIsNotWrittenThrough) {
  std::filesystem::create_symlink(directory + "/victim", directory + "/link");
  EXPECT_FALSE(files->create(directory + "/link"));
  EXPECT_FALSE(std::filesystem::exists(directory + "/victim"));
}

}  // namespace
}  // namespace mailreeve
