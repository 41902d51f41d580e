// SPDX-License-Identifier: Apache-2.0
#include "mail/notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace mailreeve::mail {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Notice notice() {
  Notice made;
  made.from = *Mailbox::parse("quarantine@example.org");
  made.from_name = "Mail quarantine";
  made.to = *Mailbox::parse("anna@example.org");
  made.subject = "2 messages held";
  made.text = "Hello\n";
  made.html = "<!DOCTYPE html><p>Hello</p>";
  made.id = "01ABC";
  made.host = "mx.example.org";
  made.date = from_millis(1'790'000'000'000);
  return made;
}

std::size_t longest_line(const std::string& message) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < message.size();) {
    const auto end = message.find("\r\n", at);
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  return longest;
}

TEST(Notice, HasWhatAMessageMustHave) {
  const auto message = compose(notice());
  EXPECT_THAT(message, StartsWith("Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n"
                                  "From: \"Mail quarantine\" <quarantine@example.org>\r\n"
                                  "To: <anna@example.org>\r\n"
                                  "Subject: 2 messages held\r\n"
                                  "Message-ID: <01ABC@mx.example.org>\r\n"
                                  "Auto-Submitted: auto-generated\r\n"
                                  "MIME-Version: 1.0\r\n"
                                  "Content-Type: multipart/alternative;\r\n boundary=\"=_"));
  EXPECT_THAT(message, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_LT(message.find("text/plain"), message.find("text/html")) << "the best kind stands last (RFC 2046 5.1.4)";
  EXPECT_THAT(message, testing::EndsWith("--\r\n"));
}

TEST(Notice, BearsAFileBesideItsText) {
  auto with_file = notice();
  with_file.attached = NoticeFile{"01ABC.zip", "application/zip", std::string(1000, '\xff')};
  const auto message = compose(with_file);
  EXPECT_THAT(message, HasSubstr("Content-Type: multipart/mixed;\r\n"));
  EXPECT_THAT(message, HasSubstr("Content-Type: multipart/alternative;\r\n"));
  EXPECT_THAT(message, HasSubstr("Content-Disposition: attachment; filename=\"01ABC.zip\"\r\n"
                                 "Content-Transfer-Encoding: base64\r\n\r\n////"));
  EXPECT_LE(longest_line(message), 78U);
  EXPECT_LT(message.find("text/html"), message.find("application/zip"));
}

TEST(Notice, WithoutHtmlIsOnePart) {
  auto plain = notice();
  plain.html.clear();
  EXPECT_THAT(compose(plain), Not(HasSubstr("multipart")));
}

TEST(Notice, LinesAreShortAndNoOctetIsBare) {
  auto long_one = notice();
  for (int i = 0; i < 200; ++i) long_one.text += "äöü 漢字 https://mx.example.org/link/abcdefghijklmnopqrstuvwxyz ";
  long_one.subject = std::string(300, 'x') + " ✉ " + std::string(100, 'y');
  long_one.from_name = "Quarantäne";
  const auto message = compose(long_one);
  EXPECT_LE(longest_line(message), 78U);
  for (std::size_t i = 0; i < message.size(); ++i) {
    ASSERT_LT(static_cast<unsigned char>(message[i]), 0x7f);
    if (message[i] == '\n') ASSERT_EQ(message[i - 1], '\r');
    if (message[i] == '\r') ASSERT_EQ(message[i + 1], '\n');
  }
}

TEST(EncodeUnstructured, SplitsBetweenCharactersOnly) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "漢";
  const auto encoded = encode_unstructured(text);
  std::istringstream words{encoded};
  std::string word;
  while (words >> word) {
    EXPECT_LE(word.size(), 75U);
    EXPECT_THAT(word, StartsWith("=?utf-8?B?"));
    EXPECT_EQ((word.size() - 12) % 4, 0U);
    EXPECT_THAT(word, Not(HasSubstr("=?=")));  // 42 octets: 14 whole characters, no padding
  }
  EXPECT_EQ(encode_unstructured("plain words"), "plain words");
  EXPECT_THAT(encode_unstructured("=?utf-8?Q?fake?="), StartsWith("=?utf-8?B?"));
  EXPECT_EQ(encode_unstructured("a\r\nBcc: x@example.org"), "a  Bcc: x@example.org");
}

TEST(QuotedPrintable, KeepsWhatIsReadable) {
  EXPECT_EQ(quoted_printable("a=b\n"), "a=3Db\r\n");
  EXPECT_EQ(quoted_printable("end \nnext\t\n"), "end=20\r\nnext=09\r\n");
  EXPECT_EQ(quoted_printable("From me\n.\nä"), "=46rom me\r\n=2E\r\n=C3=A4\r\n");
  EXPECT_EQ(quoted_printable(std::string(80, 'x')), std::string(75, 'x') + "=\r\nxxxxx\r\n");
  EXPECT_EQ(quoted_printable(""), "");
}

}  // namespace
}  // namespace mailreeve::mail
