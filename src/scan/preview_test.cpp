// SPDX-License-Identifier: Apache-2.0
#include "scan/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "scan/locked_zip.h"
#include "scan/report_codec.h"
#include "support/html_attacks.h"
#include "support/safe_html.h"

namespace mailreeve::scan {
namespace {

using support::problem_of_html;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string head =
    "From: =?utf-8?q?J=C3=BCrgen_M=2E?= <j@example.com>, b@example.com\r\n"
    "To: \"Anna, the one\" <anna@example.org>\r\n"
    "Subject: =?utf-8?q?Hello_=E2=80=93?=\r\n =?utf-8?q?_you?=\r\n"
    "Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
    "Received: from a (b [192.0.2.1])\r\n\tby c\r\n";
const std::string mime = head + "MIME-Version: 1.0\r\n";

std::string part(const std::string& fields, const std::string& body) { return fields + "\r\n\r\n" + body + "\r\n"; }

std::string multi(const std::string& subtype, std::initializer_list<std::string> parts,
                  const std::string& boundary = "b1") {
  std::string out = "Content-Type: multipart/" + subtype + "; boundary=" + boundary + "\r\n\r\n";
  for (const auto& one : parts) out += "--" + boundary + "\r\n" + one;
  return out + "--" + boundary + "--\r\n";
}

TEST(Preview, FieldsAreReadableAndTheHeaderIsThereAsItCame) {
  const auto preview = preview_of(head + "\r\nHello\r\n");
  using Field = Preview::Field;
  EXPECT_THAT(preview.headers,
              ElementsAre(Field{"From", "J\xc3\xbcrgen M. <j@example.com>, b@example.com"},
                          Field{"To", "Anna, the one <anna@example.org>"}, Field{"Subject", "Hello \xe2\x80\x93 you"},
                          Field{"Date", "Sat, 21 Nov 2026 08:00:00 +0000"}));
  EXPECT_THAT(preview.raw_header, HasSubstr("Subject: =?utf-8?q?Hello_=E2=80=93?=\n =?utf-8?q?_you?=\n"));
  EXPECT_THAT(preview.raw_header, HasSubstr("Received: from a (b [192.0.2.1])\n\tby c\n"));
  EXPECT_EQ(preview.text, "Hello");
  EXPECT_THAT(preview.html, IsEmpty());
  EXPECT_FALSE(preview.truncated);
}

TEST(Preview, BothTextsOfAnAlternativeAreThere) {
  const auto preview = preview_of(
      mime + multi("alternative",
                   {part("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable",
                         "Gr=FC=DFe"),
                    part("Content-Type: text/html; charset=utf-8",
                         "<p>Gr\xc3\xbc\xc3\x9f"
                         "e<script>x</script>")}));
  EXPECT_EQ(preview.text,
            "Gr\xc3\xbc\xc3\x9f"
            "e");
  EXPECT_EQ(preview.html,
            "<p>Gr\xc3\xbc\xc3\x9f"
            "e</p>");
  EXPECT_FALSE(preview.text_from_html);
  EXPECT_EQ(preview.blocked.scripts, 1U);
  EXPECT_THAT(preview.attachments, IsEmpty());
}

TEST(Preview, HtmlAloneHasATextToo) {
  const auto preview = preview_of(mime + part("Content-Type: text/html", "<h1>a</h1><p>b"));
  EXPECT_TRUE(preview.text_from_html);
  EXPECT_EQ(preview.text, "a\n\nb");
}

TEST(Preview, FilesAreToldByNameAndTypeAndMembersOfArchivesToo) {
  const auto zip = locked_zip("run.exe", "MZ", "x");
  ASSERT_TRUE(zip);
  const auto preview = preview_of(
      mime +
      multi("mixed",
            {part("Content-Type: text/plain", "see"),
             part("Content-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n"
                  "Content-Disposition: attachment; filename*=utf-8''gpj%E2%80%AE.exe",
                  to_base64("MZ\x90" + std::string(200, '\0'))),
             part("Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64", to_base64(*zip))}));
  EXPECT_EQ(preview.text, "see");
  ASSERT_EQ(preview.attachments.size(), 3U);
  const auto& disguised = preview.attachments[0];
  EXPECT_EQ(disguised.place, "2");
  EXPECT_EQ(disguised.names.front(), "gpj\xef\xbf\xbd.exe");  // nothing turns it around
  EXPECT_EQ(disguised.declared, "image/jpeg");
  EXPECT_EQ(disguised.type, "exe");
  EXPECT_THAT(disguised.categories, testing::Contains("executable"));
  EXPECT_EQ(disguised.sha256.size(), 64U);
  EXPECT_TRUE(preview.attachments[1].encrypted);
  EXPECT_EQ(preview.attachments[2].place, "3!run.exe");
}

TEST(Preview, PicturesWithinTheMessageAreShownRemoteOnesAreNot) {
  const std::string gif{
      "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
      "D\x01\x00;",
      35};
  const auto preview = preview_of(
      mime +
      multi("related", {part("Content-Type: text/html", "<img src=cid:logo@x><img src=http://t.example/a alt=b>"),
                        part("Content-Type: text/html\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline; "
                             "filename=x.gif\r\nContent-Transfer-Encoding: base64",
                             to_base64(gif))}));
  EXPECT_THAT(preview.html, HasSubstr("<img src=\"data:image/gif;base64," + to_base64(gif) + "\" alt=\"\">"));
  EXPECT_THAT(preview.html, Not(HasSubstr("src=\"http")));
  EXPECT_EQ(preview.blocked.images, 1U);
}

TEST(Preview, TheTextOfAMessageInTheMessageIsShownWhenThereIsNoOther) {
  const auto inner = part("Content-Type: message/rfc822", "Subject: inner\r\n\r\nthe inner text");
  EXPECT_EQ(preview_of(mime + multi("mixed", {part("Content-Type: text/plain", "the outer text"), inner})).text,
            "the outer text");
  EXPECT_EQ(preview_of(mime + multi("mixed", {inner})).text, "the inner text");
}

TEST(Preview, LinksOfPlainTextAreListed) {
  const auto preview = preview_of(head + "\r\nSee http://user@evil.example/x and www.b.example.\r\n");
  EXPECT_EQ(preview.link_count, 2U);
  EXPECT_THAT(preview.links,
              ElementsAre(PreviewLink{"http://user@evil.example/x", "http://user@evil.example/x", "evil.example"},
                          PreviewLink{"www.b.example", "http://www.b.example", "www.b.example"}));
}

TEST(Preview, EveryFieldThatMailControlsIsBoundedAndUtf8) {
  std::string evil;
  while (evil.size() < 400'000) evil += "\xff\x1b[31m<script>\xe2\x80\xae\x01";
  const auto preview = preview_of("From: " + evil + "\r\nSubject: " + evil + "\r\nTo: " + evil + "\r\n\r\n" + evil);
  const PreviewLimits limits;
  EXPECT_TRUE(preview.truncated);
  EXPECT_LE(preview.raw_header.size(), limits.raw_header);
  EXPECT_LE(preview.text.size(), limits.text);
  for (const auto& field : preview.headers) {
    EXPECT_LE(field.value.size(), limits.field);
    EXPECT_EQ(field.value.find_first_of("\x01\x1b\n\xff"), std::string::npos);
  }
  EXPECT_EQ(preview.text.find_first_of("\x01\x1b\xff"), std::string::npos);
}

TEST(Preview, ThePageIsHarmlessWhateverTheMessageSays) {
  for (const auto& attack : support::html_attacks()) {
    const auto preview = preview_of("From: " + attack + "\r\nSubject: " + attack +
                                    "\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + attack);
    ASSERT_EQ(problem_of_html(preview.html), "") << attack;
    const auto page = preview_page(preview_of("Subject: x\r\n\r\n" + attack));
    const auto start = page.find("<pre class=\"text\">") + 18;
    ASSERT_EQ(problem_of_html("<pre>" + page.substr(start, page.find("</main>") - start)), "") << attack;
  }
}

TEST(Preview, ThePageNamesItsOwnPolicy) {
  const auto page = preview_page(preview_of(mime + part("Content-Type: text/html", "<p>x")));
  EXPECT_THAT(page, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\""));
  EXPECT_THAT(page, HasSubstr("<title>Preview of a held message</title>"));
  EXPECT_THAT(page, HasSubstr("<div class=\"paper\"><p>x\n</p></div>"));
}

TEST(Preview, ItsOctetsAreReadBackAndNoOthers) {
  const auto preview = preview_of(
      mime +
      multi("mixed", {part("Content-Type: text/html", "<a href=http://a.example/>x</a><img src=http://b.example/>"),
                      part("Content-Type: application/pdf; name=a.pdf", "%PDF-1.4")}));
  const auto bytes = write_preview(preview);
  const auto again = read_preview(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, preview);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_preview(std::string_view{bytes}.substr(0, size)));
  EXPECT_FALSE(read_preview(bytes + "x"));
  EXPECT_FALSE(read_preview(write_report({})));
  EXPECT_FALSE(read_report(bytes));
}

}  // namespace
}  // namespace mailreeve::scan
