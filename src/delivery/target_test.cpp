// SPDX-License-Identifier: Apache-2.0
#include "delivery/target.h"

#include <gtest/gtest.h>

namespace mailreeve::delivery {
namespace {

TEST(Target, ReadsEveryKind) {
  const std::pair<const char*, Target> cases[] = {
      {"smtp://10.0.0.25:25", {Target::Kind::smtp, "10.0.0.25", 25, ""}},
      {"smtp://mail.example.org", {Target::Kind::smtp, "mail.example.org", 25, ""}},
      {"smtp://[2001:db8::1]:2525", {Target::Kind::smtp, "2001:db8::1", 2525, ""}},
      {"smtps://host", {Target::Kind::smtps, "host", 465, ""}},
      {"lmtp://host", {Target::Kind::lmtp, "host", 24, ""}},
      {"lmtp+unix:///run/lmtp", {Target::Kind::lmtp_unix, "", 0, "/run/lmtp"}},
      {"maildir:///var/mail/{domain}/{user}", {Target::Kind::maildir, "", 0, "/var/mail/{domain}/{user}"}},
      {"maildir://var/mail/{address}", {Target::Kind::maildir, "", 0, "var/mail/{address}"}},
  };
  for (const auto& [text, expected] : cases) {
    const auto target = Target::parse(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(*target, expected) << text;
    EXPECT_EQ(Target::parse(target->text()).value(), expected) << target->text();
  }
}

TEST(Target, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "host:25", "http://host", "smtp://", "smtp://:25", "smtp://host:", "smtp://host:0", "smtp://host:65536",
        "smtp://host:25/x", "smtp://user@host", "smtp://2001:db8::1", "smtp://[::1", "smtp://[x]:25", "smtp://ho st",
        "lmtp+unix://", "maildir://", "maildir:///var/{name}", "maildir:///var/{user"}) {
    const auto target = Target::parse(text);
    EXPECT_FALSE(target) << text;
    if (!target) EXPECT_EQ(target.error().kind, ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace mailreeve::delivery
