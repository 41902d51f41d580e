// SPDX-License-Identifier: Apache-2.0
// Never a relay for strangers, whatever form the address takes: the forms of an outside suite, and a matrix of our own.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

#include "judge/recipients.h"

namespace mailreeve::judge {
namespace {

using Kind = RecipientDecision::Kind;

/// A gateway that takes anybody at gateway.example, so that only the form of the address can save it.
AddressBook open_minded_book() {
  RecipientOptions options;
  options.domains.push_back({*mail::Domain::parse("gateway.example"), {}, make_any_directory()});
  options.relay_networks.push_back(*IpNetwork::parse("10.0.0.0/8"));
  return AddressBook{std::move(options)};
}

/// Splits a source route off as RFC 5321 4.1.2 writes it. Nothing: the syntax alone refuses it.
std::optional<mail::ForwardPath> path_of(std::string_view text) {
  mail::ForwardPath path;
  if (text.starts_with('@')) {
    const auto colon = text.find(':', text.find(']') == std::string_view::npos ? 0 : text.find(']'));
    if (colon == std::string_view::npos) return std::nullopt;
    path.has_source_route = true;
    text.remove_prefix(colon + 1);
  }
  auto mailbox = mail::Mailbox::parse(text, mail::Utf8::allow);
  if (!mailbox) return std::nullopt;
  path.mailbox = std::move(*mailbox);
  return path;
}

bool is_refused(const AddressBook& addresses, std::string_view text) {
  auto path = path_of(text);
  if (!path) return true;
  std::optional<Kind> kind;
  boost::asio::io_context context;
  boost::asio::co_spawn(context, addresses.decide(std::move(*path), *IpAddress::parse("198.51.100.7")),
                        [&](std::exception_ptr, RecipientDecision decision) { kind = decision.kind; });
  context.run();
  return kind == Kind::denied;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(RelayForms, EveryFormOfTheOutsideSuiteIsRefused) {
  const std::string file = MAILREEVE_SUITES_DIR "/smtp-protocol/open-relay.jsonl";
  std::ifstream lines{file};
  if (!lines) GTEST_SKIP() << "no outside suite at " << file;
  const auto addresses = open_minded_book();
  const std::regex recipient{R"re("rcptto": "((?:[^"\\]|\\.)*)")re"};
  int seen = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    ASSERT_TRUE(std::regex_search(line, match, recipient)) << line;
    auto form = replace_all(match[1], "\\\"", "\"");
    form = replace_all(replace_all(form, "{to}", "relaytest"), "{d}", "external.example");
    form = replace_all(replace_all(form, "{s}", "gateway.example"), "{ip}", "192.0.2.1");
    EXPECT_TRUE(is_refused(addresses, form)) << form;
    ++seen;
  }
  EXPECT_GE(seen, 16);
}

TEST(RelayForms, TheMatrixIsRefused) {
  const auto addresses = open_minded_book();
  constexpr const char* forms[] = {
      "u@victim.example",
      "u@VICTIM.Example",
      "u%victim.example@gateway.example",
      "u%victim.example@GATEWAY.example",
      "u%a.example%victim.example@gateway.example",
      "%victim.example@gateway.example",
      "@gateway.example:u@victim.example",
      "@gateway.example,@a.example:u@victim.example",
      "@gateway.example:u@gateway.example",
      "u@victim.example@gateway.example",
      "\"u@victim.example\"@gateway.example",
      "\"u%victim.example\"@gateway.example",
      "\"victim.example!u\"@gateway.example",
      "\"u\\@victim.example\"@gateway.example",
      "victim.example!u@gateway.example",
      "a!victim.example!u@gateway.example",
      "victim.example!u",
      "u@[192.0.2.1]",
      "u@[IPv6:2001:db8::1]",
      "u%victim.example@[192.0.2.1]",
      "\"u@victim.example\"",
      "u@",
      "u@gateway.example.victim.example",
      "u@victimgateway.example",
      "\"@gateway.example:u@victim.example\"@gateway.example",
      "u@g\xd0\xb0teway.example",  // a Cyrillic twin of the first a
  };
  static_assert(std::size(forms) >= 24);
  for (const auto* form : forms) EXPECT_TRUE(is_refused(addresses, form)) << form;
  EXPECT_FALSE(is_refused(addresses, "u@gateway.example"));
}

}  // namespace
}  // namespace mailreeve::judge
