// SPDX-License-Identifier: Apache-2.0
#include "scan/ole.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "scan/scan.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using namespace std::string_literals;

constexpr std::uint32_t end_of_chain = 0xfffffffe;
constexpr std::uint32_t free_sector = 0xffffffff;
constexpr std::uint32_t table_sector = 0xfffffffd;

std::string little(std::uint64_t value, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

/// A small compound file as [MS-CFB] has it: version 3, one sector of allocation table.
class CompoundFileMaker {
 public:
  void storage(const std::string& name) { entries_.push_back({name, 1, {}}); }
  void stream(const std::string& name, std::string content) { entries_.push_back({name, 2, std::move(content)}); }

  std::string make(std::string class_id = std::string(16, '\0')) {
    sectors_.assign(1, {});
    table_.assign(1, table_sector);
    std::string mini, mini_table;
    std::vector<std::uint32_t> starts;
    for (const auto& entry : entries_) {
      if (entry.content.size() >= 4096) {
        starts.push_back(add_chain(entry.content));
        continue;
      }
      starts.push_back(entry.content.empty() ? end_of_chain : static_cast<std::uint32_t>(mini.size() / 64));
      for (std::size_t at = 0; at < entry.content.size(); at += 64) {
        auto piece = entry.content.substr(at, 64);
        piece.resize(64, '\0');
        mini += piece;
        mini_table += little(at + 64 < entry.content.size() ? mini.size() / 64 : end_of_chain, 4);
      }
    }
    const auto mini_start = mini.empty() ? end_of_chain : add_chain(mini);
    while (mini_table.size() % 512 != 0) mini_table += little(free_sector, 4);
    const auto mini_table_start = mini_table.empty() ? end_of_chain : add_chain(mini_table);
    std::string directory = entry_of("Root Entry", 5, mini_start, mini.size(), class_id);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      directory +=
          entry_of(entries_[i].name, entries_[i].type, starts[i], entries_[i].content.size(), std::string(16, '\0'));
    }
    const auto directory_start = add_chain(directory);
    for (const auto next : table_) sectors_[0] += little(next, 4);
    while (sectors_[0].size() < 512) sectors_[0] += little(free_sector, 4);
    EXPECT_EQ(sectors_[0].size(), 512U);
    auto out = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s + std::string(16, '\0') + little(0x3e, 2) + little(3, 2) +
               "\xfe\xff"s + little(9, 2) + little(6, 2) + std::string(10, '\0') + little(1, 4) +
               little(directory_start, 4) + little(0, 4) + little(4096, 4) + little(mini_table_start, 4) +
               little(mini_table.size() / 512, 4) + little(end_of_chain, 4) + little(0, 4) + little(0, 4);
    while (out.size() < 512) out += little(free_sector, 4);
    for (const auto& sector : sectors_) out += sector;
    return out;
  }

 private:
  struct Entry {
    std::string name;
    int type;
    std::string content;
  };

  std::uint32_t add_chain(const std::string& content) {
    const auto start = static_cast<std::uint32_t>(sectors_.size());
    for (std::size_t at = 0; at < content.size(); at += 512) {
      auto piece = content.substr(at, 512);
      piece.resize(512, '\0');
      sectors_.push_back(std::move(piece));
      table_.push_back(at + 512 < content.size() ? static_cast<std::uint32_t>(sectors_.size()) : end_of_chain);
    }
    return start;
  }

  static std::string entry_of(const std::string& name, int type, std::uint32_t start, std::size_t size,
                              const std::string& class_id) {
    std::string out;
    for (const char c : name) out += little(static_cast<unsigned char>(c), 2);
    out.resize(64, '\0');
    out += little(2 * name.size() + 2, 2) + little(static_cast<unsigned>(type), 1) + little(1, 1);
    for (int i = 0; i < 3; ++i) out += little(free_sector, 4);
    return out + class_id + std::string(20, '\0') + little(start, 4) + little(size, 8);
  }

  std::vector<Entry> entries_;
  std::vector<std::string> sectors_;
  std::vector<std::uint32_t> table_;
};

/// A module's source as its stream has it: some cache before it, then chunks of literal tokens ([MS-OVBA] 2.4.1).
std::string module(std::string_view source) {
  std::string out = "p-code\x01\x02"s + std::string(30, '\x7f') + "\x01";
  for (std::size_t chunk = 0; chunk < source.size(); chunk += 2000) {
    std::string tokens;
    const auto piece = source.substr(chunk, 2000);
    for (std::size_t at = 0; at < piece.size(); at += 8) tokens += "\0"s + std::string{piece.substr(at, 8)};
    out += little(0xb000 | (tokens.size() + 2 - 3), 2) + tokens;
  }
  return out;
}

