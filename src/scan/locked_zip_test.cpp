// SPDX-License-Identifier: Apache-2.0
#include "scan/locked_zip.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "scan/archive.h"

namespace mailreeve::scan {
namespace {

const std::string message = "From: a@b.example\r\nSubject: x\r\n\r\nX5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR\r\n";

/// What Python's own reader finds in it: the names, and the content.
std::string read_by_python(const std::string& zip, const std::string& password) {
  const auto path =
      std::filesystem::temp_directory_path() / ("mailreeve-locked-" + std::to_string(::getpid()) + ".zip");
  std::ofstream{path, std::ios::binary} << zip;
  const auto command = "python3 -c \"import sys,zipfile; z=zipfile.ZipFile('" + path.string() +
                       "'); n=z.namelist(); sys.stdout.buffer.write(','.join(n).encode()+b'\\n'+z.read(n[0],b'" +
                       password + "'))\" 2>/dev/null";
  std::string out;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    char buffer[4096];
    for (auto got = std::fread(buffer, 1, sizeof buffer, pipe); got > 0;
         got = std::fread(buffer, 1, sizeof buffer, pipe))
      out.append(buffer, got);
    ::pclose(pipe);
  }
  std::filesystem::remove(path);
  return out;
}

TEST(LockedZip, EveryProgramOpensItWithThePasswordOnly) {
  const auto zip = locked_zip("01ABC.eml", message, usual_zip_password);
  ASSERT_TRUE(zip) << zip.error().text;
  EXPECT_EQ(read_by_python(*zip, "infected"), "01ABC.eml\n" + message);
  EXPECT_EQ(read_by_python(*zip, "wrong"), "");
}

TEST(LockedZip, ScannersSeeNothingInIt) {
  const auto zip = locked_zip("01ABC.eml", message, usual_zip_password);
  ASSERT_TRUE(zip);
  EXPECT_EQ(zip->find("EICAR"), std::string::npos);
  Notes notes{10};
  const Limits limits;
  Budget budget{1 << 20, 10};
  EXPECT_TRUE(open_archive(*zip, "zip", "1", limits, budget, notes, [](const Member&) {}).encrypted);
}

TEST(LockedZip, NamesAreHarmless) {
  for (const auto* name : {"../../etc/passwd", "a/b", "..", "", "x\n\"y\".exe", "C:\\x"}) {
    const auto zip = locked_zip(name, message, usual_zip_password);
    ASSERT_TRUE(zip);
    const auto read = read_by_python(*zip, "infected");
    const auto line = read.substr(0, read.find('\n'));
    EXPECT_EQ(line.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-"), std::string::npos)
        << line;
    EXPECT_FALSE(line.empty() || line == "..") << name;
  }
}

TEST(LockedZip, EmptyAndLargeFilesFit) {
  const auto empty = locked_zip("x", {}, usual_zip_password);
  ASSERT_TRUE(empty);
  EXPECT_EQ(read_by_python(*empty, "infected"), "x\n");
  std::string large;
  while (large.size() < 3'000'000) large += std::to_string(large.size());
  const auto zip = locked_zip("x", large, usual_zip_password);
  ASSERT_TRUE(zip);
  EXPECT_EQ(read_by_python(*zip, "infected"), "x\n" + large);
  EXPECT_FALSE(locked_zip("x", "y", ""));
}

}  // namespace
}  // namespace mailreeve::scan
