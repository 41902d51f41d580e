// SPDX-License-Identifier: Apache-2.0
#include "scan/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/random.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

HtmlLook read(std::string_view html) { return read_html(html, 10'000, 100); }

std::vector<std::string> urls(std::string_view html) {
  std::vector<std::string> all;
  for (const auto& link : read(html).links) all.push_back(link.url);
  return all;
}

constexpr auto evil = "http://evil.example/";
const std::string link = "<a href=http://evil.example/>x</a>";

TEST(HtmlReader, EveryKindOfLinkIsThere) {
  const auto look = read(
      "<a href='http://1.example/'>a</a><area href=http://2.example/><form action=http://3.example/>"
      "<input type=image formaction=http://4.example/><button formaction='http://5.example/'>b</button></form>"
      "<img src=http://6.example/><iframe src=http://7.example/></iframe><embed src=http://8.example/>"
      "<object data=http://9.example/></object><link href=http://10.example/><svg><a "
      "xlink:href=http://11.example/>c</a>"
      "<image xlink:href=http://12.example/></svg>");
  std::vector<Link::Kind> kinds;
  for (std::size_t i = 0; i < look.links.size(); ++i) {
    EXPECT_EQ(look.links[i].url, "http://" + std::to_string(i + 1) + ".example/");
    kinds.push_back(look.links[i].kind);
  }
  using enum Link::Kind;
  EXPECT_THAT(kinds, ElementsAre(anchor, anchor, form, form, form, image, other, other, other, other, anchor, image));
  EXPECT_EQ(look.link_count, 12U);
  EXPECT_TRUE(look.form);
  EXPECT_TRUE(look.frame);
}

TEST(HtmlReader, PicturesAreFetchedFromManyPlaces) {
  EXPECT_THAT(urls("<td background=http://evil.example/>"), ElementsAre(evil));
  EXPECT_THAT(urls("<p style=\"color:red; background: url( 'http://evil.example/' )\">"), ElementsAre(evil));
  EXPECT_THAT(urls("<style>p { background-image:url(http://evil.example/) }</style>"), ElementsAre(evil));
  EXPECT_THAT(urls("<img srcset='http://evil.example/ 1x, http://b.example/ 2x'>"),
              ElementsAre(evil, "http://b.example/"));
  EXPECT_THAT(urls("<p style='url('><p style='url()'><img srcset=', ,'>"), IsEmpty());
}

TEST(HtmlReader, ButtonsOfOutlookLead) {
  EXPECT_THAT(urls("<!--[if mso]><v:roundrect href=\"http://evil.example/\"></v:roundrect><![endif]-->"),
              ElementsAre(evil));
}

TEST(HtmlReader, TheFirstBaseCounts) {
  const auto look = read("<base href=http://one.example/><base href=http://two.example/><a href=x>y</a>");
  EXPECT_EQ(look.base, "http://one.example/");
  EXPECT_THAT(look.links, ElementsAre(Field(&HtmlLink::kind, Link::Kind::base), Field(&HtmlLink::url, "x")));
}

TEST(HtmlReader, ARefreshLeadsSomewhereHoweverItIsWritten) {
  for (const auto* content : {"0; url=http://evil.example/", "0;URL='http://evil.example/'",
                              "5 ; url = \"http://evil.example/", "0; http://evil.example/", "0,http://evil.example/",
                              "url=http://evil.example/", "0.5; UrL=http://evil.example/"}) {
    const auto look = read("<meta HTTP-EQUIV=Refresh content=\"" + [&] {
      std::string quoted;
      for (const char c : std::string_view{content}) quoted += c == '"' ? std::string{"&quot;"} : std::string{c};
      return quoted;
    }() + "\">");
    ASSERT_THAT(look.links, SizeIs(1)) << content;
    EXPECT_EQ(look.links[0].url, evil) << content;
    EXPECT_EQ(look.links[0].kind, Link::Kind::refresh);
  }
  EXPECT_THAT(read("<meta http-equiv=refresh content=30><meta name=url content='http://x.example/'>").links, IsEmpty());
}

TEST(HtmlReader, HiddenWritingsOfAnAddressAreUndone) {
  for (const auto* href :
       {"http://evil.example/", "'http://evil.example/'", "\"  http://evil.example/\"", "\"&#104;ttp://evil.example/\"",
        "\"&#x68;&#x74;&#X74;p://evil.example/\"", "\"&#104ttp://evil.example/\"",
        "\"http&colon;//evil&period;example&sol;\"", "\"\n\thttp://evil.example/\""}) {
    EXPECT_THAT(urls("<a href=" + std::string{href} + ">x</a>"), ElementsAre(evil)) << href;
    EXPECT_THAT(urls("<a\n/HREF \t=\n" + std::string{href} + " class=x>x</a>"), ElementsAre(evil)) << href;
  }
  EXPECT_TRUE(read("<a href='JaVa&#115;cript:x()'>x</a>").script);
  EXPECT_TRUE(read("<a href='java&Tab;script&colon;x()'>x</a>").script);
  EXPECT_TRUE(read("<a href='\x01 vbscript:x()'>x</a>").script);
}

TEST(HtmlReader, WhatIsNoLinkOfTheWebIsLeftOut) {
  EXPECT_THAT(urls("<a href='#top'>a</a><a href='mailto:a@b.example'>b</a><a href='tel:1'>c</a><img src='cid:x'>"
                   "<a href=''>d</a><a>e</a><img src='data:image/png;base64,AAAA'>"),
              IsEmpty());
}

TEST(HtmlReader, OfTwoAttributesTheFirstCounts) {
  EXPECT_THAT(urls("<a href=http://evil.example/ href=http://good.example/>x</a>"), ElementsAre(evil));
}

TEST(HtmlReader, ManyAttributesHideNone) {
  std::string many = "<a ";
  for (int i = 0; i < 500; ++i) many += "x" + std::to_string(i) + "=1 ";
  EXPECT_THAT(urls(many + "href=http://evil.example/>x</a>"), ElementsAre(evil));
}

TEST(HtmlReader, NothingHidesALinkThatPeopleSee) {
  for (const auto* before : {"I <3 you ",
                             "<3 x=\"",
                             "<!-- a --!>",
                             "<!-->",
                             "<!--->",
                             "<!-- <!-- -->",
                             "</3 x=\">",
                             "</>",
                             "<!x>",
                             "<?x>",
                             "<title><!--</title>",
                             "<textarea><!--</textarea>",
                             "<xmp><!--</xmp>",
                             "<iframe><!--</iframe>",
                             "<style><!--</style>",
                             "<noembed><!--</noembed>",
                             "<noframes><script></noframes>",
                             "<script>x</script>",
                             "<script>'</scripty>'</script>",
                             "<p title=\"<!--\">",
                             "a < b ",
                             "<title>",
                             "<iframe>",
                             "<b/><i/x>"}) {
    EXPECT_THAT(urls(before + link), ElementsAre(evil)) << before;
  }
}

TEST(HtmlReader, WhatSomeProgramsShowIsSeen) {
  for (const auto& html : std::vector<std::string>{
           "<!--[if mso]>" + link + "<![endif]-->", "<!--[if !mso]><!-->" + link + "<!--<![endif]-->",
           "<iframe srcdoc=\"<a href=http://evil.example/>x</a>\"></iframe>", "<svg><style>" + link + "</style></svg>",
           "<noframes>" + link + "</noframes>", "<noscript>" + link + "</noscript>"}) {
    EXPECT_THAT(urls(html), ElementsAre(evil)) << html;
  }
  EXPECT_TRUE(read("<iframe srcdoc='&lt;script>x&lt;/script>'></iframe>").script);
  EXPECT_THAT(urls("<!-- " + link + " -->"), IsEmpty());
  EXPECT_THAT(urls("<script>document.write('" + link + "')</script>"), IsEmpty());
}

TEST(HtmlReader, AScriptEndsWhereABrowserEndsIt) {
  EXPECT_TRUE(read("<script>'</scripty>'; new Blob([x]); a.download = 'x'</script>").smuggling);
  EXPECT_TRUE(read("<script>new Blob([x]); a.download = 'x'").smuggling);
  EXPECT_FALSE(read("<script>x</script >new Blob .download").smuggling);
}

TEST(HtmlReader, EntitiesAreReadAsBrowsersDo) {
  const auto text = [](std::string_view raw) { return decode_entities(raw, EntitiesIn::text); };
  EXPECT_EQ(text("a &amp; b &lt;c&gt; &quot;d&quot;"), "a & b <c> \"d\"");
  EXPECT_EQ(text("&amp &ampx &copy2"),
            "& &x \xc2\xa9"
            "2");
  EXPECT_EQ(text("&solution &period &numbers"), "&solution &period &numbers");
  EXPECT_EQ(text("&#65;&#x42;&#67&#x;&#;&unknown;&"), "ABC&#x;&#;&unknown;&");
  EXPECT_EQ(text("&#0;&#xd800;&#x110000;&#99999999999999999999;"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(text("&#x1f600;&euro;"), "\xf0\x9f\x98\x80\xe2\x82\xac");
  const auto address = [](std::string_view raw) { return decode_entities(raw, EntitiesIn::attribute); };
  EXPECT_EQ(address("?a=1&copy=2&num=3&amp;d=4&lt5&reg;"), "?a=1&copy=2&num=3&d=4&lt5\xc2\xae");
}

TEST(HtmlReader, TextIsWhatPeopleRead) {
  EXPECT_EQ(read(" <p>one</p>\r\n<p>two<br>three</p><ul><li>four<li>five</ul> ").text, "one two three four five");
  EXPECT_EQ(read("<style>p{}</style><script>x</script>a<!-- b -->c").text, "ac");
  EXPECT_EQ(read("<table><tr><td>a</td><td>b</td></tr></table>").text, "a b");
  EXPECT_EQ(read("&lt;a href=http://x.example/&gt;").text, "<a href=http://x.example/>");
}

TEST(HtmlReader, AnchorsShowTheirText) {
  const auto look =
      read("<a href=http://a.example/>one<a href=http://b.example/> two  three </a>four<a href=http://c.example/>five");
  ASSERT_THAT(look.links, SizeIs(3));
  EXPECT_EQ(look.links[0].shown, "one");
  EXPECT_EQ(look.links[1].shown, "two three");
  EXPECT_EQ(look.links[2].shown, "five");
  EXPECT_LE(read("<a href=http://a.example/>" + std::string(100'000, 'x') + "</a>").links[0].shown.size(), 200U);
}

TEST(HtmlReader, FilesMadeByScriptsAreTold) {
  EXPECT_TRUE(read("<a href='data:text/html;base64,AAAA'>x</a>").smuggling);
  EXPECT_TRUE(read("<iframe src='data:application/pdf;base64,AAAA'></iframe>").smuggling);
  EXPECT_TRUE(read("<script>var b = atob(x); location = y</script>").smuggling);
  EXPECT_TRUE(read("<script>atob('" + std::string(30'000, 'A') + "')</script>").smuggling);
  EXPECT_FALSE(read("<img src='data:image/png;base64," + std::string(30'000, 'A') + "'>").smuggling);
}

TEST(HtmlReader, EverythingIsBounded) {
  std::string many;
  for (int i = 0; i < 3000; ++i) many += link;
  const auto look = read_html(many, 500, 10);
  EXPECT_THAT(look.links, SizeIs(10));
  EXPECT_EQ(look.link_count, 3000U);
  EXPECT_LE(look.text.size(), 500U);
  EXPECT_LE(read("<a href=http://" + std::string(100'000, 'x') + ">").links[0].url.size(), 8U << 10U);
  EXPECT_THAT(read_html("<!--[if x]>" + many + "<![endif]-->", 500, 10).links, SizeIs(10));
}

TEST(HtmlReader, AMegabyteOfAnythingIsReadInNoTime) {
  const auto began = std::chrono::steady_clock::now();
  for (const auto* piece : {"<title>",
                            "<iframe>",
                            "<!---->",
                            "<!--",
                            "<!--[if x]>",
                            "<",
                            "</",
                            "<script>",
                            "<style>a</style>",
                            "&",
                            "&#",
                            "<a href=",
                            "<a href=\"x",
                            "<!",
                            "<p x",
                            "<p x=",
                            "--",
                            "<title><!--</title>",
                            "<iframe srcdoc='<iframe srcdoc=x>'>",
                            "<base href=x>"}) {
    std::string html;
    while (html.size() < 1U << 20U) html += piece;
    read_html(html, 1U << 20U, 1000);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{30});
}

TEST(HtmlReader, GarbageIsReadToItsEnd) {
  SeededRandom random{11};
  constexpr std::string_view pieces[] = {"<a href=",
                                         "\"",
                                         "'",
                                         ">",
                                         "<!--",
                                         "-->",
                                         "<script",
                                         "</script>",
                                         "&#",
                                         "&amp;",
                                         "=",
                                         " ",
                                         "<title>",
                                         "</title>",
                                         "<iframe srcdoc=",
                                         "x",
                                         "\n",
                                         "<",
                                         "/",
                                         "<base href=",
                                         "http://evil.example/",
                                         "[if",
                                         std::string_view{"\0", 1}};
  for (int round = 0; round < 3000; ++round) {
    std::string html;
    for (int i = 0; i < 40; ++i) html += pieces[random.below(std::size(pieces))];
    const auto look = read_html(html, 1000, 20);
    EXPECT_LE(look.links.size(), 20U);
    EXPECT_LE(look.text.size(), 1000U);
  }
}

}  // namespace
}  // namespace mailreeve::scan
