// SPDX-License-Identifier: Apache-2.0
#include "gateway/digest_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/digest_times.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;
using store::DigestTimes;
using testing::HasSubstr;
using testing::Not;

DigestContent content() {
  DigestContent made;
  made.address = "anna@example.org";
  made.host = "mx.example.org";
  made.keep = "30 days";
  made.page = "https://mx.example.org/own";
  made.contact = "postmaster@example.org";
  return made;
}

DigestItem item(std::string from, std::string subject) {
  return {std::move(from),
          std::move(subject),
          "Sat 21 Nov, 10:02",
          "it looks like spam",
          {{"Release", "https://mx.example.org/link/abc"}}};
}

TEST(DigestPage, SaysHowManyAndForWhom) {
  auto made = content();
  made.held = {item("a@far.example", "Offer")};
  const auto mail = render(made);
  EXPECT_EQ(mail.subject, "1 message kept back for you");
  EXPECT_THAT(mail.text, HasSubstr("1 message for anna@example.org is kept back by mx.example.org."));
  EXPECT_THAT(mail.text, HasSubstr("  Release: https://mx.example.org/link/abc\n"));
  EXPECT_THAT(mail.html, HasSubstr("href=\"https://mx.example.org/link/abc\""));
  EXPECT_THAT(mail.html, Not(HasSubstr("Refused")));
  made.more = 3;
  made.refused = {item("b@far.example", "Worse")};
  EXPECT_EQ(render(made).subject, "5 messages kept back for you");
  EXPECT_THAT(render(made).text, HasSubstr("... and 3 more."));
  EXPECT_THAT(render(made).html, HasSubstr("Their senders were told"));
}

TEST(DigestPage, WhatSendersChoseIsTextInBothForms) {
  auto made = content();
  made.held = {item("\"<script>alert(1)</script>\" <a@far.example>",
                    "a\r\nRelease: https://evil.example/\r\n<b title='x'>&amp;")};
  const auto mail = render(made);
  EXPECT_THAT(mail.html, Not(HasSubstr("<script")));
  EXPECT_THAT(mail.html, Not(HasSubstr("<b title")));
  EXPECT_THAT(mail.html, HasSubstr("&lt;b title=&#39;x&#39;&gt;&amp;amp;"));
  EXPECT_THAT(mail.text, Not(HasSubstr("\nRelease: https://evil.example")));
  for (const auto* outside : {"<img", "<link", "<style", "<form", "src=", "url(", "@import"}) {
    EXPECT_THAT(mail.html, Not(HasSubstr(outside))) << outside;
  }
}

TEST(DigestPage, WithoutPagesThereAreNoLinks) {
  auto made = content();
  made.page.clear();
  made.held = {item("a@far.example", "Offer")};
  made.held.front().links.clear();
  EXPECT_THAT(render(made).html, Not(HasSubstr("<a ")));
  EXPECT_THAT(render(made).text, Not(HasSubstr("http")));
}

TEST(DigestPage, RequestsAreCounted) {
  const auto one = render_requests("mx.example.org", 1, "https://mx.example.org/quarantine");
  EXPECT_EQ(one.subject, "Somebody asks for held mail");
  EXPECT_THAT(one.text, HasSubstr("one request for release of held mail waits for"));
  EXPECT_THAT(one.html, HasSubstr("href=\"https://mx.example.org/quarantine\""));
  EXPECT_THAT(one.html, Not(HasSubstr("Questions")));
  EXPECT_EQ(render_requests("mx.example.org", 3, {}).subject, "3 requests for held mail");
  EXPECT_THAT(render_requests("mx.example.org", 3, {}).html, Not(HasSubstr("<a ")));
}

TEST(ShownLine, IsOneLineThatTurnsNothing) {
  EXPECT_EQ(shown_line("a\u202egnp.exe\u2066 b\u200b\u00adc", 100), "agnp.exe bc");
  EXPECT_EQ(shown_line("  a \r\n\t b\u00a0 c  ", 100), "a b c");
  EXPECT_EQ(shown_line("äöüß", 3), "äöü…");
  EXPECT_EQ(shown_line("äöü", 3), "äöü");
  EXPECT_EQ(shown_line("", 3), "");
  EXPECT_THAT(shown_line("bad \xff\xfe octets", 100), HasSubstr("octets"));
}

class Slots : public testing::Test {
 protected:
  Slots() { set("Europe/Berlin"); }
  ~Slots() override { set("UTC"); }
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  static WallTime utc(int year, unsigned month, unsigned day, int hour, int minute, int second = 0) {
    const std::chrono::sys_days date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
    return date + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
  }
};

TEST_F(Slots, AreInTheMachinesTimeZone) {
  const auto now = utc(2026, 11, 21, 12, 34, 56);  // a Saturday, 13:34:56 in Berlin
  EXPECT_EQ(latest_slot(DigestTimes::never, 7h, now), std::nullopt);
  EXPECT_EQ(latest_slot(DigestTimes::hourly, 7h, now), utc(2026, 11, 21, 12, 0));
  EXPECT_EQ(latest_slot(DigestTimes::daily, 7h, now), utc(2026, 11, 21, 6, 0));
  EXPECT_EQ(latest_slot(DigestTimes::daily, 17h + 30min, now), utc(2026, 11, 20, 16, 30));
  EXPECT_EQ(latest_slot(DigestTimes::weekdays, 7h, now), utc(2026, 11, 20, 6, 0)) << "Friday's";
  EXPECT_EQ(latest_slot(DigestTimes::weekly, 7h, now), utc(2026, 11, 16, 6, 0)) << "Monday's";
  EXPECT_EQ(latest_slot(DigestTimes::weekly, 7h, utc(2026, 11, 16, 5, 59)), utc(2026, 11, 9, 6, 0));
  EXPECT_EQ(latest_slot(DigestTimes::weekly, 7h, utc(2026, 11, 16, 6, 0)), utc(2026, 11, 16, 6, 0));
}

TEST_F(Slots, FollowWhenTheClocksChange) {
  EXPECT_EQ(latest_slot(DigestTimes::daily, 7h, utc(2026, 10, 24, 12, 0)), utc(2026, 10, 24, 5, 0)) << "summer";
  EXPECT_EQ(latest_slot(DigestTimes::daily, 7h, utc(2026, 10, 25, 12, 0)), utc(2026, 10, 25, 6, 0)) << "winter";
  // Every minute of a day on which the clocks change: slots come in order, and exactly one a day.
  std::optional<WallTime> last;
  int changes = 0;
  for (auto now = utc(2026, 3, 28, 0, 0); now < utc(2026, 3, 31, 0, 0); now += 1min) {
    const auto slot = latest_slot(DigestTimes::daily, 2h + 30min, now);
    ASSERT_TRUE(slot && *slot <= now);
    if (last && *slot != *last) ++changes;
    if (last) ASSERT_GE(*slot, *last);
    last = slot;
  }
  EXPECT_EQ(changes, 3) << "02:30 does not exist on the 29th, and comes all the same";
}

TEST_F(Slots, AreShownAsPeopleReadThem) { EXPECT_EQ(shown_time(utc(2026, 11, 21, 9, 2)), "Sat 21 Nov, 10:02"); }

}  // namespace
}  // namespace mailreeve::gateway
