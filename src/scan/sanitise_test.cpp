// SPDX-License-Identifier: Apache-2.0
// What the sanitiser lets by is read by a reader of its own (support/safe_html.h).
#include "scan/sanitise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/random.h"
#include "support/html_attacks.h"
#include "support/safe_html.h"

namespace mailreeve::scan {
namespace {

using support::html_attacks;
using support::problem_of_html;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SafeHtml safe(std::string_view html, const SanitiseLimits& limits = {}) { return sanitise(html, limits, {}); }

std::string html_of(std::string_view html) {
  auto out = safe(html).html;
  EXPECT_EQ(problem_of_html(out), "") << html;
  return out;
}

TEST(Sanitise, NoAttackLeavesAnythingThatActs) {
  for (const auto& attack : html_attacks()) {
    // Alone, in the middle of other things, and twice.
    for (const auto& html :
         {attack, "<p>a<b>" + attack + "c</b>d", "<table><tr>" + attack + "<td>" + attack + "</table>",
          "<a href=http://x.example/>" + attack + "</a>", "<ul>" + attack + "<li>" + attack}) {
      const auto out = safe(html).html;
      EXPECT_EQ(problem_of_html(out), "") << html << "\n" << out;
    }
  }
}

TEST(Sanitise, PairsOfAttacksLeaveNothingEither) {
  const auto& attacks = html_attacks();
  constexpr std::size_t step = 4;  // each is before and behind every fourth
  for (std::size_t first = 0; first < attacks.size(); ++first) {
    for (auto second = first % step; second < attacks.size(); second += step) {
      const auto html = attacks[first] + attacks[second];
      const auto out = safe(html).html;
      ASSERT_EQ(problem_of_html(out), "") << html << "\n" << out;
    }
  }
}

TEST(Sanitise, WhatComesOutStaysAsItIsWhenItIsReadAgain) {
  for (const auto& attack : html_attacks()) {
    const auto once = safe("<p>x" + attack).html;
    const auto twice = safe(once).html;
    // Placeholders and inert links are spans without their class the second time; nothing else may change.
    EXPECT_EQ(problem_of_html(twice), "");
    const bool has_ours = once.find(" class=") != std::string::npos || once.find("<img") != std::string::npos;
    if (!has_ours) EXPECT_EQ(safe(twice).html, twice) << attack;
  }
}

TEST(Sanitise, ScriptAndItsLikeAreCounted) {
  const auto look = safe(
      "<script>x</script><p onclick=x()>a</p><a href=javascript:x()>b</a><form "
      "action=https://evil.example/take><input></form>"
      "<iframe src=x></iframe><embed src=x><img src=http://t.example/a.png><img srcset='http://t.example/b.png 2x'>"
      "<td background=http://t.example/c.png><p style='background:url(http://t.example/d.png)'>"
      "<style>@font-face{src:url(https://f.example/f.woff)}</style>");
  EXPECT_EQ(look.blocked, (Blocked{.images = 5, .scripts = 3, .forms = 1, .frames = 2}));
  EXPECT_THAT(look.html, Not(HasSubstr("script")));
  ASSERT_FALSE(look.links.empty());
  EXPECT_EQ(look.links.front(), (PreviewLink{"form", "https://evil.example/take", "evil.example"}));
}

TEST(Sanitise, ANewsletterKeepsItsLook) {
  EXPECT_EQ(
      html_of("<html><head><title>t</title></head><body bgcolor='#eeeeee' style='margin:0'>"
              "<table width=600 align=center cellpadding=0 cellspacing=0 border=0 style='border-collapse:collapse'>"
              "<tr><td align=left valign=top style='padding:10px 20px; font-family:\"Open Sans\",Arial; color:#333'>"
              "<h1>Week 47</h1><p>Hello <b>Anna</b>,<p>two <font color=red size=2>offers</font>:<ul><li>one<li>two</ul>"
              "</td></tr></table></body></html>"),
      "<div style=\"background-color:#eeeeee;margin:0\">"
      "<table width=\"600\" align=\"center\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" "
      "style=\"border-collapse:collapse\"><tbody><tr>"
      "<td align=\"left\" valign=\"top\" style=\"padding:10px 20px;font-family:&#39;Open Sans&#39;, arial;color:#333\">"
      "<h1>Week 47</h1><p>Hello <b>Anna</b>,</p><p>two <font color=\"red\" size=\"2\">offers</font>:</p>"
      "<ul><li>one</li><li>two</li></ul></td></tr></tbody></table></div>");
}

TEST(Sanitise, ElementsAreNestedAsABrowserWould) {
  EXPECT_EQ(html_of("<p>a<p>b"), "<p>a</p><p>b</p>");
  EXPECT_EQ(html_of("<p><b>a<div>c</b>d</div>"), "<p><b>a</b></p><div><b>c</b>d</div>");
  EXPECT_EQ(html_of("<b><i>x</b>y</i>z"), "<b><i>x</i></b><i>y</i>z");
  EXPECT_EQ(html_of("<b><div>x</b>y</div>z"), "<b><div>xy</div></b>z");
  EXPECT_EQ(html_of("<li>a<li>b"), "<ul><li>a</li><li>b</li></ul>");
  EXPECT_EQ(html_of("<ul><li>a<ul><li>b</ul>c<li>d</ul>e"), "<ul><li>a<ul><li>b</li></ul>c</li><li>d</li></ul>e");
  EXPECT_EQ(html_of("<dl><dt>a<dd>b<dt>c</dl>"), "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>");
  EXPECT_EQ(html_of("<table><tr><td>a<td>b<tr><td>c</table>d"),
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>d");
  EXPECT_EQ(html_of("<table><tr><td>a<table><tr><td>b</table>c</table>"),
            "<table><tbody><tr><td>a<table><tbody><tr><td>b</td></tr></tbody></table>c</td></tr></tbody></table>");
  EXPECT_EQ(html_of("<table>astray<tr><td>b</table>"),
            "<table><tbody><tr><td>astray</td></tr><tr><td>b</td></tr></tbody></table>");
  EXPECT_EQ(html_of("<p>a<table><td>b</table>c"), "<p>a</p><table><tbody><tr><td>b</td></tr></tbody></table>c");
  EXPECT_EQ(html_of("<h1>a<h2>b"), "<h1>a</h1><h2>b</h2>");
  EXPECT_EQ(html_of("<td>a</td><tr>b"), "ab");
  EXPECT_EQ(html_of("a<br>b<hr>c"), "a<br>b<hr>c");
}

TEST(Sanitise, LinksAreInertAndTellWhereTheyGo) {
  EXPECT_EQ(html_of("<a href='https://shop.example/a?b=1&amp;c=2' target=_blank>Shop</a>"),
            "<span class=\"link\" title=\"https://shop.example/a?b=1&amp;c=2\">Shop</span>");
  const auto pretending = html_of("<a href='http://evil.example/login'>https://www.bank.example/login</a>");
  EXPECT_THAT(pretending, HasSubstr("<span class=\"goes\" dir=\"ltr\">[evil.example]</span></span>"));
  EXPECT_THAT(html_of("<a href='http://bank.example@evil.example/'>bank.example</a>"), HasSubstr("[evil.example]"));
  EXPECT_THAT(html_of("<a href='http://evil.example/'>Go to http://bank.example/ now</a>"),
              HasSubstr("[evil.example]"));
  EXPECT_THAT(html_of("<a href='http://evil.example/'><b>www.</b>bank.<i>example</i></a>"),
              HasSubstr("[evil.example]"));
  EXPECT_THAT(html_of("<a href='mailto:thief@evil.example?subject=x'>help@bank.example</a>"),
              HasSubstr("[thief@evil.example]"));
  EXPECT_THAT(html_of("<a href='http://xn--bnk-0na.example/'>www.bank.example</a>"),
              HasSubstr("[xn--bnk-0na.example]"));
  EXPECT_THAT(html_of("<a href='http://evil.example/'>Log in at bank.example [bank.example] now</a>"),
              HasSubstr("[evil.example]</span>"));
  EXPECT_THAT(html_of("<a href='http://p\xd0\xb0ypal.example/'>p\xd0\xb0ypal.example</a>"),
              HasSubstr("[xn--pypal-4ve.example]"));
  for (const auto* honest :
       {"<a href='https://www.bank.example/x'>bank.example</a>", "<a href='http://a.example/'>here</a>",
        "<a href='mailto:a@b.example'>a@b.example</a>", "<a href='http://b.example/'>a@b.example</a>"}) {
    EXPECT_THAT(html_of(honest), Not(HasSubstr("goes"))) << honest;
  }
}

TEST(Sanitise, OfALongHostTheEndIsShown) {
  const auto host = std::string(60, 'a') + ".bank.example." + std::string(60, 'b') + ".evil.example";
  const auto out = html_of("<a href='http://" + host + "/'>bank.example</a>");
  EXPECT_THAT(out, HasSubstr(".evil.example]</span>"));
}

TEST(Sanitise, LinksAreListed) {
  const auto look = safe(
      "<base href='http://a.example/b/'><a href=c>one <b>two</b></a><a href=#x>x</a><a name=y>y</a>"
      "<a href=mailto:a@b.example>m</a><a href=javascript:x>j</a><map><area href=http://m.example/></map>");
  EXPECT_EQ(look.link_count, 4U);
  EXPECT_THAT(look.links, ElementsAre(PreviewLink{"one two", "http://a.example/b/c", "a.example"},
                                      PreviewLink{"m", "mailto:a@b.example", ""},
                                      PreviewLink{"", "http://m.example/", "m.example"}));
}

// A picture of one pixel, transparent.
const std::string gif{
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    "\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
    "D\x01\x00;",
    43};

TEST(Sanitise, TheMessagesOwnPicturesAreShownByTheirContent) {
  const FindPicture find = [](std::string_view id) -> std::string_view {
    return id == "a@b" ? std::string_view{gif} : id == "page" ? "<html><script>x</script>" : std::string_view{};
  };
  const auto look = sanitise(
      "<img src='cid:a%40b' alt='A \"dot\"' width=10><img src=cid:page alt=p><img src=cid:none>"
      "<img src='data:text/html;base64," +
          to_base64(gif) + "'>",
      {}, find);
  const auto shown = "data:image/gif;base64," + to_base64(gif);
  EXPECT_EQ(look.html, "<img src=\"" + shown +
                           "\" alt=\"A &quot;dot&quot;\" width=\"10\"><span class=\"picture\">p</span>"
                           "<img src=\"" +
                           shown + "\" alt=\"\">");
  EXPECT_EQ(problem_of_html(look.html), "");
  EXPECT_EQ(look.blocked.images, 0U);
}

TEST(Sanitise, PicturesThatWouldUnpackToGigabytesAreNotShown) {
  auto vast = gif;
  vast[6] = vast[7] = vast[8] = vast[9] = '\xff';
  const auto look =
      sanitise("<img src=cid:x alt=vast>", {}, [&](std::string_view) -> std::string_view { return vast; });
  EXPECT_EQ(look.html, "<span class=\"picture\">vast</span>");
}

TEST(Sanitise, PicturesOfTheMessageHaveALimitTogether) {
  SanitiseLimits limits;
  limits.pictures = 3 * gif.size();
  std::string html;
  for (int i = 0; i < 10; ++i) html += "<img src=cid:x>";
  const auto look = sanitise(html, limits, [](std::string_view) -> std::string_view { return gif; });
  std::size_t count = 0;
  for (auto at = look.html.find("<img"); at != std::string::npos; at = look.html.find("<img", at + 1)) ++count;
  EXPECT_EQ(count, 3U);
}

TEST(Sanitise, RemotePicturesLeaveTheirHostAndTrackersNothing) {
  EXPECT_EQ(html_of("<img src='https://img.example/a.png?id=1' alt='Our logo' width=300>"),
            "<span class=\"picture\" title=\"https://img.example/a.png?id=1\">Our logo<span class=\"goes\" "
            "dir=\"ltr\">[img.example]</span></span>");
  const auto look =
      safe("<img src=http://t.example/1 width=1 height=1><img src=http://t.example/2 style='display:none'>");
  EXPECT_THAT(look.html, IsEmpty());
  EXPECT_EQ(look.blocked.images, 2U);
}

TEST(Sanitise, StylesAreWrittenAnew) {
  EXPECT_EQ(safe_style("COLOR : RED ;; background : #FFF url(x) no-repeat ; font : bold 12px/1.5 'A b', serif"),
            "color:red;background-color:#FFF;font:bold 12px / 1.5 'A b', serif");
  EXPECT_EQ(safe_style("margin:0 auto;width:100%;line-height:1.5;border:1px solid rgba(0, 0, 0, .5)"),
            "margin:0 auto;width:100%;line-height:1.5;border:1px solid rgba(0, 0, 0, .5)");
  EXPECT_EQ(safe_style("color:red !important; mso-line-height-rule:exactly; -webkit-text-size-adjust:none"),
            "color:red");
  EXPECT_EQ(safe_style("background:linear-gradient(red,blue) #123456"), "background-color:#123456");
  for (const auto* bad :
       {"position:absolute", "top:0", "z-index:9", "margin:-1px", "color:red\\9", "width:expression(1)",
        "color:", ":red", "color", "display:flex", "float:url(x)", "width:3000px", "text-indent:500px",
        "width:calc(1px)", "--a:b", "color:#12", "color:rgb(url(x))", "font-family:'a;b'", "height:1vh"}) {
    EXPECT_EQ(safe_style(bad), "") << bad;
  }
}

TEST(Sanitise, TheTextHasTheLinesOfThePage) {
  EXPECT_EQ(safe("<h1>Title</h1><p>Hello\n  <b>you</b>,<br>see <a href='http://a.example/x'>this</a>.</p>"
                 "<ul><li>one<li>two</ul><table><tr><td>a<td>b<tr><td>c</table><pre>x\n  y</pre><script>no</script>")
                .text,
            "Title\n\nHello you,\nsee this <http://a.example/x>.\n\n- one\n- two\n\na b\nc\n\nx\n  y");
}

TEST(Sanitise, EverythingIsBounded) {
  SanitiseLimits limits;
  limits.html = 10'000;
  limits.text = 5'000;
  const std::string pieces[] = {"<div>",
                                "<b>",
                                "<table><tr><td>",
                                "<ul><li>",
                                "<p>",
                                "<blockquote>",
                                "<a href=http://x.example/>",
                                "</p><p>",
                                "<span style='color:red'>",
                                "x<br>",
                                "<font color=red><p>",
                                "&lt;",
                                "\xff",
                                "<h1>",
                                "<td>"};
  for (const auto& piece : pieces) {
    std::string html;
    while (html.size() < 300'000) html += piece;
    const auto look = sanitise(html, limits, {});
    support::SafeHtmlReader reader{look.html};
    EXPECT_EQ(reader.problem(), "") << piece;
    EXPECT_LE(look.html.size(), limits.html) << piece;
    EXPECT_LE(look.text.size(), limits.text) << piece;
    EXPECT_LE(reader.depth(), limits.depth) << piece;
    EXPECT_LE(look.links.size(), limits.links) << piece;
  }
}

TEST(Sanitise, TextIsCutBetweenCharacters) {
  for (std::size_t most = 0; most < 60; ++most) {
    SanitiseLimits limits;
    limits.html = most;
    for (const auto* text :
         {"&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;",
          "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac<b>\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"}) {
      const auto look = sanitise(text, limits, {});
      EXPECT_EQ(problem_of_html(look.html), "");
      EXPECT_LE(look.html.size(), most);
      EXPECT_GE(look.html.size() + 20, std::min<std::size_t>(most, 20)) << look.html;
    }
  }
}

TEST(Sanitise, WhateverIsThrownTogetherComesOutInOrder) {
  SeededRandom random{20261121};
  const std::string_view pieces[] = {"<p>",
                                     "</p>",
                                     "<b>",
                                     "</b>",
                                     "<i>",
                                     "</i>",
                                     "<a href=http://a.example/>",
                                     "</a>",
                                     "<table>",
                                     "</table>",
                                     "<tr>",
                                     "</tr>",
                                     "<td>",
                                     "</td>",
                                     "<th>",
                                     "<tbody>",
                                     "</tbody>",
                                     "<caption>",
                                     "</caption>",
                                     "<ul>",
                                     "</ul>",
                                     "<ol>",
                                     "<li>",
                                     "</li>",
                                     "<dl>",
                                     "<dt>",
                                     "<dd>",
                                     "</dl>",
                                     "<h1>",
                                     "</h1>",
                                     "<h2>",
                                     "</h3>",
                                     "<div>",
                                     "</div>",
                                     "<center>",
                                     "<pre>",
                                     "</pre>",
                                     "<br>",
                                     "<hr>",
                                     "text",
                                     " ",
                                     "<img src=http://i.example/>",
                                     "<font color=red>",
                                     "</font>",
                                     "<blockquote>",
                                     "</blockquote>",
                                     "<span>",
                                     "</span>",
                                     "<form>",
                                     "<svg>",
                                     "</svg>",
                                     "<style>",
                                     "</style>",
                                     "<!--",
                                     "-->",
                                     "<select>",
                                     "</select>",
                                     "<body>",
                                     "</body>",
                                     "<thead>",
                                     "<q>"};
  for (int round = 0; round < 5'000; ++round) {
    std::string html;
    for (auto left = random.below(40); left > 0; --left) html += pieces[random.below(std::size(pieces))];
    const auto out = safe(html).html;
    ASSERT_EQ(problem_of_html(out), "") << html << "\n" << out;
  }
}

}  // namespace
}  // namespace mailreeve::scan
