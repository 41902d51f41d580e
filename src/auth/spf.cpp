// SPDX-License-Identifier: Apache-2.0
// check_host() (RFC 7208 4 to 6).
#include "auth/spf.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "auth/spf_record.h"
#include "base/clock.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t step_limit = 200;
constexpr unsigned include_depth = 20;  // the limit of look-ups ends an include loop before that
constexpr std::size_t explanation_limit = 512;

/// RFC 7208 4.3: what cannot be a domain's name has no record.
bool is_askable(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || domain.size() > 253 || domain.find('.') == std::string_view::npos) return false;
  for (std::size_t start = 0; start <= domain.size();) {
    const auto end = std::min(domain.find('.', start), domain.size());
    if (end == start || end - start > 63) return false;
    start = end + 1;
  }
  return domain.front() != '[';
}

bool is_within(const IpAddress& client, const IpAddress& address, unsigned prefix4, unsigned prefix6) {
  if (client.is_v4() != address.is_v4()) return false;
  return IpNetwork{address, client.is_v4() ? prefix4 : prefix6}.contains(client);
}

/// `name` is `domain` or below it.
bool is_below(std::string_view name, std::string_view domain) {
  if (name.size() == domain.size()) return mail::equals_ignoring_case(name, domain);
  return name.size() > domain.size() && name[name.size() - domain.size() - 1] == '.' &&
         mail::equals_ignoring_case(name.substr(name.size() - domain.size()), domain);
}

enum class Match : std::uint8_t { no, yes, temperror, permerror };

class Evaluation {
 public:
  Evaluation(dns::Resolver& resolver, const SpfQuestion& question, const SpfOptions& options, SpfOutcome& outcome)
      : resolver_{resolver},
        question_{question},
        options_{options},
        outcome_{outcome},
        end_{std::chrono::steady_clock::now() + options.time_limit} {
    const auto at = question.sender.rfind('@');
    local_ = at == std::string::npos || at == 0 ? "postmaster" : question.sender.substr(0, at);
    sender_domain_ = at == std::string::npos ? question.sender : question.sender.substr(at + 1);
    // RFC 8616 4: U-labels are asked, and expanded, as A-labels.
    if (std::ranges::any_of(sender_domain_, [](char c) { return static_cast<unsigned char>(c) > 0x7f; })) {
      const auto parsed = mail::Domain::parse(sender_domain_);
      if (parsed) sender_domain_ = parsed->text();
    }
    sender_ = local_ + '@' + sender_domain_;
  }

  const std::string& sender_domain() const { return sender_domain_; }
  Task<SpfResult> check(std::string domain, unsigned depth);

 private:
  Task<Match> matches(const SpfDirective& directive, const std::string& domain, unsigned depth);
  Task<Match> matches_include(std::string target, unsigned depth);
  Task<Match> matches_addresses(std::string host, const SpfDirective& directive);
  Task<Match> matches_mx(std::string target, const SpfDirective& directive);
  Task<Match> matches_ptr(std::string target);
  Task<std::vector<std::string>> validated_names();
  Task<std::string> expand(std::string_view text, const std::string& domain, bool to_name);
  Task<void> explain(std::string_view exp, const std::string& domain);
  SpfMacroValues values(std::string_view domain) const;
  bool count_lookup(const SpfDirective& directive);
  Match after(dns::Status status, std::string_view name);
  bool is_too_late() {
    if (std::chrono::steady_clock::now() <= end_) return false;
    problem(SpfResult::temperror, "evaluation took too long");
    return true;
  }
  void step(unsigned depth, std::string_view domain, std::string_view term, std::string_view what) {
    if (options_.keep_steps && outcome_.steps.size() < step_limit) {
      outcome_.steps.push_back({depth, std::string{domain}, std::string{term}, std::string{what}});
    }
  }
  SpfResult problem(SpfResult result, std::string text) {
    if (outcome_.problem.empty()) outcome_.problem = std::move(text);
    return result;
  }

  dns::Resolver& resolver_;
  const SpfQuestion& question_;
  const SpfOptions& options_;
  SpfOutcome& outcome_;
  SteadyTime end_;
  std::string local_, sender_domain_, sender_;
  std::optional<std::vector<std::string>> names_;  // the client's, confirmed; asked once
  std::string include_match_;                      // what matched in the innermost include
};

