// SPDX-License-Identifier: Apache-2.0
// Does the sender's own server know the sender? Off by default, and with narrow conditions: a call-out costs a
// stranger's server work for every forged message, and many see it as an attack (docs/operating.md).
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

using Kind = ProbeAnswer::Kind;
using std::chrono::hours;
using std::chrono::minutes;

constexpr FindingKind kinds[] = {
    {"callout.refused", 3.0, "The sender's own mail server says that the sender does not exist.", "1.8"},
    {"callout.accepted", 0, "The sender's own mail server takes mail for the sender."},
    {"callout.blocked", 0, "The sender's mail server would not be asked: that says nothing about the sender."},
    {"callout.temperror", 0, "The sender's mail server could not be asked.", "4.3"},
};
constexpr CheckInfo about{
    "callout", Stage::closing, "Does the sender's own server know the sender?", "RFC 5321 3.3, 4.5.5", kinds, false};
constexpr std::size_t most_hosts = 2;

/// Addresses of lists and machines: asking for them says nothing, and their servers see it as noise.
bool is_machine(std::string_view local) {
  const auto name = mail::lower(local);
  constexpr std::string_view prefixes[] = {"owner-", "bounce", "mailer-daemon", "listserv", "majordomo"};
  constexpr std::string_view suffixes[] = {"-owner", "-request", "-bounces", "-bounce", "-admin"};
  const auto begins = [&](auto prefix) { return name.starts_with(prefix); };
  const auto ends = [&](auto suffix) { return name.ends_with(suffix); };
  return std::ranges::any_of(prefixes, begins) || std::ranges::any_of(suffixes, ends) ||
         name.find('=') != std::string::npos;
}

bool is_excluded(const Facts& facts, const std::vector<std::string>& only_without) {
  const auto holds = [&](const std::string& code) {
    if (code.starts_with("spf.")) return facts.spf && code == fmt::format("spf.{}", auth::name(facts.spf->result));
    const auto same = [&](const auto& signature) {
      return code == fmt::format("dkim.{}", auth::name(signature.result));
    };
    if (code.starts_with("dkim.")) return std::ranges::any_of(facts.dkim, same);
    if (code.starts_with("dmarc."))
      return facts.dmarc && code == fmt::format("dmarc.{}", auth::name(facts.dmarc->result));
    return false;
  };
  return std::ranges::any_of(only_without, holds);
}

/// What an answer is worth, and for how long.
std::chrono::seconds lifetime(Kind kind) {
  if (kind == Kind::accepted) return hours{24};
  return kind == Kind::refused ? std::chrono::seconds{hours{2}} : std::chrono::seconds{minutes{30}};
}

class Callout final : public Check {
 public:
  explicit Callout(CalloutOptions options) : options_{std::move(options)} {}
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (context.prober == nullptr || !facts.sender || facts.sender->domain().is_literal()) co_return findings;
    if (is_machine(facts.sender->local()) || is_excluded(facts, options_.only_without)) co_return findings;
    const auto address = mail::lower(facts.sender->text());
    const auto now = context.clock.now();
    const auto key = "callout:" + address;
    const auto known = co_await context.marks.find(key, now);
    ProbeAnswer answer;
    if (known) {
      answer.kind = static_cast<Kind>(known->value);
      answer.reply = known->text;
    } else {
      const auto& domain = facts.sender->domain().text();
      if (options_.limit_count > 0) {
        const auto asked = co_await context.marks.add("callout-domain:" + domain, 1, now, options_.limit_window);
        if (asked.value > static_cast<std::int64_t>(options_.limit_count)) co_return findings;
      }
      answer = co_await ask(*facts.sender, context);
      co_await context.marks.put(key, store::Mark{static_cast<std::int64_t>(answer.kind), now,
                                                  now + lifetime(answer.kind), answer.reply.substr(0, 200)});
    }
    const auto* kind = answer.kind == Kind::accepted  ? &kinds[1]
                       : answer.kind == Kind::refused ? &kinds[0]
                       : answer.kind == Kind::blocked ? &kinds[2]
                                                      : &kinds[3];
    findings.push_back({std::string{kind->code}, kind->weight, fmt::format("{}: {}", address, answer.reply), {}});
    co_return findings;
  }

 private:
  Task<ProbeAnswer> ask(mail::Mailbox sender, const CheckContext& context) const {
    const auto domain = sender.domain().text();
    auto exchangers = co_await context.dns.mail_exchangers(domain);
    std::vector<std::string> hosts;
    for (const auto& exchanger : exchangers.records) {
      if (!exchanger.host.empty() && hosts.size() < most_hosts) hosts.push_back(exchanger.host);
    }
    if (hosts.empty() && dns::is_void(exchangers.status)) hosts.push_back(domain);
    ProbeAnswer last{Kind::unreachable, "no mail exchanger to ask"};
    for (const auto& host : hosts) {
      const auto found = co_await context.dns.addresses(host);
      for (const auto& address : found.records) {
        // A stranger's DNS must not send us into our own network.
        const bool allowed = !address.is_private() || options_.port != 25;
        if (!allowed) continue;
        last = co_await context.prober->recipient(address, static_cast<std::uint16_t>(options_.port), std::nullopt,
                                                  sender, options_.time_limit);
        if (last.kind != Kind::unreachable && last.kind != Kind::timeout) co_return last;
        break;
      }
    }
    co_return last;
  }

  CalloutOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_callout(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Callout>(options.callout);
}

}  // namespace mailreeve::judge
