// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "config/known_keys.h"
#include "config/load.h"
#include "support/certificate.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view smallest = R"(
hostname = "mx.example.org"
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[[domain]]
name = "example.org"
deliver = "smtp://10.0.0.25:25"
recipients = "staff"
policy = "balanced"
[recipients.staff]
kind = "file"
file = "staff.txt"
)";

Loaded load(std::string_view text) { return load_text(text, "test.toml", FileChecks::skip); }

std::string told(const Loaded& loaded) {
  std::string text;
  for (const auto& problem : loaded.problems) text += problem.format("test.toml") + "\n";
  return text;
}

/// What is told about the smallest settings with these lines instead of those.
std::string told_about(std::string_view instead_of, std::string_view lines) {
  std::string text{smallest};
  const auto at = text.find(instead_of);
  EXPECT_NE(at, std::string::npos);
  text.replace(at, instead_of.size(), lines);
  return told(load(text));
}

/// What is told about the smallest settings with these lines more.
std::string told_with(std::string_view lines) { return told(load(std::string{smallest} + std::string{lines})); }

std::string whole_file(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "mailreeve-settings-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream{path_ + "/" + name} << content;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

TEST(Settings, TheSmallestFileLoadsWithDefaults) {
  const auto loaded = load(smallest);
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  const auto& settings = *loaded.settings;
  EXPECT_EQ(settings.host_name, "mx.example.org");
  EXPECT_EQ(settings.gateway.host_name, "mx.example.org");
  EXPECT_EQ(settings.delivery.host_name, "mx.example.org");
  EXPECT_EQ(settings.data_dir, "/var/lib/mailreeve");
  EXPECT_EQ(settings.contact, "postmaster@example.org");
  ASSERT_EQ(settings.gateway.listeners.size(), 1U);
  EXPECT_EQ(settings.gateway.listeners[0].tls, gateway::ListenerTls::opportunistic);
  EXPECT_EQ(settings.routes.at("example.org").handover, delivery::Handover::before_accept);
  EXPECT_EQ(settings.routes.at("example.org").target.text(), "smtp://10.0.0.25:25");
  EXPECT_EQ(settings.delivery.give_up, hours{5 * 24});
}

TEST(Settings, EveryKeyReachesItsOption) {
  const auto loaded = load(R"(
hostname = "MX.example.org"
data-dir = "var"
contact = "ops@example.org"
user = "mail"
[[listener]]
role = "mx"
address = ["127.0.0.1:25", "[::1]:25"]
tls = "off"
proxy-protocol = ["10.0.0.1"]
[[listener]]
role = "submission"
address = "127.0.0.1:587"
tls = "required"
[[listener]]
role = "web"
address = "127.0.0.1:8025"
[[listener]]
role = "web"
address = "127.0.0.1:8443"
tls = "implicit"
[web]
url = "https://mail.example.org/"
trusted-proxies = ["127.0.0.1"]
session-idle = "5m"
session-max = "1h"
audit-keep = "30d"
[tls]
certificate = "c.pem"
key = "k.pem"
minimum = "1.3"
[[domain]]
name = "example.org"
deliver = "maildir:///var/mail/{user}"
recipients = "any"
accept-any = true
handover = "queue"
policy = "strict"
aliases = ["example.net", "example.com"]
[relay]
networks = ["10.0.0.0/8", "192.0.2.1"]
[outbound]
retry = ["1s", "2m"]
give-up = "2d"
per-destination = { connections = 3, messages-per-connection = 7 }
connect-timeout = "4s"
idle-connection = "5s"
handover-patience = "6s"
[dns]
resolver = ["127.0.0.1:5353", "::1"]
timeout = "3s"
[limits]
message-size = "10MB"
recipients = 200
connections = 11
connections-per-address = 12
unlimited = ["127.0.0.0/8"]
errors = 13
idle-commands = 14
transactions = 15
command-timeout = "16s"
data-timeout = "1h"
memory-body = 4096
min-free-disk = "0"
drain = "1s"
[store]
engine = "sqlite"
[log]
format = "text"
level = "debug"
)");
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  const auto& settings = *loaded.settings;
  EXPECT_EQ(settings.host_name, "mx.example.org");
  EXPECT_EQ(settings.user, "mail");
  ASSERT_EQ(settings.gateway.listeners.size(), 2U);
  const auto& mx = settings.gateway.listeners[0];
  EXPECT_EQ(mx.addresses[1].text(), "[::1]:25");
  EXPECT_EQ(mx.tls, gateway::ListenerTls::off);
  EXPECT_EQ(mx.proxy_from[0].text(), "10.0.0.1/32");
  EXPECT_EQ(settings.gateway.listeners[1].role, gateway::Role::submission);
  EXPECT_EQ(settings.gateway.tls.minimum, "1.3");
  EXPECT_EQ(settings.web.addresses[0].text(), "127.0.0.1:8025");
  EXPECT_EQ(settings.web.tls_addresses[0].text(), "127.0.0.1:8443");
  EXPECT_EQ(settings.web.url, "https://mail.example.org");
  EXPECT_EQ(settings.web.trusted_proxies[0].text(), "127.0.0.1/32");
  EXPECT_EQ(settings.web.session_idle, minutes{5});
  EXPECT_EQ(settings.web.session_max, minutes{60});
  EXPECT_EQ(settings.web.audit_keep, std::chrono::days{30});
  const auto& domain = settings.recipients.domains[0];
  EXPECT_EQ(domain.aliases[1].text(), "example.com");
  EXPECT_TRUE(domain.recipients);
  EXPECT_EQ(settings.routes.at("example.org").handover, delivery::Handover::queue);
  EXPECT_EQ(settings.recipients.relay_networks.size(), 2U);
  EXPECT_THAT(settings.delivery.retry, ElementsAre(seconds{1}, minutes{2}));
  EXPECT_EQ(settings.delivery.connections, 3U);
  EXPECT_EQ(settings.delivery.messages_per_connection, 7U);
  EXPECT_EQ(settings.delivery.connect_timeout, seconds{4});
  EXPECT_EQ(settings.delivery.idle_connection, seconds{5});
  EXPECT_EQ(settings.delivery.handover_patience, seconds{6});
  EXPECT_EQ(settings.dns.source, dns::Options::Source::servers);
  EXPECT_EQ(settings.dns.servers[1].text(), "[::1]:53");
  const auto& limits = settings.gateway.limits;
  EXPECT_EQ(limits.session.message_size, 10'000'000U);
  EXPECT_EQ(limits.session.recipients, 200U);
  EXPECT_EQ(limits.connections, 11U);
  EXPECT_EQ(limits.connections_per_address, 12U);
  EXPECT_EQ(limits.unlimited[0].text(), "127.0.0.0/8");
  EXPECT_EQ(limits.session.errors, 13U);
  EXPECT_EQ(limits.session.idle_commands, 14U);
  EXPECT_EQ(limits.session.transactions, 15U);
  EXPECT_EQ(limits.command_timeout, seconds{16});
  EXPECT_EQ(limits.data_timeout, hours{1});
  EXPECT_EQ(limits.memory_body, 4096U);
  EXPECT_EQ(limits.min_free_disk, 0U);
  EXPECT_EQ(limits.drain, seconds{1});
  EXPECT_EQ(settings.log_format, LogFormat::text);
  EXPECT_EQ(settings.log_level, LogLevel::debug);
}

TEST(Settings, AllMistakesAreToldAtOnceWithTheirPlaces) {
  const auto loaded = load(R"(hostnam = "mx.example.org"
[[listener]]
role = "mx"
address = "127.0.0.1"
[[domain]]
name = "example.org"
deliver = "http://x"
recipients = "nobody"
[log]
  levle = "info"
)");
  EXPECT_FALSE(loaded.settings);
  const auto text = told(loaded);
  EXPECT_THAT(text, HasSubstr("test.toml:1:1: error: unknown key \"hostnam\"; did you mean \"hostname\"?"));
  EXPECT_THAT(text, HasSubstr("hostname is missing"));
  EXPECT_THAT(text, HasSubstr("test.toml:4:11: error: address: \"127.0.0.1\""));
  EXPECT_THAT(text, HasSubstr("test.toml:7:11: error: deliver \"http://x\""));
  EXPECT_THAT(text, HasSubstr("test.toml:8:14: error: there is no [recipients.nobody]"));
  EXPECT_THAT(text, HasSubstr("test.toml:10:3: error: unknown key \"levle\" in [log]; did you mean \"level\"?"));
  EXPECT_TRUE(std::ranges::is_sorted(loaded.problems, {}, &Problem::line));
}

TEST(Settings, AKeyInTheWrongSectionIsSentHome) {
  EXPECT_THAT(told_with("[dns]\nnetworks = []\n"), HasSubstr("it belongs in [relay]"));
  EXPECT_THAT(told_with("[log]\nhostname = \"x\"\n"), HasSubstr("belongs at the top of the file"));
  EXPECT_THAT(told_with("[log]\nzzzzzz = 1\n"), HasSubstr("known are format, level"));
  EXPECT_THAT(told_about("hostname", "host_name"), HasSubstr("did you mean \"hostname\"?"));
}

TEST(Settings, TomlMistakesHaveAPlace) {
  const auto loaded = load("hostname = \n");
  EXPECT_FALSE(loaded.settings);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].line, 1U);
  EXPECT_GT(loaded.problems[0].column, 0U);
}

