// SPDX-License-Identifier: Apache-2.0
// What kind of file something is, where its name and its content do not say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "scan/file_type.h"
#include "scan/package.h"
#include "scan/scan.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;
using namespace std::string_literals;

using Files = std::vector<std::pair<std::string, std::string>>;

const std::string program = "MZ" + std::string(100, '\0');
const std::string dos_program = "\xba\x0c\x01\xb4\x09\xcd\x21\xb8\x00\x4c\xcd\x21HELLO$"s;
const std::string types = "[Content_Types].xml";

std::string little(std::uint64_t value, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

/// Stored, not deflated.
std::string zip_of(const Files& files) {
  std::string out, directory;
  for (const auto& [name, bytes] : files) {
    const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    const auto common = little(20, 2) + little(0, 2) + little(0, 2) + little(0x21, 4) + little(sum, 4) +
                        little(bytes.size(), 4) + little(bytes.size(), 4) + little(name.size(), 2) + little(0, 2);
    directory += "PK\1\2"s + little(20, 2) + common + std::string(10, '\0') + little(out.size(), 4) + name;
    out += "PK\3\4"s + common + name + bytes;
  }
  return out + directory + "PK\5\6"s + little(0, 4) + little(files.size(), 2) + little(files.size(), 2) +
         little(directory.size(), 4) + little(out.size(), 4) + little(0, 2);
}

std::string part(const std::string& fields, const std::string& content) {
  return "From: <a@x.example>\r\nMIME-Version: 1.0\r\n" + fields + "\r\n\r\n" + content;
}

ContentReport scan_file(const std::string& name, const std::string& content, const std::string& type = "x/y") {
  return scan(part("Content-Type: " + type + "\r\nContent-Disposition: attachment; filename=\"" + name +
                       "\"\r\nContent-Transfer-Encoding: binary",
                   content),
              {});
}

std::vector<std::string> all_categories(const ContentReport& report) {
  std::vector<std::string> all;
  for (const auto& item : report.items) all.insert(all.end(), item.categories.begin(), item.categories.end());
  return all;
}

std::vector<std::string> codes(const ContentReport& report) {
  std::vector<std::string> all;
  for (const auto& note : report.notes) all.push_back(note.code);
  return all;
}

TEST(Kinds, DataFilesCalledBinAreNoPrograms) {
  EXPECT_THAT(all_categories(scan_file("config.bin", "\0\1firmware"s)), IsEmpty());
  EXPECT_THAT(all_categories(scan_file("config.bin", program)), ElementsAre("executable"));
}

TEST(Kinds, PackagesAreDocumentsAndTheirMembersAreJudgedByContent) {
  const auto book = zip_of({{types, "<Types/>"},
                            {"xl/workbook.xml", "<workbook/>"},
                            {"xl/printerSettings/printerSettings1.bin", "H\0P\0 \0"s},
                            {"docProps/www.firma.com", "x"},
                            {"customUI/run.exe", "x"}});
  for (const auto* name : {"a.xlsx", "A.XLSB", "a.docx"}) {
    const auto report = scan_file(name, book);
    EXPECT_THAT(all_categories(report), Not(Contains("executable"))) << name;
    EXPECT_THAT(all_categories(report), Not(Contains("archive"))) << name;
    EXPECT_EQ(report.items.front().type, "ooxml");
    EXPECT_THAT(codes(report), IsEmpty());
  }
  // To people it is an archive then, whatever it looks like inside.
  for (const auto* name : {"a.zip", "a.docx.zip", "a"}) {
    EXPECT_THAT(all_categories(scan_file(name, book)), Contains("executable")) << name;
    EXPECT_THAT(all_categories(scan_file(name, book)), Contains("archive")) << name;
  }
  const auto called_twice = part(
      "Content-Type: x/y; name=a.zip\r\nContent-Disposition: attachment; filename=a.docx\r\n"
      "Content-Transfer-Encoding: binary",
      book);
  EXPECT_THAT(all_categories(scan(called_twice, {})), Contains("executable"));
  EXPECT_THAT(all_categories(scan_file("a.docx", zip_of({{"run.exe", "x"}}))), Contains("executable"));
  EXPECT_THAT(all_categories(scan_file("a.docx", zip_of({{types, ""}, {"word/embeddings/o.bin", program}}))),
              Contains("executable"));
  const auto text = zip_of({{"mimetype", "application/vnd.oasis.opendocument.text"}, {"content.xml", "<x/>"}});
  EXPECT_THAT(all_categories(scan_file("a.odt", text)), IsEmpty());
}

TEST(Kinds, MacrosInPackagesAreMacros) {
  const auto report = scan_file("a.xlsm", zip_of({{types, ""}, {"xl/vbaProject.bin", "x"}}));
  EXPECT_THAT(all_categories(report), Each("macro"));
  EXPECT_THAT(codes(report), ElementsAre("office.macro"));
}

TEST(Kinds, DomainsAreNoProgramsWhereTheContentIsKnown) {
  const auto pdf = "%PDF-1.4\n%%EOF"s;
  const auto png = "\x89PNG\r\n\x1a\n" + std::string(50, '\0');
  for (const auto& [name, content] : Files{{"Rechnung amazon.com", pdf},
                                           {"logo_firma.com", png},
                                           {"Re: amazon.com",
                                            "From: <a@x.example>\r\n\r\nGr\xc3\xbc\xc3\x9f"
                                            "e"},
                                           {"www.firma.com", "Guten Tag"},
                                           {"firma.com", "<html>x</html>"},
                                           {"Angebot.pdf.com", pdf},
                                           {"README.out", "x"},
                                           {"job.run", "x"},
                                           {"mail.command", "x"}}) {
    const auto report = scan_file(name, content);
    EXPECT_THAT(all_categories(report), IsEmpty()) << name;
    EXPECT_THAT(codes(report), IsEmpty()) << name;
  }
  EXPECT_THAT(all_categories(scan_file("a.com", dos_program)), ElementsAre("executable"));
  EXPECT_THAT(all_categories(scan_file("a.com", program)), ElementsAre("executable"));
  EXPECT_THAT(all_categories(scan_file("a.com", dos_program + "%PDF-1.4")), Contains("executable"));
  EXPECT_THAT(all_categories(scan_file("a.com", "")), ElementsAre("executable"));
  EXPECT_THAT(all_categories(scan_file("job.run", "#!/bin/sh\n")), Contains("script"));
  EXPECT_THAT(all_categories(scan_file("mail.command", "#!/bin/sh\n")), Contains("script"));
  EXPECT_THAT(all_categories(scan_file("a.exe", "x")), ElementsAre("executable"));
}

TEST(Kinds, WhatAnEditorOpensIsNoScript) {
  const auto script = "#!/usr/bin/perl\nprint 1"s;
  for (const auto* name : {"script.txt", "0001-fix.patch"}) {
    const auto report = scan_file(name, script, "text/plain");
    EXPECT_THAT(all_categories(report), IsEmpty()) << name;
    EXPECT_THAT(codes(report), IsEmpty()) << name;
  }
  EXPECT_THAT(scan(part("Content-Type: text/plain", script), {}).items, IsEmpty());
  EXPECT_THAT(all_categories(scan_file("a.pdf", script)), Contains("script"));
  EXPECT_THAT(all_categories(scan_file("install", script)), Contains("script"));
  EXPECT_THAT(all_categories(scan(part("Content-Type: x/y; name=\"a.txt\"\r\nContent-Disposition: attachment; "
                                       "filename=\"run\"",
                                       script),
                                  {})),
              Contains("script"));
}

TEST(Kinds, QueriesAndRemoteDesktopsAreShortcuts) {
  for (const auto* name : {"a.iqy", "a.slk", "a.rdp"}) {
    EXPECT_EQ(category_of_name(name), "shortcut") << name;
  }
  EXPECT_EQ(category_of_name("a.ace"), "archive");
  EXPECT_THAT(all_categories(scan_file("a.dat", std::string(7, 'x') + "**ACE**" + std::string(40, 'x'))),
              ElementsAre("archive"));
}

TEST(Kinds, NamesAreSeenAsProgramsMakeThem) {
  EXPECT_EQ(category_of_name("a\xef\xbc\x8e"
                             "exe"),
            "executable");
  EXPECT_EQ(category_of_name("a\xef\xbc\x8e\xef\xbd\x85\xef\xbd\x98\xef\xbd\x85"), "executable");
  EXPECT_EQ(category_of_name("\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8\xef\xbc\x8epdf"), "");
  const auto folded =
      scan(part("Content-Type: x/y\r\nContent-Disposition: attachment; filename=\"a.\r\n exe\"", "x"), {});
  EXPECT_THAT(all_categories(folded), ElementsAre("executable"));
}

TEST(Kinds, LocationsAreNamesOfFiles) {
  const auto at = [](const std::string& location, const std::string& type) {
    return all_categories(scan(part("Content-Type: " + type + "\r\nContent-Location: " + location, "x"), {}));
  };
  EXPECT_THAT(at("http://x.example/dir/a.exe?b=c", "application/octet-stream"), ElementsAre("executable"));
  EXPECT_THAT(at("a.exe", "application/octet-stream"), ElementsAre("executable"));
  EXPECT_THAT(at("http://www.firma.com", "application/octet-stream"), IsEmpty());
  EXPECT_THAT(at("http://www.firma.com/start.js", "application/javascript"), IsEmpty());
  EXPECT_THAT(at("http://www.firma.com/start.com", "image/png"), IsEmpty());
  const auto attached =
      part("Content-Type: text/plain\r\nContent-Disposition: attachment\r\nContent-Location: a.exe", "x");
  EXPECT_THAT(all_categories(scan(attached, {})), ElementsAre("executable"));
}

TEST(Ambiguity, OrdinaryNamesAreNone) {
  const auto noted = [](const std::string& fields) { return codes(scan(part(fields, "x"), {})); };
  EXPECT_THAT(noted("Content-Type: application/pdf; name=\"=?utf-8?Q?=C3=9C.pdf?=\"\r\nContent-Disposition: "
                    "attachment; filename=\"=?utf-8?Q?=C3=9C.pdf?=\""),
              IsEmpty());
  EXPECT_THAT(noted("Content-Type: x/y; name=\"=?utf-8?Q?=C3=9C.zip?=\""), IsEmpty());
  EXPECT_THAT(noted("Content-Type: x/y\r\nContent-Disposition: attachment; filename=\"C:\\TEMP\\x.png\""), IsEmpty());
  EXPECT_THAT(noted("Content-Type: x/y\r\nContent-Disposition: attachment; filename=\"a.txt\"; filename*=utf-8''b.exe"),
              ElementsAre("mime.ambiguous"));
  EXPECT_THAT(noted("Content-Type: x/y\r\nContent-Disposition: attachment; filename=\"a.txt\"; filename=b.zip"),
              ElementsAre("mime.ambiguous"));
}

TEST(Ambiguity, FootersOfListsBehindBase64AreNone) {
  const auto base64 = "Content-Transfer-Encoding: base64\r\nContent-Type: "s;
  const auto footer = "\r\n_______________________________________________\r\nList\r\nhttp://lists.example/x\r\n"s;
  EXPECT_THAT(codes(scan(part(base64 + "text/plain; charset=utf-8", "R3LDvMOfZSBhbiBhbGxl" + footer), {})), IsEmpty());
  EXPECT_THAT(codes(scan(part(base64 + "x/y; name=a.dat", "UEsDBAoAAAAAAA==" + footer), {})),
              Contains("mime.ambiguous"));
}

TEST(Scripts, DataAndAmpAreNone) {
  const auto noted = [](const std::string& type, const std::string& html) {
    return codes(scan(part("Content-Type: " + type, html), {}));
  };
  EXPECT_THAT(noted("text/html", "<script type=\"application/ld+json\">{\"@type\":\"EmailMessage\"}</script>"),
              IsEmpty());
  EXPECT_THAT(noted("text/html", "<script type=text/javascript>x()</script>"), ElementsAre("html.script"));
  EXPECT_THAT(noted("text/html", "<script type=unheard/of>x()</script>"), ElementsAre("html.script"));
  const auto amp = "<!doctype html><html><script async src=\"https://cdn.ampproject.org/v0.js\"></script>"s;
  EXPECT_THAT(noted("text/x-amp-html", amp), IsEmpty());
  EXPECT_THAT(noted("text/html", amp), ElementsAre("html.script"));
  EXPECT_THAT(noted("text/x-amp-html", amp + "<script>x()</script>"), ElementsAre("html.script"));
}

TEST(Pdf, DataOfInvoicesAreHarmless) {
  const auto noted = [](const std::string& objects) {
    return codes(scan_file("a.pdf", "%PDF-1.4\n" + objects, "application/pdf"));
  };
  const auto file = "<</Names<</EmbeddedFiles 2 0 R>>>> <</Type/EmbeddedFile/Subtype/text#2Fxml>> "s;
  EXPECT_THAT(noted(file + "<</Type/Filespec/F (factur-x.xml)/UF (factur-x.xml)/EF<</F 5 0 R>>>>"), IsEmpty());
  EXPECT_THAT(noted(file + "<</F (\\376\\377\\000Z\\000.\\000x\\000m\\000l)>>"), IsEmpty());
  EXPECT_THAT(noted(file + "<</F (factur-x.xml)>> <</UF (run.exe)>>"), ElementsAre("pdf.embedded"));
  EXPECT_THAT(noted("<</EmbeddedFiles <</Names [(factur-x.xml) 9 0 R]>>>>"), IsEmpty());
  EXPECT_THAT(noted("<</EmbeddedFiles <</Names [(a.exe) 9 0 R]>>>>"), ElementsAre("pdf.embedded"));
  EXPECT_THAT(noted(file), ElementsAre("pdf.embedded"));
  EXPECT_THAT(noted("<</F (a.xml)/RichMedia 1 0 R>>"), ElementsAre("pdf.embedded"));
}

TEST(Pdf, VeryManyStringsCostNoTime) {
  for (const std::string one : {"/F (\n", "/URI (\\\n", "/UF <z", "/Names [(.xml ", "/F (a.xml) /F (\\\n"}) {
    std::string bytes = "%PDF-1.4\n/EmbeddedFile ";
    while (bytes.size() < (2U << 20)) bytes += one;
    EXPECT_THAT(codes(scan_file("a.pdf", bytes)), Contains("pdf.embedded")) << one;
  }
}

TEST(Pdf, LockedOnesAreEncrypted) {
  const auto report = scan_file("a.pdf", "%PDF-1.4\n1 0 obj<</Filter/Standard/V 2>>endobj\ntrailer<</Encrypt 1 0 R>>");
  EXPECT_THAT(all_categories(report), ElementsAre("encrypted"));
  EXPECT_TRUE(report.items.front().encrypted);
}

std::string relationship(const std::string& target, const std::string& type = "attachedTemplate") {
  return "<Relationships><Relationship Id=\"r\" Type=\"http://schemas.example/relationships/" + type + "\" Target=\"" +
         target + "\" TargetMode=\"External\"/></Relationships>";
}

TEST(Packages, TellWhatTheyFetch) {
  const auto noted = [](const std::string& target, const std::string& type = "attachedTemplate") {
    return codes(
        scan_file("a.docx", zip_of({{types, ""}, {"word/_rels/settings.xml.rels", relationship(target, type)}})));
  };
  EXPECT_THAT(noted("http://evil.example/t.dotm"), ElementsAre("office.remote-template"));
  EXPECT_THAT(noted("&#104;ttps://evil.example/t"), ElementsAre("office.remote-template"));
  EXPECT_THAT(noted("\\\\files.evil.example\\t.dotm"), ElementsAre("office.remote-template"));
  EXPECT_THAT(noted("file:///\\\\203.0.113.7\\t.dotm"), ElementsAre("office.remote-template"));
  EXPECT_THAT(noted("mhtml:http://evil.example/x!x-usc:", "oleObject"), ElementsAre("office.remote-template"));
  EXPECT_THAT(noted("http://www.firma.example/", "hyperlink"), IsEmpty());
  EXPECT_THAT(noted("file:///C:\\Users\\hans\\Normal.dotm"), IsEmpty());
  EXPECT_THAT(noted("file:///\\\\server\\Vorlagen\\Brief.dotx"), IsEmpty());
  EXPECT_THAT(noted("\\\\fs01.firma.local\\Vorlagen\\Brief.dotx"), IsEmpty());
  EXPECT_THAT(codes(scan_file("a.rtf", "{\\rtf1{\\*\\template http://evil.example/t.dotm}}")),
              ElementsAre("office.remote-template"));
}

std::string gzip(std::size_t megabytes, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) {
    const std::string zeros(megabytes << 20, '\0');
    std::string out(zeros.size() / 500 + 1000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
    stream.avail_in = static_cast<uInt>(zeros.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    all += out;
  }
  return all;
}

TEST(Bombs, AreWhatGoesOnAndOn) {
  const auto page = gzip(26, 1);
  EXPECT_THAT(codes(scan_file("page.gz", page)), UnorderedElementsAre("scan.limit.ratio", "scan.limit.text"));
  EXPECT_THAT(codes(scan_file("bomb.gz", gzip(70, 3))),
              IsSupersetOf({"scan.limit.ratio", "scan.limit.size", "scan.limit.bomb"}));
}

}  // namespace
}  // namespace mailreeve::scan