SpfMacroValues Evaluation::values(std::string_view domain) const {
  SpfMacroValues all;
  all.sender = sender_;
  all.local = local_;
  all.sender_domain = sender_domain_;
  all.domain = domain;
  all.helo = question_.helo;
  all.receiver = question_.receiver;
  all.client = question_.client;
  all.now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return all;
}

Task<std::string> Evaluation::expand(std::string_view text, const std::string& domain, bool to_name) {
  auto all = values(domain);
  std::string validated;
  if (uses_macro(text, 'p')) {
    const auto names = co_await validated_names();
    // RFC 7208 7.3: the domain itself first, then one below it, then any.
    for (const auto& name : names) {
      const bool better = validated.empty() || mail::equals_ignoring_case(name, domain) ||
                          (is_below(name, domain) && !is_below(validated, domain));
      if (better && !mail::equals_ignoring_case(validated, domain)) validated = name;
    }
    if (!validated.empty()) all.validated_name = validated;
  }
  co_return to_name ? expand_domain(text, all) : expand_macros(text, all);
}

/// What a failed look-up means for the mechanism that made it; counts void ones (RFC 7208 4.6.4).
Match Evaluation::after(dns::Status status, std::string_view name) {
  if (dns::is_failure(status)) {
    problem(SpfResult::temperror, fmt::format("look-up of {}: {}", name, dns::name(status)));
    return Match::temperror;
  }
  if (dns::is_void(status) && ++outcome_.void_lookups > options_.void_limit) {
    problem(SpfResult::permerror, fmt::format("more than {} look-ups that found nothing", options_.void_limit));
    return Match::permerror;
  }
  return Match::no;
}

bool Evaluation::count_lookup(const SpfDirective& directive) {
  using enum SpfMechanism;
  if (directive.mechanism == all || directive.mechanism == ip4 || directive.mechanism == ip6) return true;
  if (++outcome_.lookups <= options_.lookup_limit) return true;
  problem(SpfResult::permerror, fmt::format("more than {} terms that need DNS", options_.lookup_limit));
  return false;
}

Task<SpfResult> Evaluation::check(std::string domain, unsigned depth) {
  if (depth > include_depth) co_return problem(SpfResult::permerror, "includes are nested too deeply");
  if (!is_askable(domain)) co_return SpfResult::none;
  auto answer = co_await resolver_.texts(domain);
  if (dns::is_failure(answer.status)) {
    step(depth, domain, "TXT", dns::name(answer.status));
    co_return problem(SpfResult::temperror, fmt::format("look-up of {}: {}", domain, dns::name(answer.status)));
  }
  std::erase_if(answer.records, [](const auto& text) { return !is_spf_record(text); });
  if (answer.records.empty()) {
    step(depth, domain, "TXT", "no SPF record");
    co_return SpfResult::none;
  }
  if (answer.records.size() > 1) {
    // RFC 7208 4.5
    for (const auto& each : answer.records) step(depth, domain, each, "one record too many");
    co_return problem(SpfResult::permerror, fmt::format("{} publishes {} SPF records", domain, answer.records.size()));
  }
  const auto& text = answer.records.front();
  step(depth, domain, text, "record");
  const auto record = parse_spf_record(text);
  if (!record) co_return problem(SpfResult::permerror, fmt::format("record of {}: {}", domain, record.error().text));

  for (const auto& directive : record->directives) {
    if (!count_lookup(directive)) co_return SpfResult::permerror;
    if (is_too_late()) co_return SpfResult::temperror;
    include_match_.clear();
    const auto match = co_await matches(directive, domain, depth);
    constexpr std::string_view words[] = {"no match", "match", "temperror", "permerror"};
    step(depth, domain, directive.text, words[static_cast<std::size_t>(match)]);
    if (match == Match::temperror) co_return SpfResult::temperror;
    if (match == Match::permerror) co_return SpfResult::permerror;
    if (match == Match::no) continue;
    outcome_.matched =
        include_match_.empty() ? std::string{directive.text} : fmt::format("{} ({})", directive.text, include_match_);
    if (directive.qualifier == SpfResult::fail && depth == 0 && options_.fetch_explanation && record->exp) {
      co_await explain(*record->exp, domain);
    }
    co_return directive.qualifier;
  }
  if (!record->redirect) {
    outcome_.matched.clear();
    co_return SpfResult::neutral;
  }
  if (++outcome_.lookups > options_.lookup_limit) {
    co_return problem(SpfResult::permerror, fmt::format("more than {} terms that need DNS", options_.lookup_limit));
  }
  auto target = co_await expand(*record->redirect, domain, true);
  step(depth, domain, fmt::format("redirect={}", target), "goes on there");
  if (!is_askable(target)) co_return problem(SpfResult::permerror, fmt::format("redirect to \"{}\"", target));
  const auto result = co_await check(target, depth);
  if (result == SpfResult::none) {
    co_return problem(SpfResult::permerror, fmt::format("redirect to {}, which has no SPF record", target));
  }
  co_return result;
}

