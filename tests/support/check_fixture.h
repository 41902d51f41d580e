// SPDX-License-Identifier: Apache-2.0
// Runs one check on scripted DNS.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "judge/checks/all.h"
#include "judge/list_watch.h"
#include "support/run.h"

namespace mailreeve::support {

struct LogLine {
  LogLevel level;
  std::string event;
  std::vector<Field> fields;
};

class LogKeeper final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, const std::vector<Field>& fields) override {
    lines.push_back({level, std::string{event}, fields});
  }
  void set_level(LogLevel) override {}
  std::vector<LogLine> lines;
};

/// Lets `lists` look at its one zone's test entries.
inline Task<bool> examine(judge::ListWatch& lists, dns::Resolver& resolver, std::string zone, bool of_domains = false) {
  co_await lists.examine(resolver, {std::move(zone)}, of_domains);
  co_return true;
}

class StillClock final : public Clock {
 public:
  WallTime now() const override { return from_millis(1'700'000'000'000); }
  SteadyTime steady() const override { return {}; }
};

/// The client is 192.0.2.7, HELO mx.sender.example, MAIL FROM:<person@sender.example>; we are mx.ours.example.
class CheckFixture : public testing::Test {
 protected:
  CheckFixture() {
    own_.host_name = "mx.ours.example";
    own_.domains = {"ours.example"};
    own_.addresses = {*IpAddress::parse("198.51.100.1")};
    set_client("192.0.2.7");
    facts_.session->helo = "mx.sender.example";
    set_sender("person@sender.example");
  }

  void set_zone(const std::string& text) {
    auto resolver = dns::zone_resolver_from(text);
    ASSERT_TRUE(resolver) << resolver.error().text;
    dns_ = std::move(*resolver);
  }
  void set_client(const char* address) { facts_.session->client = *IpAddress::parse(address); }
  void set_sender(const char* address) { facts_.sender = *mail::Mailbox::parse(address); }

  const judge::Findings& run(judge::MakeCheck make) {
    const auto check = make(options_, lists_);
    dns::Recorder recorder{*dns_, 1000};
    judge::CheckContext context{recorder, *marks_, nullptr, clock_, spawner_, log_, own_};
    context.spam = spam_;
    findings_ = spawner_.run(check->run(facts_, context));
    asked_.clear();
    for (const auto& entry : recorder.entries()) asked_.push_back(entry.name);
    return findings_;
  }
  std::vector<std::string> codes(judge::MakeCheck make) {
    std::vector<std::string> all;
    for (const auto& finding : run(make)) all.push_back(finding.code);
    return all;
  }
  bool has_asked(std::string_view name) const { return std::ranges::find(asked_, name) != asked_.end(); }

  StillClock clock_;
  TestSpawner spawner_;
  LogKeeper log_;
  judge::ListWatch lists_{log_, clock_};
  std::unique_ptr<dns::Resolver> dns_ = std::move(*dns::zone_resolver_from(""));
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  judge::OwnNames own_;
  judge::CheckOptions options_;
  judge::Facts facts_;
  judge::SpamEngines* spam_ = nullptr;
  judge::Findings findings_;        // of the last run
  std::vector<std::string> asked_;  // names it looked up
};

}  // namespace mailreeve::support