TEST(Settings, WrongKindsAreToldWithWhatToWrite) {
  EXPECT_THAT(told_with("[limits]\nrecipients = \"many\"\n"), HasSubstr("recipients is a text, but must be a whole"));
  EXPECT_THAT(told_with("[limits]\ndrain = 5\n"), HasSubstr("write drain = \"5s\""));
  EXPECT_THAT(told_with("[limits]\ndrain = \"500ms\"\n"), HasSubstr("no duration of whole seconds"));
  EXPECT_THAT(told_with("[limits]\nmessage-size = 0\n"), HasSubstr("write 64KiB to 2GiB"));
  EXPECT_THAT(told_with("[limits]\nmessage-size = -1\n"), HasSubstr("out of range"));
  EXPECT_THAT(told_with("[limits]\nmessage-size = \"99999999TiB\"\n"), HasSubstr("larger than"));
  EXPECT_THAT(told_with("[log]\nformat = \"jsno\"\n"), HasSubstr("did you mean \"json\"?"));
  EXPECT_THAT(told_with("[[log]]\nformat = \"json\"\n"), HasSubstr("[log]"));
  EXPECT_THAT(told_about("[[domain]]", "[domain]"), HasSubstr("double brackets: [[domain]]"));
  EXPECT_THAT(told_about("[[listener]]", "[listener]"), HasSubstr("double brackets: [[listener]]"));
  EXPECT_THAT(told_with("[outbound]\nretry = []\n"), HasSubstr("retry must hold"));
  EXPECT_THAT(told_with("[store]\nengine = \"redis\"\n"), HasSubstr("write one of \"sqlite\""));
  EXPECT_THAT(told_with("[dns]\nresolver = [\"example.org\"]\n"), HasSubstr("127.0.0.1:53"));
}

