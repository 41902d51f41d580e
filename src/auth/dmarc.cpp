// SPDX-License-Identifier: Apache-2.0
// The tree walk and the evaluation (RFC 9989 4.10, 5.3).
#include "auth/dmarc.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t most_queries = 8;
constexpr std::size_t label_jump = 7;  // RFC 9989 4.10: a long name goes on with its last seven labels

/// One name of the walk that has a record.
struct Step {
  std::string domain;
  DmarcRecord record;
  std::string text;
};

struct Walk {
  std::vector<Step> steps;  // from the most specific on
  std::optional<dns::Status> failure;
  std::string failed_at;
  bool several_at_start = false;  // the domain itself publishes several: none counts, and nobody else's either
  std::string problem;
};

std::size_t labels(std::string_view name) { return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1; }

std::string_view parent(std::string_view name) {
  const auto dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool looks_like_dmarc(std::string_view text) {
  const auto tag = text.substr(0, text.find(';'));
  const auto equals = tag.find('=');
  return equals != std::string_view::npos && mail::lower(trimmed(tag.substr(0, equals))) == "v" &&
         trimmed(tag.substr(equals + 1)) == "DMARC1";
}

Task<Walk> walk_tree(dns::Resolver& resolver, std::string domain) {
  Walk walk;
  std::string_view name{domain};
  for (std::size_t query = 0; query < most_queries && !name.empty(); ++query) {
    auto answer = co_await resolver.texts(fmt::format("_dmarc.{}", name));
    if (dns::is_failure(answer.status)) {
      walk.failure = answer.status;
      walk.failed_at = name;
      co_return walk;
    }
    std::erase_if(answer.records, [](const auto& text) { return !looks_like_dmarc(text); });
    if (answer.records.size() > 1) {
      walk.problem = fmt::format("_dmarc.{} has several records", name);
      if (query == 0) {
        walk.several_at_start = true;
        co_return walk;
      }
    } else if (answer.records.size() == 1) {
      auto record = parse_dmarc_record(answer.records.front());
      if (record) {
        const bool ends = record->psd != 'u';
        walk.steps.push_back({std::string{name}, std::move(*record), answer.records.front()});
        if (ends) co_return walk;
      } else {
        walk.problem = fmt::format("_dmarc.{}: {}", name, record.error().text);
      }
    }
    if (query == 0 && labels(name) > most_queries) {
      while (labels(name) > label_jump) name = parent(name);
    } else {
      name = parent(name);
    }
  }
  co_return walk;
}

/// RFC 9989 4.10.2.
std::string organizational(const Walk& walk, const std::string& domain) {
  for (const auto& step : walk.steps) {
    if (step.record.psd == 'n') return step.domain;
    if (step.record.psd == 'y' && step.domain != domain) {
      // One label below the public suffix.
      std::string_view below{domain};
      while (labels(below) > labels(step.domain) + 1) below = parent(below);
      return std::string{below};
    }
  }
  if (walk.steps.empty()) return domain;
  return walk.steps.back().domain;
}

bool is_same_or_below(std::string_view name, std::string_view domain) {
  return name == domain ||
         (name.size() > domain.size() && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

/// RFC 9989 3.2.13: nothing of A, AAAA and MX is there.
Task<bool> is_nonexistent(dns::Resolver& resolver, std::string domain) {
  const auto exchangers = co_await resolver.mail_exchangers(domain);
  if (!dns::is_void(exchangers.status)) co_return false;
  if (exchangers.status == dns::Status::no_name) co_return true;
  const auto addresses = co_await resolver.addresses(domain);
  co_return dns::is_void(addresses.status);
}

DmarcPolicy milder(DmarcPolicy policy) {
  return policy == DmarcPolicy::reject ? DmarcPolicy::quarantine : DmarcPolicy::none;
}

}  // namespace

Task<DmarcFound> find_dmarc(dns::Resolver& resolver, std::string domain) {
  DmarcFound found;
  domain = mail::lower(domain);
  const auto walk = co_await walk_tree(resolver, domain);
  found.problem = walk.problem;
  if (walk.failure) {
    found.status = *walk.failure;
    found.problem = fmt::format("look-up of _dmarc.{}: {}", walk.failed_at, dns::name(*walk.failure));
    co_return found;
  }
  found.organizational = organizational(walk, domain);
  if (walk.several_at_start || walk.steps.empty()) co_return found;
  // RFC 9989 4.10.1: the domain's own record, else its organizational domain's, else the public suffix's.
  const auto at = [&](const std::string& name) { return std::ranges::find(walk.steps, name, &Step::domain); };
  auto chosen = at(domain);
  if (chosen == walk.steps.end()) chosen = at(found.organizational);
  if (chosen == walk.steps.end() && walk.steps.back().record.psd == 'y') chosen = walk.steps.end() - 1;
  if (chosen == walk.steps.end()) co_return found;
  found.status = dns::Status::found;
  found.record = chosen->record;
  found.domain = chosen->domain;
  found.text = chosen->text;
  co_return found;
}

Task<DmarcOutcome> check_dmarc(dns::Resolver& resolver, DmarcQuestion question) {
  DmarcOutcome outcome;
  outcome.from_domain = mail::lower(question.from_domain);
  const auto found = co_await find_dmarc(resolver, outcome.from_domain);
  outcome.problem = found.problem;
  if (!found.record) {
    if (dns::is_failure(found.status)) outcome.result = DmarcResult::temperror;
    co_return outcome;
  }
  const auto& record = *found.record;
  outcome.domain = found.domain;
  outcome.record = found.text;
  outcome.testing = record.testing;
  outcome.published = record.p;
  if (found.domain != outcome.from_domain) {
    outcome.published = record.sp.value_or(record.p);
    if (record.np) {
      const bool nonexistent = co_await is_nonexistent(resolver, outcome.from_domain);
      if (nonexistent) outcome.published = *record.np;
    }
  }
  outcome.policy = record.testing ? milder(outcome.published) : outcome.published;

  bool failed = false;
  std::vector<std::pair<std::string, bool>> candidates;  // domain, is it DKIM's
  for (const auto& [domain, result] : question.dkim) {
    if (result == DkimResult::pass) candidates.emplace_back(mail::lower(domain), true);
    failed = failed || result == DkimResult::temperror;
  }
  if (question.spf == SpfResult::pass) candidates.emplace_back(mail::lower(question.spf_domain), false);
  failed = failed || question.spf == SpfResult::temperror;
  for (const auto& [domain, is_dkim] : candidates) {
    auto& aligned = is_dkim ? outcome.dkim_aligned : outcome.spf_aligned;
    if (!aligned.empty()) continue;
    const bool strict = is_dkim ? record.strict_dkim : record.strict_spf;
    if (domain == outcome.from_domain) {
      aligned = domain;
    } else if (!strict && is_same_or_below(domain, found.organizational)) {
      const auto theirs = co_await find_dmarc(resolver, domain);
      if (dns::is_failure(theirs.status) && theirs.organizational.empty()) failed = true;
      if (theirs.organizational == found.organizational) aligned = domain;
    }
  }
  if (!outcome.dkim_aligned.empty() || !outcome.spf_aligned.empty()) {
    outcome.result = DmarcResult::pass;
  } else if (failed) {
    // It might have passed: nothing harsh may follow from what nobody could look up (RFC 9989 5.3).
    outcome.result = DmarcResult::temperror;
    if (outcome.problem.empty()) outcome.problem = "SPF or DKIM could not be looked up";
  } else {
    outcome.result = DmarcResult::fail;
  }
  co_return outcome;
}

}  // namespace mailreeve::auth
