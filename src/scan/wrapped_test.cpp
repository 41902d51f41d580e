// SPDX-License-Identifier: Apache-2.0
#include "scan/wrapped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::scan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(WrappedUrls, AreFoundInWhatOthersMakeOfThem) {
  const char* wrapped[] = {
      "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2Fx&data=05%7C01&reserved=0",
      "https://www.google.com/url?sa=t&q=https%3A%2F%2Fshop.example%2Fx&usg=abc",
      "https://www.google.com/url?q=https://shop.example/x",
      "https://urldefense.proofpoint.com/v2/url?u=https-3A__shop.example_x&d=DwMF&c=e",
      "https://urldefense.com/v3/__https://shop.example/x__;!!abc$",
      "https://eu-west-1.protection.sophos.com/?u=aHR0cHM6Ly9zaG9wLmV4YW1wbGUveA==&i=1",
      "https://web.archive.example/web/2020/https://shop.example/x",
      "https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2Fx&h=AT0",
  };
  for (const auto* url : wrapped) EXPECT_THAT(wrapped_urls(url), ElementsAre("https://shop.example/x")) << url;
}

TEST(WrappedUrls, OfSophosNameTheHostAtLeast) {
  EXPECT_THAT(wrapped_urls("https://eu-west-1.protection.sophos.com/?d=shop.example&u=broken"),
              ElementsAre("https://shop.example"));
}

TEST(WrappedUrls, AreNotMadeUp) {
  for (const auto* url :
       {"https://shop.example/x", "https://shop.example/?q=shoes", "https://shop.example/?url=javascript:x",
        "https://shop.example/?u=", "no url", "", "https://a.example/%", "https://a.example/?u=%zz"}) {
    EXPECT_THAT(wrapped_urls(url), IsEmpty()) << url;
  }
}

TEST(WrappedUrls, AreFewHoweverManyThereAre) {
  std::string url = "https://a.example/?";
  for (int i = 0; i < 100; ++i) url += "u" + std::to_string(i) + "=https://b" + std::to_string(i) + ".example/&";
  EXPECT_THAT(wrapped_urls(url), SizeIs(3));
}

TEST(WrappedUrls, OnlyKnownWrappersAreBelieved) {
  EXPECT_TRUE(is_honest_wrapper("eur01.safelinks.protection.outlook.com"));
  EXPECT_TRUE(is_honest_wrapper("www.google.com"));
  EXPECT_FALSE(is_honest_wrapper("evilgoogle.com"));
  EXPECT_FALSE(is_honest_wrapper("sites.google.com")) << "anybody may put a page there";
  EXPECT_FALSE(is_honest_wrapper("evil.example"));
}

TEST(ClickCounters, AreKnownByTheirDomains) {
  EXPECT_TRUE(is_click_counter("u123.ct.sendgrid.net"));
  EXPECT_FALSE(is_click_counter("notsendgrid.net"));
}

TEST(Services, OfOneOwnerHaveSeveralDomains) {
  EXPECT_TRUE(is_same_service("youtu.be", "youtube.com"));
  EXPECT_TRUE(is_same_service("amazon.com", "amazon.de"));
  EXPECT_FALSE(is_same_service("paypal.com", "paypal.tk"));
}

}  // namespace
}  // namespace mailreeve::scan
