// SPDX-License-Identifier: Apache-2.0
// Every reading of a message's structure that some program takes; and where reading ends.
#include "scan/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace mailreeve::scan {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;
using namespace std::string_literals;

struct Seen {
  std::vector<std::string> places;
  std::vector<std::string> contents;  // every reading of every leaf, without the line end at its end
  std::vector<std::string> names;
  std::vector<std::string> types;  // of leaves
  std::vector<std::string> codes, notes;
};

Seen look(std::string_view message, const Limits& limits = {}) {
  Notes notes{1000};
  const auto structure = read_structure(message, limits, notes);
  Seen seen;
  for (const auto& entity : structure.entities) {
    if (!entity.is_leaf) continue;
    seen.places.push_back(entity.place);
    seen.types.push_back(entity.media_type);
    for (const auto& name : entity.names) seen.names.push_back(name);
    for (const auto coding : entity.codings) {
      for (auto& bytes : decode(entity.body, coding, 1U << 20).bytes) {
        while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
        seen.contents.push_back(bytes);
      }
    }
  }
  for (const auto& note : notes.take()) {
    seen.codes.push_back(note.code);
    seen.notes.push_back(note.code + ": " + note.text);
  }
  return seen;
}

std::string version() { return "MIME-Version: 1.0\r\n"; }

std::string part(const std::string& text) { return "Content-Type: text/plain\r\n\r\n" + text + "\r\n"; }

std::string mixed(const std::string& body, const std::string& boundary = "b") {
  return version() + "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n" + body;
}

const std::string file =
    "Content-Type: x/y; name=run.exe\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n";  // hello

TEST(Structure, PlacesAreThoseOfImap) {
  // RFC 9051 6.4.5.
  const auto seen =
      look(mixed("--b\r\n" + part("one") + "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" +
                 part("two") + "--c\r\n" + part("three") + "--c--\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" +
                 "Subject: x\r\n\r\nfour\r\n--b--\r\n"));
  EXPECT_THAT(seen.places, ElementsAre("1", "2.1", "2.2", "3.1"));
  EXPECT_THAT(seen.contents, ElementsAre("one", "two", "three", "four"));
  EXPECT_THAT(seen.notes, IsEmpty());
  EXPECT_THAT(look("Subject: x\r\n\r\ntext\r\n").places, ElementsAre("1"));
  EXPECT_THAT(look("").places, ElementsAre("1"));
}

TEST(Structure, EveryContentTypeOfSeveralIsFollowed) {
  const std::string body = "\r\n--b\r\n" + part("b1") + "--c\r\n" + part("c1") + "--c--\r\n--b--\r\n";
  for (const auto& fields :
       {"Content-Type: multipart/mixed; boundary=b\r\nContent-Type: multipart/mixed; boundary=c\r\n"s,
        "Content-Type: multipart/mixed; boundary=c\r\nContent-Type: multipart/mixed; boundary=b\r\n"s,
        "Content-Type: multipart/mixed; boundary=b; boundary=c\r\n"s}) {
    const auto seen = look(version() + fields + body);
    EXPECT_THAT(seen.contents, IsSupersetOf({"c1"s})) << fields;
    EXPECT_THAT(seen.contents, Contains(HasSubstr("b1"))) << fields;
    EXPECT_THAT(seen.codes, Contains("mime.ambiguous")) << fields;
  }
  const auto text =
      look(version() + "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n" + body);
  EXPECT_THAT(text.contents, AllOf(Contains(HasSubstr("--b\r\n")), Contains(HasSubstr("b1"))));
}