std::string document_with(std::string_view source) {
  CompoundFileMaker file;
  file.stream("WordDocument", std::string(5000, 'w'));
  file.storage("Macros");
  file.storage("VBA");
  file.stream("ThisDocument", module("Attribute VB_Name = \"ThisDocument\"\r\n" + std::string{source}));
  return file.make();
}

TEST(CompoundFile, MacrosAreFoundAndRead) {
  const auto look =
      look_at_ole(document_with("Sub Document_Open()\r\n  Shell \"powershell -enc AAAA\"\r\nEnd Sub\r\n"));
  EXPECT_EQ(look.kind, "doc");
  EXPECT_FALSE(look.broken);
  EXPECT_TRUE(look.macros);
  EXPECT_TRUE(look.auto_run);
  EXPECT_THAT(look.words, UnorderedElementsAre("shell", "powershell"));
}

TEST(CompoundFile, AMacroThatWaitsToBeCalledIsNoMoreThanThat) {
  const auto look = look_at_ole(document_with("Sub Total()\r\n  x = 1 + 1\r\nEnd Sub\r\n"));
  EXPECT_TRUE(look.macros);
  EXPECT_FALSE(look.auto_run);
  EXPECT_THAT(look.words, IsEmpty());
}

TEST(CompoundFile, ALongModuleIsReadToItsEnd) {
  const auto look = look_at_ole(document_with(std::string(9000, '\'') + "\r\nSub AutoOpen()\r\nEnd Sub\r\n"));
  EXPECT_TRUE(look.auto_run) << "in sectors of its own, not in the stream of small ones";
}

TEST(CompoundFile, ADocumentWithoutMacrosHasNone) {
  CompoundFileMaker file;
  file.stream("WordDocument", std::string(5000, 'w'));
  file.stream("1Table", std::string(100, 't'));
  const auto look = look_at_ole(file.make());
  EXPECT_EQ(look.kind, "doc");
  EXPECT_FALSE(look.macros || look.auto_run || look.encrypted || look.embedded || look.broken);
}

TEST(CompoundFile, KindsAreTold) {
  const auto kind = [](const std::string& name, int size = 10) {
    CompoundFileMaker file;
    file.stream(name, std::string(static_cast<std::size_t>(size), 'x'));
    return look_at_ole(file.make()).kind;
  };
  EXPECT_EQ(kind("Workbook"), "xls");
  EXPECT_EQ(kind("Book"), "xls");
  EXPECT_EQ(kind("PowerPoint Document"), "ppt");
  EXPECT_EQ(kind("__substg1.0_001A001F"), "msg");
  EXPECT_EQ(kind("EncryptedPackage"), "encrypted-ooxml");
  EXPECT_EQ(kind("other"), "ole");
  CompoundFileMaker installer;
  installer.stream("x", "x");
  EXPECT_EQ(look_at_ole(installer.make("\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"s)).kind, "msi");
  CompoundFileMaker project;
  project.storage("VBA");
  EXPECT_EQ(look_at_ole(project.make()).kind, "vba");
}

TEST(CompoundFile, PasswordsAndOtherFilesAreTold) {
  CompoundFileMaker word;
  word.stream("WordDocument", "\xec\xa5"s + std::string(8, '\0') + "\0\1"s + std::string(5000, 'w'));
  EXPECT_TRUE(look_at_ole(word.make()).encrypted);
  CompoundFileMaker excel;
  excel.stream("Workbook", little(0x809, 2) + little(4, 2) + "abcd" + little(0x2f, 2) + little(2, 2) + "xx");
  EXPECT_TRUE(look_at_ole(excel.make()).encrypted);
  CompoundFileMaker package;
  package.stream("EncryptedPackage", "x");
  EXPECT_TRUE(look_at_ole(package.make()).encrypted);
  CompoundFileMaker embedded;
  embedded.stream("\1Ole10Native", "x");
  EXPECT_TRUE(look_at_ole(embedded.make()).embedded);
}

