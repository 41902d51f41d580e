// SPDX-License-Identifier: Apache-2.0
#include "scan/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "scan/lookalike.h"

namespace mailreeve::scan {
namespace {

using testing::ElementsAre;

std::string host(std::string_view text, std::string_view base = {}) {
  const auto url = parse_url(text, base);
  return url ? url->host : "(none)";
}

TEST(Urls, LeadWhereABrowserWouldGo) {
  EXPECT_EQ(host("HTTP://WWW.Example.ORG./x"), "www.example.org");
  EXPECT_EQ(host("https:\\\\evil.example\\x"), "evil.example");
  EXPECT_EQ(host("ht\ntp://evil.exa\tmple/"), "evil.example");
  EXPECT_EQ(host("https://www.bank.example@evil.example:8080/x"), "evil.example");
  EXPECT_EQ(host("https://b\xc3\xbc"
                 "cher.example/"),
            "xn--bcher-kva.example");
  EXPECT_EQ(host("https://evil%2eexample/"), "evil.example");
  EXPECT_EQ(host("//cdn.example/x"), "cdn.example");
  EXPECT_EQ(host("www.example.org/x"), "www.example.org");
  EXPECT_EQ(host("page.html", "https://site.example/a/b.html"), "site.example");
  EXPECT_EQ(parse_url("page.html", "https://site.example/a/b.html")->text, "https://site.example/a/page.html");
  for (const auto* text : {"mailto:a@example.org", "javascript:alert(1)", "", "page.html", "http://", "http://a b/"}) {
    EXPECT_EQ(host(text), "(none)") << text;
  }
}

TEST(Urls, AddressesAreToldHoweverTheyAreWritten) {
  for (const auto* text :
       {"http://127.0.0.1/", "http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/", "http://127.1/"}) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->host, "127.0.0.1") << text;
    EXPECT_TRUE(url->is_address);
  }
  EXPECT_EQ(host("http://[2001:DB8::1]:80/"), "[2001:db8::1]");
  EXPECT_FALSE(parse_url("http://1.example/")->is_address);
}

TEST(Urls, AnyHostThatABrowserOpensIsOne) {
  EXPECT_EQ(host("http://i\u2764.ws/"), "xn--i-7iq.ws");
  EXPECT_EQ(host("http://\u2603.example/"), "xn--n3h.example");
  EXPECT_EQ(host("http://%e2%98%83.example/"), "xn--n3h.example");
  EXPECT_EQ(host("http://ev\u00adil.example/"), "evil.example");
  EXPECT_EQ(host("http://\uff45vil\u3002example/"), "evil.example");
  EXPECT_EQ(host("http://a_b.example/"), "a_b.example");
  EXPECT_EQ(host("http://a!b,c~d.example/"), "a!b,c~d.example");
  EXPECT_NE(host("http://\u0663.example/"), "(none)");
  for (const auto* text : {"http://a%00b.example/", "http://a|b.example/", "http://a^b.example/",
                           "http://a%2fb.example/", "http://a\ufffd.example/"}) {
    EXPECT_EQ(host(text), "(none)") << text;
  }
  EXPECT_EQ(host("http://" + std::string(300, 'a') + "/"), "(none)");
  std::string emoji = "http://";
  for (int i = 0; i < 500; ++i) emoji += "\u2603";
  EXPECT_EQ(host(emoji), "(none)");
}

TEST(Urls, SlashesOfEitherKindBeginAHost) {
  for (const auto* text : {"//evil.example/x", "\\\\evil.example/x", "/\\evil.example/x", "\\/evil.example/x",
                           "https:/evil.example", "http:evil.example", "http:\\\\\\evil.example"}) {
    EXPECT_EQ(host(text, "https://good.example/a"), "evil.example") << text;
  }
  EXPECT_EQ(host("/evil.example", "https://good.example/a"), "good.example");
}

