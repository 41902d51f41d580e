// SPDX-License-Identifier: Apache-2.0
// [checks.rspamd] and [checks.spamassassin].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace mailreeve::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view smallest = R"(
hostname = "mx.example.org"
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[[domain]]
name = "example.org"
deliver = "smtp://10.0.0.25:25"
recipients = "staff"
[recipients.staff]
kind = "file"
file = "staff.txt"
)";

Loaded load(const std::string& lines) {
  return load_text(std::string{smallest} + lines, "test.toml", FileChecks::skip);
}

std::string told(const std::string& lines) {
  std::string text;
  for (const auto& problem : load(lines).problems) text += problem.format("test.toml") + "\n";
  return text;
}

TEST(SpamEngineSettings, NobodyIsAskedByDefault) {
  const auto loaded = load("");
  ASSERT_TRUE(loaded.settings);
  EXPECT_THAT(loaded.settings->checks.rspamd.text, IsEmpty());
  EXPECT_THAT(loaded.settings->checks.spamassassin.text, IsEmpty());
}

TEST(SpamEngineSettings, SayWhereAndHowMuch) {
  const auto loaded = load(
      "[checks.rspamd]\nserver = \"http://[::1]:11333/\"\npassword = \"sesame\"\nweight = 0.5\nmost-bytes = \"2MiB\"\n"
      "[checks.spamassassin]\nserver = \"unix:/run/spamd.sock\"\nuser = \"mail\"\ntime-limit = \"20s\"\n");
  ASSERT_TRUE(loaded.settings);
  const auto& rspamd = loaded.settings->checks.rspamd;
  EXPECT_EQ(rspamd.address.text(), "::1");
  EXPECT_EQ(rspamd.port, 11333);
  EXPECT_EQ(rspamd.weight, 0.5);
  EXPECT_EQ(rspamd.most_bytes, 2U << 20);
  const auto& spamassassin = loaded.settings->checks.spamassassin;
  EXPECT_EQ(spamassassin.path, "/run/spamd.sock");
  EXPECT_EQ(spamassassin.time_limit, std::chrono::seconds{20});
  EXPECT_EQ(spamassassin.user, "mail");

  const auto shown = show(*loaded.settings);
  EXPECT_THAT(shown, Not(HasSubstr("sesame")));
  EXPECT_THAT(shown, HasSubstr("password = \"(not-shown)\""));
  EXPECT_THAT(shown, HasSubstr("server = \"unix:/run/spamd.sock\""));
}

TEST(SpamEngineSettings, WrongOnesAreTold) {
  for (const auto* server : {"127.0.0.1:11333", "https://127.0.0.1:11333", "http://127.0.0.1", "http://rspamd:11333",
                             "http://127.0.0.1:11333/checkv2", "unix:relative", ""}) {
    EXPECT_THAT(told(fmt::format("[checks.rspamd]\nserver = \"{}\"\n", server)), HasSubstr("http://127.0.0.1:11333"))
        << server;
  }
  EXPECT_THAT(told("[checks.spamassassin]\nserver = \"http://127.0.0.1:783\"\n"), HasSubstr("127.0.0.1:783"));
  EXPECT_THAT(told("[checks.rspamd]\npassword = \"a\\r\\nb\"\n"), HasSubstr("one word"));
  EXPECT_THAT(told("[checks.spamassassin]\nuser = \"a b\"\n"), HasSubstr("one word"));
  EXPECT_THAT(told("[checks.rspamd]\nuser = \"x\"\n"), HasSubstr("user"));
}

}  // namespace
}  // namespace mailreeve::config