TEST(CompoundFile, SheetsOfOldMacrosRunByThemselves) {
  const auto workbook = [](char type) {
    CompoundFileMaker file;
    file.stream("Workbook", little(0x809, 2) + little(4, 2) + "abcd" + little(0x85, 2) + little(8, 2) + "\0\0\0\0\0"s +
                                type + "ab");
    return look_at_ole(file.make());
  };
  EXPECT_TRUE(workbook(1).auto_run);
  EXPECT_FALSE(workbook(0).macros);
}

TEST(CompoundFile, WhatIsCutOrTurnsInACircleIsReadToAnEnd) {
  const auto whole = document_with("Sub AutoOpen()\r\nEnd Sub\r\n");
  for (std::size_t size = 0; size < whole.size(); size += 37) look_at_ole(whole.substr(0, size));
  // Every sector leads to itself.
  auto circle = whole;
  for (std::size_t i = 0; i < 128; ++i) circle.replace(512 + i * 4, 4, little(i, 4));
  look_at_ole(circle);
  EXPECT_TRUE(look_at_ole(whole.substr(0, 100)).broken);
}

TEST(CompoundFile, ModulesWithoutEndAreReadInNoTime) {
  // They begin every twelve octets, and each would go on to the end. The stream is as long as one sector of table
  // allows, and the directory names it a hundred times.
  CompoundFileMaker file;
  std::string modules;
  while (modules.size() < 32'000) modules += "\x01\xff\x0f\0Attribut"s;
  file.stream("VBA", modules);
  for (int i = 0; i < 100; ++i) file.stream("m", "");
  auto bytes = file.make();
  const auto entry = bytes.find("V\0B\0A\0"s);
  const auto where = bytes.substr(entry + 116, 8);
  for (auto at = bytes.find("m\0\0\0"s); at != std::string::npos; at = bytes.find("m\0\0\0"s, at + 128)) {
    bytes.replace(at + 116, 8, where);
  }
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(look_at_ole(bytes).macros);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
}

TEST(CompoundFile, AMessageThatCarriesOneTells) {
  std::string body;
  const auto document = document_with("Sub Document_Open()\r\n  CreateObject(\"WScript.Shell\")\r\nEnd Sub\r\n");
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < document.size(); i += 3) {
    const auto octet = [&](std::size_t at) {
      return at < document.size() ? static_cast<unsigned char>(document[at]) : 0U;
    };
    const auto three = octet(i) << 16U | octet(i + 1) << 8U | octet(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) body += digits[three >> shift & 63U];
    if (i % 57 == 54) body += "\r\n";
  }
  const auto report = scan(
      "From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: application/msword; name=\"a.doc\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
          body + "\r\n",
      {});
  ASSERT_EQ(report.items.size(), 1U);
  EXPECT_EQ(report.items[0].type, "doc");
  EXPECT_THAT(report.items[0].categories, Contains("macro"));
  for (const auto* code : {"office.macro", "office.macro.auto-run", "office.macro.suspicious"}) {
    EXPECT_THAT(report.notes, Contains(Field(&Note::code, code))) << code;
  }
  EXPECT_THAT(report.notes, Not(Contains(Field(&Note::code, "archive.broken"))));
}

std::string package(const std::string& name, const std::string& bytes) {
  const auto inner = little(2, 2) + name + '\0' + "C:\\dir\\" + name + '\0' + little(0x30000, 4) + little(4, 4) +
                     "tmp" + '\0' + little(bytes.size(), 4) + bytes;
  return little(inner.size(), 4) + inner;
}

TEST(CompoundFile, ProgramsInDocumentsAreFound) {
  const auto categories = [](const std::string& stream, const std::string& content) {
    CompoundFileMaker file;
    file.stream("WordDocument", std::string(5000, 'w'));
    file.stream(stream, content);
    const auto report = scan(
        "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: application/msword; name=a.doc\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n" +
            file.make(),
        {});
    std::vector<std::string> all;
    for (const auto& item : report.items) all.insert(all.end(), item.categories.begin(), item.categories.end());
    return all;
  };
  const auto native = "\x01Ole10Native"s;
  const auto program = "MZ" + std::string(100, '\0');
  EXPECT_THAT(categories(native, package("invoice.js", "x")), ElementsAre("script"));
  EXPECT_THAT(categories(native, package("a.txt", program)), ElementsAre("executable"));
  EXPECT_THAT(categories("Package", program), ElementsAre("executable"));
  EXPECT_THAT(categories(native, package("report.txt", "words")), IsEmpty());
  for (std::size_t size = 0; size < 40; ++size) categories(native, package("a.txt", "words").substr(0, size));
}

}  // namespace
}  // namespace mailreeve::scan