TEST(Structure, WithoutMimeVersionPartsAreFoundAllTheSame) {
  const auto seen = look("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + file + "--b--\r\n");
  EXPECT_THAT(seen.contents, Contains("hello"));
  EXPECT_THAT(seen.notes, Contains(HasSubstr("without MIME-Version")));
}

TEST(Structure, PartsAreFoundHoweverTheBoundaryIsSpelt) {
  for (const std::string type :
       {"multipart/mixed; boundary=\"b \"", "multipart/mixed; boundary=b\"", "multipart/mixed; boundary=\"b",
        "multipart; boundary=b", "multipart/; boundary=b", "multipart/mixed boundary=b",
        "multipart/mixed; boundary*=us-ascii''b", "multipart/mixed; boundary==?us-ascii?q?b?=",
        "=?us-ascii?q?multipart/mixed?=; boundary=b", "multipart/mixed; x=(; boundary=b",
        "multipart/mixed; boundary=b=", "multipart/mixed; (c) boundary (c) = (c) b", "MULTIPART/MIXED; BOUNDARY=b"}) {
    const auto seen = look(version() + "Content-Type: " + type + "\r\n\r\n--b\r\n" + file + "--b--\r\n");
    EXPECT_THAT(seen.contents, Contains("hello")) << type;
    EXPECT_THAT(seen.names, Contains("run.exe")) << type;
  }
}

TEST(Structure, GamesWithBoundariesHideNothing) {
  for (const auto& body : {
           "--b \t\r\n" + file + "--b--\r\n",                                // blanks behind it
           "--b\r\n" + file,                                                 // no end
           "--bc\r\n" + file + "--b--\r\n",                                  // a longer one that begins alike
           "--b junk\r\n" + file,                                            //
           "--b\r\n" + part("x") + "--b--\r\n--b\r\n" + file + "--b--\r\n",  // behind the end
           "--b\r\n--b--\r\n" + file,                                 // an end at once: to Python one line of two
           "--b\r\n" + part("x") + "--b--\r\n" + file + "--b--\r\n",  // between two ends
           "--b\n" + file + "--b--\n",                                // LF alone
           "--b\rContent-Type: x/y\r\n\r\nx\r--b\r\n" + file + "\r\n--b--\r\n",  // CR alone
       }) {
    EXPECT_THAT(look(mixed(body)).contents, Contains("hello")) << body;
  }
  const auto preamble = look(mixed("http://x.example/\r\n--b\r\n" + part("x") + "--b--\r\nhttp://y.example/\r\n"));
  EXPECT_THAT(preamble.contents, IsSupersetOf({"http://x.example/"s, "http://y.example/"s}));
  EXPECT_THAT(look(mixed("text\r\n--b--\r\n")).contents, Contains("text"));
}

TEST(Structure, AnInnerMultipartWithoutItsEndIsReadBothWays) {
  const auto seen = look(mixed("--b\r\nContent-Type: multipart/mixed; boundary=bc\r\n\r\n--bc\r\n" + part("one") +
                               "--b\r\n" + file + "--bc\r\n" + part("two") + "--b--\r\n"));
  EXPECT_THAT(seen.contents, AllOf(Contains("one"), Contains(HasSubstr("two"))));
  EXPECT_THAT(seen.contents, Contains("hello"));
  EXPECT_THAT(seen.notes, Contains(HasSubstr("without its closing boundary")));
}

TEST(Structure, AHeaderThatSomeEndEarlierIsReadBothWays) {
  for (const std::string line : {"no field", "X : y", "b\xc3\xa4: z", ": x"}) {
    const auto seen = look(mixed("--b\r\nContent-Type: x/y\r\nContent-Transfer-Encoding: base64\r\n" + line +
                                 "\r\nContent-Disposition: attachment; filename=run.exe\r\n\r\naGVsbG8=\r\n--b--\r\n"));
    EXPECT_THAT(seen.contents, Contains("hello")) << line;
    EXPECT_THAT(seen.names, Contains("run.exe")) << line;
    EXPECT_THAT(seen.codes, Contains("mime.ambiguous")) << line;
  }
  // The body begins where no empty line is.
  const auto seen =
      look(mixed("--b\r\nContent-Type: x/y\r\nContent-Transfer-Encoding: base64\r\naGVsbG8=\r\n\r\nIQ==\r\n--b--\r\n"));
  EXPECT_THAT(seen.contents, IsSupersetOf({"hello"s, "!"s}));
  EXPECT_THAT(look("not a field\r\nSubject: x\r\n\r\ntext\r\n").contents,
              IsSupersetOf({"text"s, "not a field\r\nSubject: x\r\n\r\ntext"s}));
}

TEST(Structure, WhatIsEncodedAsAWholeIsAFileAndAContainer) {
  const std::string inner = "LS1iDQpDb250ZW50LVR5cGU6IHRleHQvcGxhaW4NCg0KaW5uZXINCi0tYi0tDQo=";  // --b, "inner", --b--
  const auto multipart = look(
      version() + "Content-Type: multipart/mixed; boundary=b; name=a.exe\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      inner);
  EXPECT_THAT(multipart.contents, Contains("inner"));
  EXPECT_THAT(multipart.contents, Contains(HasSubstr("--b\r\nContent-Type")));
  EXPECT_THAT(multipart.names, Contains("a.exe"));
  EXPECT_THAT(multipart.notes, Contains(HasSubstr("encoded as a whole")));
  const auto message =
      look(mixed("--b\r\nContent-Type: message/rfc822; name=a.exe\r\nContent-Transfer-Encoding: "
                 "base64\r\n\r\naGVsbG8=\r\n--b--\r\n"));
  EXPECT_THAT(message.contents, Contains("hello"));
  EXPECT_THAT(message.names, Contains("a.exe"));
}

TEST(Structure, AMultipartWithoutPartsIsTheFileItIsSaidToBe) {
  for (const std::string type : {"multipart/mixed", "multipart/mixed; boundary=other"}) {
    const auto seen =
        look(mixed("--b\r\nContent-Type: " + type +
                   "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\n"
                   "aGVsbG8=\r\n--b--\r\n"));
    EXPECT_THAT(seen.contents, Contains("hello")) << type;
    EXPECT_THAT(seen.names, Contains("a.exe")) << type;
  }
}

TEST(Structure, MessagesOfUnknownKindsAreFilesAndMessages) {
  const auto seen = look(mixed("--b\r\nContent-Type: message/x-own\r\n\r\n" + file + "--b--\r\n"));
  EXPECT_THAT(seen.contents, Contains("hello"));
  EXPECT_THAT(seen.types, Contains("message/x-own"));
  const auto report =
      look(mixed("--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--b--\r\n"));
  EXPECT_THAT(report.types, ElementsAre("message/delivery-status", "text/plain"));
}

TEST(Structure, PartsOfADigestAreMessages) {
  // RFC 2046 5.1.5.
  const auto seen =
      look(version() + "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n" + file + "--b--\r\n");
  EXPECT_THAT(seen.contents, ElementsAre("hello"));
}

TEST(Structure, CarriageReturnsAloneEndLinesToo) {
  // As an encoded message may have them; the gateway lets none in.
  auto message = mixed("--b\r\n" + file + "--b--\r\n");
  std::erase(message, '\n');
  const auto seen = look(message);
  EXPECT_THAT(seen.contents, Contains("hello"));
  EXPECT_THAT(seen.names, Contains("run.exe"));
  EXPECT_THAT(seen.notes, Contains(HasSubstr("carriage returns")));
  // In what is no header and no boundary they are of no interest.
  EXPECT_THAT(look(version() + "Content-Type: x/y\r\n\r\na\rb\r\n").notes, IsEmpty());
}

TEST(Structure, EncodingsAreReadInEveryWay) {
  const auto contents = [](const std::string& fields) {
    return look(version() + "Content-Type: x/y\r\n" + fields + "\r\naGVsbG8=\r\n").contents;
  };
  EXPECT_THAT(contents("Content-Transfer-Encoding: base64\r\n"), ElementsAre("hello"));
  for (const std::string other : {"base64 (c)", "base64; x", "unknown", "\"base64\""}) {
    EXPECT_THAT(contents("Content-Transfer-Encoding: " + other + "\r\n"), IsSupersetOf({"hello"s, "aGVsbG8="s}))
        << other;
  }
  EXPECT_THAT(contents("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n"),
              IsSupersetOf({"hello"s, "aGVsbG8="s}));
  EXPECT_THAT(contents("Content-Transfer-Encoding : base64\r\n"), Contains("hello"));
}

TEST(Structure, NamesOfAllFieldsAreThere) {
  const auto seen =
      look(mixed("--b\r\nContent-Type: x/y; name=one.exe\r\nContent-Disposition: attachment; filename=two.txt\r\n"
                 "Content-Disposition: inline; filename=three.txt\r\n\r\nx\r\n--b--\r\n"));
  EXPECT_THAT(seen.names, ElementsAre("two.txt", "three.txt", "one.exe"));
  // Of a type that nobody can read, and where the disposition is missing.
  EXPECT_THAT(look(version() + "Content-Type: octet; name=a.exe\r\n\r\nx").names, ElementsAre("a.exe"));
  EXPECT_THAT(look(version() + "Content-Disposition: filename=a.exe\r\n\r\nx").names, ElementsAre("a.exe"));
  std::string many = "Content-Disposition: attachment";
  for (int i = 0; i < 100; ++i) many += "; filename=" + std::to_string(i) + ".txt";
  EXPECT_THAT(look(version() + many + "; filename=run.exe\r\n\r\nx").codes, Contains("scan.limit.header"));
}

TEST(Structure, LimitsAreToldNeverPassedInSilence) {
  Limits limits;
  limits.depth = 5;
  limits.parts = 20;
  limits.header_bytes = 1000;
  std::string deep = part("deep");
  for (int i = 0; i < 10; ++i) {
    const auto boundary = "d" + std::to_string(i);
    deep = "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n" + deep + "--" +
           boundary + "--\r\n";
  }
  EXPECT_THAT(look(version() + deep, limits).codes, Contains("scan.limit.depth"));
  EXPECT_THAT(look(version() + deep).contents, Contains("deep"));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "--b\r\n" + part("x");
  EXPECT_THAT(look(mixed(wide), limits).codes, Contains("scan.limit.parts"));
  EXPECT_LE(look(mixed(wide), limits).places.size(), 22U);
  EXPECT_THAT(look("X: " + std::string(2000, 'x') + "\r\n\r\ntext", limits).codes, Contains("scan.limit.header"));
  std::string boundaries = "Content-Type: multipart/mixed";
  for (int i = 0; i < 100; ++i) boundaries += "; boundary=" + std::to_string(i);
  EXPECT_THAT(look(version() + boundaries + "\r\n\r\nx").codes, Contains("scan.limit.parts"));
  std::string types;
  for (int i = 0; i < 20; ++i) types += "Content-Type: text/plain\r\n";
  EXPECT_THAT(look(version() + types + "\r\nx").codes, Contains("scan.limit.header"));
}

TEST(Structure, DoubtsInDoubtsComeToAnEnd) {
  // Each level can be read in several ways: encoded or not, up to an odd line or beyond, with CR as a line end or not.
  std::string message = "x";
  for (int i = 0; i < 31; ++i) {
    message =
        "odd line\r\nX : \r\nY: a\rb\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: unknown\r\n\r\n" +
        message;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto seen = look(message);
  EXPECT_LE(seen.places.size(), 2'000U);
  EXPECT_THAT(seen.codes, Contains(HasSubstr("scan.limit.")));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{20});
  std::string wide = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 50'000; ++i) wide += "--b\r\n--b--\r\n--bx\r\n";
  EXPECT_THAT(look(wide).codes, Contains("scan.limit.parts"));
}

}  // namespace
}  // namespace mailreeve::scan
