// SPDX-License-Identifier: Apache-2.0
// What other spam filters think of the message: Rspamd, SpamAssassin.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "judge/checks/all.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

constexpr double least_weight = -5;
constexpr double most_weight = 10;
constexpr std::size_t evidence_limit = 300;
constexpr std::size_t name_limit = 64;
constexpr unsigned failures_before_rest = 3;
constexpr auto rest = std::chrono::seconds{30};
constexpr auto between_warnings = std::chrono::seconds{60};

constexpr FindingKind rspamd_kinds[] = {
    {"rspamd.score", 0, "Rspamd's score, at `weight` for each of its points; from -5 to +10."},
    {"rspamd.unavailable", 0, "Rspamd did not answer in time, or not so that it could be understood."},
};
constexpr CheckInfo about_rspamd{"rspamd", Stage::alignment, "What does Rspamd think of it?", "rspamd(8), /checkv2",
                                 rspamd_kinds};
constexpr FindingKind spamassassin_kinds[] = {
    {"spamassassin.score", 0, "SpamAssassin's score, at `weight` for each of its points; from -5 to +10."},
    {"spamassassin.unavailable", 0, "spamd did not answer in time, or not so that it could be understood."},
};
constexpr CheckInfo about_spamassassin{"spamassassin", Stage::alignment, "What does SpamAssassin think of it?",
                                       "spamd(8p), SPAMC/1.5", spamassassin_kinds};

std::string clean(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, name_limit)) {
    out += mail::is_alphanumeric(c) || c == '_' || c == '-' || c == '.' ? c : '?';
  }
  return out;
}

double in_hundredths(double weight) {
  constexpr double hundred = 100;
  return std::round(weight * hundred) / hundred + 0.0;  // no negative zero
}

/// "score 7.3 of 15 (add header): RDNS_NONE(1.0) ...", the strongest symbols first.
std::string evidence_of(SpamAnswer answer) {
  auto evidence = fmt::format("score {:.1f} of {:g}", answer.score, answer.threshold);
  if (!answer.action.empty()) evidence += fmt::format(" ({})", answer.action);
  std::ranges::sort(answer.symbols, [](const SpamSymbol& a, const SpamSymbol& b) {
    return std::pair{-std::abs(a.score), std::string_view{a.name}} <
           std::pair{-std::abs(b.score), std::string_view{b.name}};
  });
  constexpr std::string_view more = " ...";
  bool is_first = true;
  for (const auto& symbol : answer.symbols) {
    const auto text = fmt::format("{} {}({:.1f})", is_first ? ":" : "", clean(symbol.name), symbol.score);
    if (evidence.size() + text.size() + more.size() > evidence_limit) {
      evidence += more;
      break;
    }
    evidence += text;
    is_first = false;
  }
  return evidence;
}

/// Whether an engine is worth asking. One that failed thrice running is left alone for a while, so that a silent one
/// does not hold up every message.
class Health {
 public:
  bool rests(SteadyTime now) const {
    const std::lock_guard lock{mutex_};
    return now < rests_until_;
  }
  void answered() {
    const std::lock_guard lock{mutex_};
    failures_ = 0;
  }
  void failed(SteadyTime now) {
    const std::lock_guard lock{mutex_};
    if (++failures_ >= failures_before_rest) rests_until_ = now + rest;
  }
  /// How many messages went without since the last warning; none: it is too soon for another.
  std::optional<unsigned> may_warn(SteadyTime now) {
    const std::lock_guard lock{mutex_};
    ++untold_;
    if (warned_ && now - *warned_ < between_warnings) return std::nullopt;
    warned_ = now;
    return std::exchange(untold_, 0);
  }

 private:
  mutable std::mutex mutex_;
  unsigned failures_ = 0;
  unsigned untold_ = 0;
  SteadyTime rests_until_{};
  std::optional<SteadyTime> warned_;
};

class SpamEngine final : public Check {
 public:
  SpamEngine(SpamProtocol protocol, SpamEngineOptions options) : protocol_{protocol}, options_{std::move(options)} {}
  const CheckInfo& info() const override {
    return protocol_ == SpamProtocol::rspamd ? about_rspamd : about_spamassassin;
  }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (context.spam == nullptr || options_.text.empty() || !facts.body) co_return findings;
    if (facts.body->size() > options_.most_bytes) co_return findings;
    SpamAnswer answer;
    if (health_.rests(context.clock.steady())) {
      answer.why = "not asked: it did not answer lately";
    } else {
      answer = co_await context.spam->ask(context.spawner, protocol_, options_, question(facts, context));
      if (answer.is_known) {
        health_.answered();
      } else {
        health_.failed(context.clock.steady());
      }
    }
    if (answer.is_known) {
      const double weight = in_hundredths(std::clamp(answer.score * options_.weight, least_weight, most_weight));
      findings.push_back({std::string{info().findings[0].code}, weight, evidence_of(std::move(answer)), {}});
    } else {
      const auto code = info().findings[1].code;
      if (const auto messages = health_.may_warn(context.clock.steady())) {
        context.log.warning(code, {{"engine", options_.text}, {"error", answer.why}, {"messages", *messages}});
      }
      findings.push_back({std::string{code}, 0, fmt::format("{}: {}", options_.text, answer.why), {}});
    }
    co_return findings;
  }

 private:
  static SpamQuestion question(const Facts& facts, const CheckContext& context) {
    return {facts.client(),        facts.helo(),       facts.session->name.confirmed,
            context.own.host_name, facts.session->tls, facts.sender,
            facts.recipients,      facts.body};
  }

  SpamProtocol protocol_;
  SpamEngineOptions options_;
  mutable Health health_;
};

}  // namespace

std::unique_ptr<Check> make_rspamd(const CheckOptions& options, ListWatch&) {
  return std::make_unique<SpamEngine>(SpamProtocol::rspamd, options.rspamd);
}

std::unique_ptr<Check> make_spamassassin(const CheckOptions& options, ListWatch&) {
  return std::make_unique<SpamEngine>(SpamProtocol::spamd, options.spamassassin);
}

}  // namespace mailreeve::judge