Task<Match> Evaluation::matches(const SpfDirective& directive, const std::string& domain, unsigned depth) {
  using enum SpfMechanism;
  if (directive.mechanism == all) co_return Match::yes;
  if (directive.mechanism == ip4 || directive.mechanism == ip6) {
    const bool within = question_.client.is_v4() == (directive.mechanism == ip4) &&
                        is_within(question_.client, directive.address, directive.prefix4, directive.prefix6);
    co_return within ? Match::yes : Match::no;
  }
  auto target = domain;
  if (!directive.domain.empty()) target = co_await expand(directive.domain, domain, true);
  // RFC 7208 4.8: a name that cannot be asked does not exist.
  const bool possible = is_askable(target);
  if (directive.mechanism == include) {
    if (!possible) {
      problem(SpfResult::permerror, fmt::format("include of \"{}\", which is no domain", target));
      co_return Match::permerror;
    }
    const auto match = co_await matches_include(std::move(target), depth);
    co_return match;
  }
  if (!possible) co_return Match::no;
  Match match = Match::no;
  if (directive.mechanism == a) {
    match = co_await matches_addresses(std::move(target), directive);
  } else if (directive.mechanism == mx) {
    match = co_await matches_mx(std::move(target), directive);
  } else if (directive.mechanism == ptr) {
    match = co_await matches_ptr(std::move(target));
  } else {
    // RFC 7208 5.7: an A look-up whatever the client's family.
    const auto found = co_await resolver_.addresses(target, dns::Type::a);
    match = found.found() ? Match::yes : after(found.status, target);
  }
  co_return match;
}

Task<Match> Evaluation::matches_include(std::string target, unsigned depth) {
  // The outcome of an included record is not the outcome of the check (RFC 7208 5.2).
  const auto result = co_await check(target, depth + 1);
  include_match_ = std::exchange(outcome_.matched, {});
  switch (result) {
    case SpfResult::pass:
      co_return Match::yes;
    case SpfResult::fail:
    case SpfResult::softfail:
    case SpfResult::neutral:
      co_return Match::no;
    case SpfResult::temperror:
      co_return Match::temperror;
    case SpfResult::none:
      problem(SpfResult::permerror, fmt::format("include of {}, which has no SPF record", target));
      co_return Match::permerror;
    case SpfResult::permerror:
      break;
  }
  co_return Match::permerror;
}

Task<Match> Evaluation::matches_addresses(std::string host, const SpfDirective& directive) {
  const auto family = question_.client.is_v4() ? dns::Type::a : dns::Type::aaaa;
  const auto found = co_await resolver_.addresses(host, family);
  if (!found.found()) co_return after(found.status, host);
  for (const auto& address : found.records) {
    if (is_within(question_.client, address, directive.prefix4, directive.prefix6)) co_return Match::yes;
  }
  co_return Match::no;
}

Task<Match> Evaluation::matches_mx(std::string target, const SpfDirective& directive) {
  const auto exchangers = co_await resolver_.mail_exchangers(target);
  if (!exchangers.found()) co_return after(exchangers.status, target);
  if (exchangers.records.size() > options_.mx_limit) {
    problem(SpfResult::permerror, fmt::format("{} has more than {} mail exchangers", target, options_.mx_limit));
    co_return Match::permerror;
  }
  const auto family = question_.client.is_v4() ? dns::Type::a : dns::Type::aaaa;
  for (const auto& exchanger : exchangers.records) {
    if (exchanger.host.empty()) continue;
    if (is_too_late()) co_return Match::temperror;
    const auto found = co_await resolver_.addresses(exchanger.host, family);
    if (!found.found()) {
      // A void answer here is part of one mx term; only failures end the evaluation.
      if (dns::is_failure(found.status)) co_return after(found.status, exchanger.host);
      continue;
    }
    for (const auto& address : found.records) {
      if (is_within(question_.client, address, directive.prefix4, directive.prefix6)) co_return Match::yes;
    }
  }
  co_return Match::no;
}