TEST(Settings, KeysOfLaterVersionsAreWarnedAboutAndNotLookedAt) {
  const auto loaded = load(std::string{smallest} + R"(
[policy.balanced]
notify = "daily"
[[dkim]]
domain = 7
[doctor]
[relay]
users = "file:/x"
[outbound]
tls = "none"
)");
  EXPECT_TRUE(loaded.settings);
  const auto text = told(loaded);
  for (const auto* key : {"policy.balanced.notify", "dkim", "doctor", "relay.users", "outbound.tls"}) {
    EXPECT_THAT(text, HasSubstr(std::string{"warning: "} + key + " is known, but this version does not act on it yet"));
  }
  EXPECT_EQ(loaded.problems.size(), 5U) << text;
}

TEST(Settings, AHostNameMustBeFullyQualified) {
  for (const auto* name : {"localhost", "192.0.2.1", "[192.0.2.1]", "a b.example", "", "mx..example.org"}) {
    const auto text = told_about("mx.example.org", name);
    EXPECT_THAT(text, HasSubstr(":2:12: error: ")) << name;
    EXPECT_THAT(text, HasSubstr("no full host name")) << name;
  }
}

TEST(Settings, AnOpenRelayIsRefusedWithTheReason) {
  for (const auto* network : {"0.0.0.0/0", "::/0", "0.0.0.0/1", "198.0.0.0/15", "2001:db8::/31"}) {
    const auto text = told_with(fmt::format("[relay]\nnetworks = [\"10.0.0.0/8\", \"{}\"]\n", network));
    EXPECT_THAT(text, HasSubstr("error: networks: ")) << network;
    EXPECT_THAT(text, HasSubstr("open relay")) << network;
  }
  EXPECT_THAT(told_with("[relay]\nnetworks = [\"10.0.0.1/8\"]\n"), HasSubstr("10.0.0.0/8"));
  EXPECT_EQ(told_with("[relay]\nnetworks = [\"10.0.0.0/8\"]\n"), "");
}

