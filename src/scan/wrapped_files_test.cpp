// SPDX-License-Identifier: Apache-2.0
// Files in winmail.dat, S/MIME and OneNote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "scan/cms.h"
#include "scan/file_type.h"
#include "scan/onenote.h"
#include "scan/preview.h"
#include "scan/scan.h"
#include "scan/tnef.h"

namespace mailreeve::scan {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::string_literals;
using std::string_view_literals::operator""sv;

const std::string program = "MZ" + std::string(100, '\0');

std::string little(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

std::string wide(std::string_view text) {
  std::string out;
  for (const char c : text) out += {c, '\0'};
  return out + "\0\0"s;
}

std::string padded(std::string value) {
  auto out = little(value.size(), 4) + value;
  while (out.size() % 4 != 0) out += '\0';
  return out;
}

std::string property(std::uint32_t type, std::uint32_t id, const std::string& value) {
  return little(type, 2) + little(id, 2) + little(1, 4) + padded(value);
}

std::string properties(const std::vector<std::string>& list) {
  auto out = little(list.size(), 4);
  for (const auto& one : list) out += one;
  return out;
}

std::string attribute(std::uint32_t id, const std::string& data, char level = 2) {
  return level + little(id, 4) + little(data.size(), 4) + data + "xx";  // no checksum would be that
}

std::string tnef(const std::string& attributes) { return "\x78\x9f\x3e\x22\x01\x00"s + attributes; }

std::string attached(const std::string& name, const std::string& data) {
  return attribute(0x00069002, std::string(14, '\0')) + attribute(0x00018010, name + '\0') +
         attribute(0x0006800f, data);
}

std::string message(const std::string& file, const std::string& name, const std::string& type) {
  return "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
         "Content-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: " +
         type + "\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n" + file + "\r\n--b--\r\n";
}

auto dangerous(const std::string& place, const std::string& category = "executable") {
  return AllOf(Field(&Item::place, place), Field(&Item::categories, Contains(category)));
}
auto noted(const std::string& code) { return Contains(Field(&Note::code, code)); }

TEST(Tnef, FilesAreFoundWithEveryNameTheyHave) {
  const auto bytes = tnef(attribute(0x00069007, little(1252, 4) + little(0, 4), 1) +
                          attribute(0x00069003, properties({property(0x0102, 0x1013, "<p>hi")}), 1) +
                          attached("REPORT~1.EXE", program) +
                          attribute(0x00069005, properties({property(0x001f, 0x3707, wide("report of may.exe")),
                                                            property(0x001e, 0x3704, "REPORT~1.EXE\0"s)})) +
                          attached("gr\xfc\xdf"
                                   "e.txt",
                                   "hello"));
  const auto look = read_tnef(bytes, 100);
  EXPECT_FALSE(look.broken);
  EXPECT_EQ(look.html, "<p>hi");
  EXPECT_EQ(look.charset, "windows-1252");
  ASSERT_THAT(look.files, SizeIs(2));
  EXPECT_THAT(look.files[0].names, ElementsAre("REPORT~1.EXE", "report of may.exe"));
  EXPECT_EQ(look.files[0].bytes, program);
  EXPECT_THAT(look.files[1].names, ElementsAre("gr\xc3\xbc\xc3\x9f"
                                               "e.txt"));
  EXPECT_THAT(read_tnef(bytes, 1).files, SizeIs(1));
}

TEST(Tnef, WhatIsCutShortIsReadAsFarAsItGoes) {
  const auto whole = tnef(attached("a.exe", program));
  const auto look = read_tnef(std::string_view{whole}.substr(0, whole.size() - 50), 100);
  EXPECT_TRUE(look.broken);
  ASSERT_THAT(look.files, SizeIs(1));
  EXPECT_TRUE(look.files[0].bytes.starts_with("MZ"));
  EXPECT_TRUE(read_tnef("x", 100).broken);
}

TEST(Tnef, TextOfOutlookIsDecompressed) {
  // [MS-OXRTFCP] 3.1 and 3.2.
  const auto hello =
      "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42"
      "\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"sv;
  EXPECT_EQ(decompress_rtf(hello, 1000), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
  EXPECT_THAT(decompress_rtf(hello, 10), SizeIs(10));
  const auto repeated =
      "\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01"
      "\x0e\xb0"sv;
  EXPECT_EQ(decompress_rtf(repeated, 1000), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
}

TEST(Tnef, ProgramsAreFoundAtAnyDepth) {
  const auto inner = tnef(attached("run.exe", program));
  const auto embedded =
      tnef(attribute(0x00069002, std::string(14, '\0')) +
           attribute(0x00069005, properties({property(0x001f, 0x3001, wide("a message")),
                                             property(0x000d, 0x3701, std::string(16, '\x7') + inner)})) +
           attribute(0x00069003,
                     properties({property(0x0102, 0x1013, "<a href=\"http://x.example/\">http://bank.example</a>"),
                                 property(0x0102, 0x1009,
                                          little(0, 8) + "MELA" + little(0, 4) +
                                              "{\\rtf {\\field HYPERLINK \"http://rtf.example/a\"}}")}),
                     1));
  const auto report = scan(message(embedded, "winmail.dat", "application/ms-tnef"), {});
  EXPECT_THAT(report.items, Contains(dangerous("2!a message!run.exe")));
  EXPECT_THAT(report.links, Contains(Field(&Link::url, "http://x.example/")));
  EXPECT_THAT(report.links, Contains(Field(&Link::url, "http://rtf.example/a")));
  EXPECT_THAT(report.text, testing::HasSubstr("http://bank.example"));
  EXPECT_THAT(report.notes, IsEmpty());
}

/// DER, lengths up to 64 KiB.
std::string der(char tag, const std::string& content) {
  const auto size = content.size();
  if (size < 128) return tag + little(size, 1) + content;
  return tag + "\x82"s + little(size >> 8, 1) + little(size, 1) + content;
}
/// BER without lengths.
std::string open_ended(char tag, const std::string& content) { return tag + "\x80"s + content + "\0\0"s; }

std::string signed_data(const std::string& content, char type = '\x02') {
  const auto data = der('\x06', "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
  const auto inner = der('\x30', data + der('\xa0', der('\x04', content)));
  return der('\x30', der('\x06', "\x2a\x86\x48\x86\xf7\x0d\x01\x07"s + type) +
                         der('\xa0', der('\x30', der('\x02', "\x01") + der('\x31', "") + inner + der('\x31', "x"))));
}

std::string signed_in_pieces(const std::string& content) {
  const auto data = der('\x06', "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
  std::string pieces;
  for (std::size_t at = 0; at < content.size(); at += 10) pieces += der('\x04', content.substr(at, 10));
  const auto inner = open_ended('\x30', data + open_ended('\xa0', open_ended('\x24', pieces)));
  return open_ended('\x30',
                    der('\x06', "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") +
                        open_ended('\xa0', open_ended('\x30', der('\x02', "\x01") +
                                                                  open_ended('\x31', open_ended('\x30', "")) + inner)));
}

std::string base64_of(const std::string& bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned value = 0;
    for (std::size_t i = 0; i < 3; ++i)
      value = value << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += at + i > bytes.size() ? '=' : letters[value >> (18 - 6 * i) & 63];
    if (at % 48 == 45) out += "\r\n";
  }
  return out;
}

TEST(Cms, ContentIsTakenOutInWhateverForm) {
  const std::string text(300, 'x');
  for (const auto& bytes : {signed_data(text), signed_in_pieces(text)}) {
    const auto look = read_cms(bytes, 1000);
    EXPECT_EQ(look.kind, CmsKind::signed_data);
    EXPECT_EQ(look.content, text);
    EXPECT_FALSE(look.broken);
    EXPECT_THAT(read_cms(bytes, 100).content, SizeIs(100));
    EXPECT_EQ(type_of(bytes), "cms");
    const auto cut = read_cms(bytes.substr(0, 200), 1000);
    EXPECT_TRUE(cut.broken);
    EXPECT_THAT(cut.content, Not(IsEmpty()));
  }
  EXPECT_EQ(read_cms(signed_data(text, '\x03'), 1000).kind, CmsKind::encrypted);
  EXPECT_EQ(read_cms("0123", 1000).kind, CmsKind::none);
}

TEST(Cms, SignedMailIsLookedAtAsIfItWereNotSigned) {
  const auto part =
      "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n"
      "<a href=http://x.example/>click</a>\r\n--c\r\nContent-Type: x/y; name=run.exe\r\n\r\nMZ\r\n--c--\r\n"s;
  const auto mail =
      "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; "
      "smime-type=signed-data; name=smime.p7m\r\n\r\n" +
      signed_data(part);
  const auto report = scan(mail, {});
  EXPECT_THAT(report.items, Contains(dangerous("1.2")));
  EXPECT_THAT(report.links, ElementsAre(Field(&Link::url, "http://x.example/")));
  EXPECT_EQ(report.text, "click");
  EXPECT_THAT(report.notes, IsEmpty());
  // A signed file, and one signed twice.
  EXPECT_THAT(scan(message(signed_data(program), "x.exe.p7m", "application/octet-stream"), {}).items,
              Contains(dangerous("2!x.exe")));
  EXPECT_THAT(scan(message(signed_data(signed_data(program)), "a.pdf.p7m.p7m", "x/y"), {}).items,
              Contains(dangerous("2!a.pdf.p7m!a.pdf")));
  // In letters.
  const auto letters = base64_of(signed_data(program));
  EXPECT_THAT(scan(message(letters, "x.exe.p7m", "application/octet-stream"), {}).items,
              Contains(dangerous("2!x.exe")));
  EXPECT_THAT(
      scan(message("-----BEGIN PKCS7-----\r\n" + letters + "\r\n-----END PKCS7-----\r\n", "x.exe.p7m", "x/y"), {})
          .items,
      Contains(dangerous("2!x.exe")));
}

TEST(Cms, PreviewsShowWhatIsWrapped) {
  const std::string head = "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: ";
  const auto part = "Content-Type: text/html\r\n\r\n<p>signed<script>x</script></p>"s;
  const auto smime = head + "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\r\n";
  const auto once = preview_of(smime + signed_data(part));
  EXPECT_EQ(once.html, "<p>signed</p>");
  EXPECT_EQ(once.text, "signed");
  const auto inner = "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n" + signed_data(part);
  EXPECT_EQ(preview_of(smime + signed_data(inner)).html, "<p>signed</p>");
  const auto outlook = tnef(attribute(0x00069007, little(1252, 4) + little(0, 4), 1) +
                            attribute(0x00069003,
                                      properties({property(0x0102, 0x1013,
                                                           "<b onclick=x()>Gr\xfc\xdf"
                                                           "e</b>")}),
                                      1));
  EXPECT_EQ(preview_of(head + "application/ms-tnef; name=winmail.dat\r\n\r\n" + outlook).html,
            "<b>Gr\xc3\xbc\xc3\x9f"
            "e</b>");
}

TEST(Cms, EncryptedMailIsToldAndNoMore) {
  const auto report = scan(message(signed_data("x", '\x03'), "smime.p7m", "application/pkcs7-mime"), {});
  EXPECT_THAT(report.notes, ElementsAre(Field(&Note::code, "mime.encrypted")));
  EXPECT_THAT(report.items, ElementsAre(AllOf(Field(&Item::encrypted, true), Field(&Item::categories, IsEmpty()))));
  const auto pgp = scan(
      "From: <a@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b; "
      "protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: "
      "1\r\n"
      "--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP "
      "MESSAGE-----\r\n\r\nx\r\n"
      "--b--\r\n",
      {});
  EXPECT_THAT(pgp.notes, ElementsAre(Field(&Note::code, "mime.encrypted")));
  EXPECT_THAT(pgp.items, Contains(Field(&Item::encrypted, true)));
}

const auto notebook = "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"s + std::string(100, '\x1');

std::string kept(const std::string& data) {
  return "\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac"s + little(data.size(), 8) +
         std::string(12, '\0') + data + "\x22\xa7\xfb\x71\x79\x0f\x0b\x4a\xbb\x13\x89\x92\x56\x42\x6b\x24"s;
}

TEST(OneNote, FilesAndTheirNamesAreFound) {
  // A property set of two properties: EmbeddedFileName, and a number before it.
  const auto names = little(2, 2) + little(0x14001c84, 4) + little(0x1c001d9c, 4) + little(7, 4) +
                     little(wide("Open me.hta").size(), 4) + wide("Open me.hta");
  const auto bytes = notebook + kept(program) + names + kept("@echo off");
  const auto look = read_onenote(bytes, 100);
  EXPECT_THAT(look.files, ElementsAre(program, "@echo off"));
  EXPECT_THAT(look.names, ElementsAre("Open me.hta"));
  EXPECT_FALSE(look.broken);
  const auto report = scan(message(bytes, "invoice.one", "application/onenote"), {});
  EXPECT_THAT(report.items, Contains(dangerous("2!1")));
  EXPECT_THAT(report.items, Contains(dangerous("2!Open me.hta", "script")));
  EXPECT_THAT(report.notes, noted("office.embedded"));
}

TEST(OneNote, ForgedLengthsCostNothing) {
  std::string bytes = notebook;
  for (int i = 0; i < 20'000; ++i) {
    auto one = kept("x");
    one[23] = '\x7f';
    bytes += one;
  }
  EXPECT_TRUE(read_onenote(bytes, 100).broken);
  const auto report = scan(message(bytes, "invoice.one", "application/onenote"), {});
  EXPECT_THAT(report.notes, noted("scan.limit.size"));
}

TEST(WrappedFiles, GarbageIsReadToItsEnd) {
  SeededRandom random{11};
  const auto outlook =
      tnef(attached("a.exe", program) + attribute(0x00069005, properties({property(0x1f, 0x3707, wide("x"))})));
  const auto signature = signed_in_pieces(std::string(100, 'x'));
  const auto notes = notebook + kept(program) + little(0x1c001d9c, 4) + padded(wide("a.exe"));
  for (int round = 0; round < 3000; ++round) {
    for (auto bytes : {outlook, signature, notes}) {
      for (int i = 0; i < 4; ++i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      bytes.resize(random.below(bytes.size()) + 1);
      read_tnef(bytes, 100);
      read_cms(bytes, 1000);
      read_onenote(bytes, 100);
      decompress_rtf(bytes, 1000);
    }
  }
}

}  // namespace
}  // namespace mailreeve::scan