Task<std::vector<std::string>> Evaluation::validated_names() {
  if (names_) co_return *names_;
  std::vector<std::string> confirmed;
  auto names = co_await resolver_.names_of(question_.client);
  if (names.records.size() > options_.mx_limit) names.records.resize(options_.mx_limit);
  const auto family = question_.client.is_v4() ? dns::Type::a : dns::Type::aaaa;
  for (auto& name : names.records) {
    if (std::chrono::steady_clock::now() > end_) break;
    const auto found = co_await resolver_.addresses(name, family);
    if (std::ranges::find(found.records, question_.client) != found.records.end()) confirmed.push_back(std::move(name));
  }
  if (dns::is_void(names.status) && names_ == std::nullopt) ++outcome_.void_lookups;
  names_ = confirmed;
  co_return confirmed;
}

Task<Match> Evaluation::matches_ptr(std::string target) {
  // RFC 7208 5.5: a failure to find the names is no match.
  const auto names = co_await validated_names();
  for (const auto& name : names) {
    if (is_below(name, target)) co_return Match::yes;
  }
  if (outcome_.void_lookups > options_.void_limit) {
    problem(SpfResult::permerror, fmt::format("more than {} look-ups that found nothing", options_.void_limit));
    co_return Match::permerror;
  }
  co_return Match::no;
}

// RFC 7208 6.2: whatever goes wrong here only costs the explanation.
Task<void> Evaluation::explain(std::string_view exp, const std::string& domain) {
  const auto name = co_await expand(exp, domain, true);
  if (!is_askable(name)) co_return;
  const auto answer = co_await resolver_.texts(name);
  if (!answer.found() || answer.records.size() != 1) co_return;
  const auto& text = answer.records.front();
  const auto safe = [](char c) { return c >= ' ' && c < 0x7f; };
  if (!std::ranges::all_of(text, safe) || !is_macro_string(text, true)) co_return;
  auto explanation = co_await expand(text, domain, false);
  std::erase_if(explanation, [&](char c) { return !safe(c); });
  outcome_.explanation = explanation.substr(0, explanation_limit);
}

}  // namespace

std::string_view name(SpfResult result) {
  constexpr std::string_view words[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

Task<SpfOutcome> check_spf(dns::Resolver& resolver, SpfQuestion question, SpfIdentity identity, SpfOptions options) {
  SpfOutcome outcome;
  // RFC 7208 2.4: for the null reverse-path, postmaster at the HELO name.
  if (identity == SpfIdentity::helo || question.sender.empty()) question.sender = "postmaster@" + question.helo;
  Evaluation evaluation{resolver, question, options, outcome};
  auto domain = evaluation.sender_domain();
  if (domain.ends_with('.')) domain.pop_back();
  outcome.domain = mail::lower(domain);
  outcome.result = co_await evaluation.check(std::move(domain), 0);
  if (outcome.result == SpfResult::fail && outcome.explanation.empty()) {
    outcome.explanation = options.default_explanation;
  }
  if (outcome.result != SpfResult::permerror && outcome.result != SpfResult::temperror) outcome.problem.clear();
  co_return outcome;
}

Task<Implied> implied_spf(dns::Resolver& resolver, std::string domain, IpAddress client) {
  if (!is_askable(domain)) co_return Implied::unknown;
  constexpr unsigned prefix4 = 24;
  constexpr unsigned prefix6 = 64;
  constexpr std::size_t exchanger_limit = 10;
  const auto family = client.is_v4() ? dns::Type::a : dns::Type::aaaa;
  std::vector<std::string> hosts{domain};
  bool failed = false;
  const auto exchangers = co_await resolver.mail_exchangers(domain);
  failed = dns::is_failure(exchangers.status);
  for (const auto& exchanger : exchangers.records) {
    if (!exchanger.host.empty() && hosts.size() <= exchanger_limit) hosts.push_back(exchanger.host);
  }
  for (const auto& host : hosts) {
    const auto found = co_await resolver.addresses(host, family);
    failed = failed || dns::is_failure(found.status);
    for (const auto& address : found.records) {
      if (is_within(client, address, prefix4, prefix6)) co_return Implied::pass;
    }
  }
  co_return failed ? Implied::unknown : Implied::fail;
}

}  // namespace mailreeve::auth