TEST(Settings, ProxiesThatAnybodyCouldBeAreRefused) {
  const auto text = told_about("role = \"mx\"", "role = \"mx\"\nproxy-protocol = [\"0.0.0.0/0\"]");
  EXPECT_THAT(text, HasSubstr("may claim to be any address"));
}

TEST(Settings, RecipientsMustBeKnown) {
  EXPECT_THAT(told_about("recipients = \"staff\"", ""), HasSubstr("recipients is missing in [[domain]]"));
  EXPECT_THAT(told_about("recipients = \"staff\"", "recipients = \"any\""), HasSubstr("accept-any = true"));
  EXPECT_THAT(told_about("recipients = \"staff\"", "recipients = \"stuff\""), HasSubstr("did you mean \"staff\"?"));
  EXPECT_THAT(told_about("recipients = \"staff\"", "recipients = \"staff\"\naccept-any = true"),
              HasSubstr("contradicts"));
  EXPECT_THAT(told_about("recipients = \"staff\"", "recipients = \"any\"\naccept-any = true"),
              HasSubstr("warning: no domain uses [recipients.staff]"));
  EXPECT_THAT(told_about("kind = \"file\"", "kind = \"ldap\""), HasSubstr("base is missing in [recipients.staff]"));
  EXPECT_THAT(told_about("kind = \"file\"", "kind = \"sql\""), HasSubstr("query is missing in [recipients.staff]"));
}

TEST(Settings, ADomainHasOneHome) {
  const auto text = told_with("[[domain]]\nname = \"EXAMPLE.org\"\ndeliver = \"lmtp://x\"\nrecipients = \"staff\"\n");
  EXPECT_THAT(text, HasSubstr("example.org is already served, see line 7"));
  EXPECT_THAT(told_about("recipients = \"staff\"", "recipients = \"staff\"\naliases = [\"a.example\", \"A.example\"]"),
              HasSubstr("a.example is already served"));
}

TEST(Settings, MailMustNotGoRoundInACircle) {
  EXPECT_THAT(told_about("smtp://10.0.0.25:25", "smtp://127.0.0.1:2525"), HasSubstr("round in a circle"));
  EXPECT_EQ(told_about("smtp://10.0.0.25:25", "smtp://127.0.0.1:2526"), "");
}

TEST(Settings, SomebodyMustListenAndSomebodyMustBeServed) {
  EXPECT_THAT(told(load("hostname = \"mx.example.org\"\n")), HasSubstr("no [[listener]]"));
  EXPECT_THAT(told_about("role = \"mx\"", "role = \"web\""), HasSubstr("no mail could arrive"));
  const std::string head = "hostname = \"mx.example.org\"\n[[listener]]\naddress = \"127.0.0.1:25\"\nrole = ";
  EXPECT_THAT(told(load(head + "\"mx\"\n")), HasSubstr("no [[domain]]"));
  EXPECT_THAT(told(load(head + "\"submission\"\n")), HasSubstr("write [relay] with networks"));
  EXPECT_EQ(told(load(head + "\"submission\"\n[relay]\nnetworks = [\"10.0.0.0/8\"]\n")), "");
  EXPECT_THAT(told_with("[[listener]]\nrole = \"mx\"\naddress = \"127.0.0.1:2525\"\n"), HasSubstr("listened on twice"));
}

TEST(Settings, TlsNeedsACertificateThatExists) {
  EXPECT_THAT(told_about("role = \"mx\"", "role = \"mx\"\ntls = \"implicit\""),
              HasSubstr("write [tls] with certificate"));
  EXPECT_THAT(told_with("[tls]\ncertificate = \"x\"\n"), HasSubstr("belong together"));
  const TemporaryFolder folder;
  std::string text{smallest};
  text.replace(text.find("staff.txt"), 9, folder.write("staff", "alice@example.org\n"));
  text += "[tls]\ncertificate = \"" + folder.write("c.pem", "no certificate") + "\"\nkey = \"/nonexistent/key\"\n";
  const auto loaded = load_text(text, "test.toml");
  EXPECT_FALSE(loaded.settings);
  EXPECT_THAT(told(loaded), HasSubstr("error: "));
  EXPECT_THAT(told(loaded), HasSubstr("c.pem"));
}