TEST(Urls, AMegabyteOfAnythingIsSearchedInNoTime) {
  const auto began = std::chrono::steady_clock::now();
  for (const auto* piece : {"ww.", "www.", "://", "http://", "http://a ", "ww.http://", "w", ":/", "a://"}) {
    std::string text;
    while (text.size() < 1U << 20U) text += piece;
    std::uint32_t count = 0;
    find_urls(text, 1000, count);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{10});
}

TEST(Urls, AreFoundInPlainText) {
  std::uint32_t count = 0;
  EXPECT_THAT(
      find_urls("See (https://a.example/x), or www.b.example. Not w.c.example; xhttp://d.example/y!", 10, count),
      ElementsAre("https://a.example/x", "www.b.example", "http://d.example/y"));
  EXPECT_EQ(count, 3U);
  EXPECT_THAT(find_urls("http://a.example http://b.example", 1, count), testing::SizeIs(1));
  EXPECT_EQ(count, 5U);
}

TEST(Urls, AHostIsShownOnlyWhereThereIsOne) {
  EXPECT_EQ(host_shown(" https://www.bank.example/login "), "www.bank.example");
  EXPECT_EQ(host_shown("www.bank.example"), "www.bank.example");
  EXPECT_EQ(host_shown("bank.com"), "bank.com");
  for (const auto* text : {"click here", "report.pdf", "anna@example.org", "", "Read more...", "2.5"})
    EXPECT_EQ(host_shown(text), "") << text;
}

TEST(Lookalikes, AreTellingLettersAndWordsApart) {
  for (const auto* domain : {"paypa1.com", "paypaI.com", "pyapal.com", "paypal-login.com", "secure-paypal.net",
                             "paypall.com", "xn--pypal-4ve.com" /* with a Cyrillic a */}) {
    EXPECT_TRUE(is_lookalike(domain, "paypal.com")) << domain;
  }
  for (const auto* domain : {"paypal.com", "www.paypal.com", "paypal.de", "example.org", "payroll.com", "pal.com"}) {
    EXPECT_FALSE(is_lookalike(domain, "paypal.com")) << domain;
  }
  EXPECT_FALSE(is_lookalike("abd.org", "abc.org")) << "short names are alike by chance";
  EXPECT_EQ(forged_brand("micros0ft.com"), "microsoft.com");
  EXPECT_EQ(forged_brand("paypal.de"), "");
  for (const auto* domain : {"paypal-payment.com", "paypal-mail.com", "wwwpaypal.com", "paypal-kundenservice.de",
                             "apple-id.com", "appple.com", "amzaon.com", "arnazon.com"}) {
    EXPECT_NE(forged_brand(domain), "") << domain;
  }
}

TEST(Lookalikes, AreNoHonestNames) {
  for (const auto* domain : {"cloud.com", "telecom.com", "finance.si", "cooking.de", "looking.com", "apply.de",
                             "offices.net", "googlemail.com", "facebookmail.com", "vodafonemail.de", "amazone.de",
                             "goggle.de", "abode.com", "sparkassen.de", "mail.com", "service.com"}) {
    EXPECT_EQ(forged_brand(domain), "") << domain;
  }
}

TEST(Lookalikes, ABrandBeforeAnothersDomainIsBorrowed) {
  EXPECT_EQ(borrowed_brand("paypal.com.evil.example", "evil.example"), "paypal.com");
  EXPECT_EQ(borrowed_brand("www-paypal-com.evil.example", "evil.example"), "paypal.com");
  EXPECT_EQ(borrowed_brand("login.microsoft.com.a.evil.example", "evil.example"), "microsoft.com");
  for (const auto* host : {"paypal.shop.example", "mypaypal.com.shop.example", "paypal.community.example"}) {
    EXPECT_EQ(borrowed_brand(host, std::string_view{host}.substr(std::string_view{host}.find('.') + 1)), "") << host;
  }
  EXPECT_EQ(borrowed_brand("www.paypal.com", "paypal.com"), "");
}

}  // namespace
}  // namespace mailreeve::scan