TEST(Settings, CertificateAndKeyMustMatch) {
  const TemporaryFolder folder;
  const auto one = folder.write("one.pem", "");
  const auto one_key = folder.write("one.key", "");
  const auto other = folder.write("other.pem", "");
  const auto other_key = folder.write("other.key", "");
  support::write_certificate(one, one_key, "mx.example.org");
  support::write_certificate(other, other_key, "mx.example.org");
  std::string text{smallest};
  text.replace(text.find("staff.txt"), 9, folder.write("staff", "alice@example.org\n"));
  text += "[tls]\ncertificate = \"" + one + "\"\nkey = \"";
  EXPECT_EQ(told(load_text(text + one_key + "\"\n", "test.toml")), "");
  EXPECT_THAT(told(load_text(text + other_key + "\"\n", "test.toml")), HasSubstr(":15:15: error: "));
}

TEST(Settings, RecipientListsAreReadAndTheirMistakesTold) {
  const TemporaryFolder folder;
  const auto list = folder.write("staff", "alice@example.org\nwrong\n");
  const auto file =
      folder.write("settings.toml", std::regex_replace(std::string{smallest}, std::regex{"staff.txt"}, list));
  auto loaded = load_file(file);
  EXPECT_FALSE(loaded.settings);
  EXPECT_THAT(told(loaded), HasSubstr(":13:8: error: " + list + ":2: "));
  folder.write("staff", "alice@example.org\n");
  loaded = load_file(file);
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_TRUE(loaded.settings->recipients.domains[0].recipients);
}

TEST(Settings, OwnPeopleAreReadAndShownAndMistakesTold) {
  const auto loaded = load(std::string{smallest} +
                           "[checks.display]\npeople = [\"Anna Muster\", \"Ben Beispiel <ben@example.net>\"]\n");
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_THAT(
      loaded.settings->checks.display.people,
      ElementsAre(judge::NamedPerson{"Anna Muster", ""}, judge::NamedPerson{"Ben Beispiel", "ben@example.net"}));
  EXPECT_THAT(show(*loaded.settings), HasSubstr("people = [\"Anna Muster\", \"Ben Beispiel <ben@example.net>\"]"));
  const auto problems = told_with("[checks.display]\npeople = [\"Anna\", \"Ben Beispiel <ben>\"]\n");
  EXPECT_THAT(problems, HasSubstr("people: \"Anna\": write first and last name"));
  EXPECT_THAT(problems, HasSubstr("people: \"Ben Beispiel <ben>\": "));
}

TEST(Settings, AMissingSettingsFileIsNamed) {
  const auto loaded = load_file("/nonexistent/mailreeve.toml");
  EXPECT_FALSE(loaded.settings);
  EXPECT_THAT(told(loaded), HasSubstr("/nonexistent/mailreeve.toml"));
}

TEST(Settings, AWebListenerForEverybodyWithoutTlsIsWarnedAbout) {
  const auto text = told_with("[[listener]]\nrole = \"web\"\naddress = \"0.0.0.0:8025\"\n");
  EXPECT_THAT(text, HasSubstr("warning: 0.0.0.0:8025 can be reached from other machines without TLS"));
  EXPECT_THAT(told_with("[[listener]]\nrole = \"web\"\naddress = \"127.0.0.1:8025\"\ntls = \"required\"\n"),
              HasSubstr("error: tls"));
  EXPECT_THAT(told_with("[[listener]]\nrole = \"web\"\naddress = \"127.0.0.1:8025\"\ntls = \"implicit\"\n"),
              HasSubstr("needs a certificate"));
  EXPECT_THAT(told_with("[[listener]]\nrole = \"web\"\naddress = \"127.0.0.1:8025\"\nproxy-protocol = [\"::1\"]\n"),
              HasSubstr("trusted-proxies"));
}

TEST(Settings, TheUrlOfThePagesIsAHostAndNothingMore) {
  const auto url = [](const std::string& text) { return told_with("[web]\nurl = \"" + text + "\"\n"); };
  EXPECT_EQ(url("https://Mail.example.org:8443/"), "");
  EXPECT_EQ(url("http://[::1]:8025"), "");
  EXPECT_EQ(url("http://localhost:8025"), "");
  EXPECT_THAT(url("http://mail.example.org"), HasSubstr("warning: links in mails"));
  for (const auto* wrong : {"mail.example.org", "ftp://mail.example.org", "https://", "https://a.example/path",
                            "https://u@a.example", "https://a.example:0", "https://a.example:x"}) {
    EXPECT_THAT(url(wrong), HasSubstr("error: url")) << wrong;
  }
}

TEST(Settings, TheUrlOfThePagesFollowsFromTheListeners) {
  const auto plain = load(std::string{smallest} + "[[listener]]\nrole = \"web\"\naddress = \"127.0.0.1:8025\"\n");
  ASSERT_TRUE(plain.settings) << told(plain);
  EXPECT_EQ(plain.settings->web.url, "http://127.0.0.1:8025");
}

TEST(Settings, WhoIsTrustedToTellAddressesIsNoStranger) {
  EXPECT_THAT(told_with("[web]\ntrusted-proxies = [\"0.0.0.0/0\"]\n"), HasSubstr("error: trusted-proxies"));
  EXPECT_EQ(told_with("[web]\ntrusted-proxies = [\"127.0.0.1\", \"10.0.0.0/24\"]\n"), "");
  EXPECT_THAT(told_with("[web]\nsession-idle = \"2h\"\nsession-max = \"1h\"\n"), HasSubstr("error: session-idle"));
}

TEST(Settings, WhatNestsWithoutEndIsRefused) {
  std::string keys = "a";
  for (int i = 0; i < 3000; ++i) keys += ".a";
  EXPECT_FALSE(load(keys + " = 1\n").settings);
  EXPECT_FALSE(load(std::string(200'000, '.')).settings);
  EXPECT_FALSE(load("a = " + std::string(5000, '[')).settings);
  EXPECT_THAT(told(load(std::string(2U << 20, '\n'))), HasSubstr("larger than"));
}

TEST(Settings, WhatIsShownLoadsAgainAsTheSame) {
  const TemporaryFolder folder;
  const auto list = folder.write("staff", "alice@example.org\n");
  auto text = std::regex_replace(std::string{smallest}, std::regex{"staff.txt"}, list);
  text += "[relay]\nnetworks = [\"10.0.0.0/8\"]\n[dns]\nresolver = \"recursive\"\n[log]\nformat = \"text\"\n";
  const auto first = load_text(text, "first.toml");
  ASSERT_TRUE(first.settings) << told(first);
  const auto shown = show(*first.settings);
  const auto second = load_text(shown, "second.toml");
  ASSERT_TRUE(second.settings) << told(second) << shown;
  EXPECT_EQ(show(*second.settings), shown);
  EXPECT_THAT(shown, HasSubstr("message-size = \"50MiB\""));
  EXPECT_THAT(shown, HasSubstr("retry = [\"5m\", \"15m\", \"30m\", \"1h\", \"2h\", \"4h\"]"));
}

TEST(Settings, TheDemonstrationFileLoads) {
  const std::string root = MAILREEVE_SOURCE_DIR;
  auto text = whole_file(root + "/etc/mailreeve.dev.toml");
  text = std::regex_replace(text, std::regex{"\"etc/"}, "\"" + root + "/etc/");
  const auto loaded = load_text(text, "mailreeve.dev.toml");
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  EXPECT_EQ(loaded.settings->recipients.domains.size(), 2U);
}

TEST(Settings, TheExampleFileLoadsAlsoWithEveryDefaultWrittenOut) {
  const auto text = whole_file(std::string{MAILREEVE_SOURCE_DIR} + "/etc/mailreeve.example.toml");
  const auto loaded = load(text);
  ASSERT_TRUE(loaded.settings) << told(loaded);
  EXPECT_EQ(told(loaded), "");
  const auto written_out = std::regex_replace(text, std::regex{"(^|\n)# ([a-z-]+ *= )"}, "$1$2");
  auto explicit_defaults = load(std::regex_replace(written_out, std::regex{"proxy-protocol = .*"}, ""));
  ASSERT_TRUE(explicit_defaults.settings) << told(explicit_defaults);
  EXPECT_EQ(show(*explicit_defaults.settings), show(*loaded.settings));
}

TEST(Settings, TheManualNamesEveryKeyThatTheLoaderKnows) {
  const auto manual = whole_file(std::string{MAILREEVE_SOURCE_DIR} + "/docs/settings.md");
  const auto example = whole_file(std::string{MAILREEVE_SOURCE_DIR} + "/etc/mailreeve.example.toml");
  for (const auto& key : known_keys()) {
    EXPECT_THAT(manual, HasSubstr(fmt::format("`{}`", key.path)));
    if (key.state == KnownKey::State::later) continue;
    if (key.path.ends_with('*')) continue;  // the operator chooses these
    const auto last = key.path.substr(key.path.rfind('.') + 1);
    EXPECT_TRUE(std::regex_search(example, std::regex{fmt::format("\\b{} *=", last)})) << key.path;
  }
}

}  // namespace
}  // namespace mailreeve::config
