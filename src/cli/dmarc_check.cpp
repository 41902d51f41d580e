// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "auth/dmarc.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "mail/address.h"
#include "net/blocking.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

/// "example.org:pass".
std::optional<std::pair<std::string, std::string>> split_result(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  return std::pair{text.substr(0, colon), text.substr(colon + 1)};
}

template <class Result>
std::optional<Result> result_named(std::string_view word, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (auth::name(static_cast<Result>(i)) == word) return static_cast<Result>(i);
  }
  return std::nullopt;
}

constexpr std::size_t spf_results = 7;
constexpr std::size_t dkim_results = 7;

Result<auth::DmarcQuestion> question_from(const Arguments& arguments) {
  auth::DmarcQuestion question;
  auto from = arguments.value("--from").value_or("");
  const auto at = from.rfind('@');
  if (at != std::string::npos) from.erase(0, at + 1);
  if (from.ends_with('>')) from.pop_back();
  const auto domain = mail::Domain::parse(from);
  if (!domain || domain->is_literal()) return fail(ErrorKind::invalid, "--from must be an address or a domain");
  question.from_domain = domain->text();
  if (const auto given = arguments.value("--spf"); given && !given->empty()) {
    const auto pair = split_result(*given);
    const auto result = pair ? result_named<auth::SpfResult>(pair->second, spf_results) : std::nullopt;
    if (!result) return fail(ErrorKind::invalid, fmt::format("--spf {}: write for example example.org:pass", *given));
    question.spf = *result;
    question.spf_domain = pair->first;
  }
  for (const auto& given : arguments.values("--dkim")) {
    if (given.empty()) continue;
    const auto pair = split_result(given);
    const auto result = pair ? result_named<auth::DkimResult>(pair->second, dkim_results) : std::nullopt;
    if (!result) return fail(ErrorKind::invalid, fmt::format("--dkim {}: write for example example.org:pass", given));
    question.dkim.emplace_back(pair->first, *result);
  }
  return question;
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto question = question_from(arguments);
  if (!question) return give_up(err, question.error());
  auto resolver = make_command_resolver(arguments);
  if (!resolver) return give_up(err, resolver.error());
  const auto outcome = net::run_blocking(auth::check_dmarc(**resolver, *question));
  if (arguments.has("--json")) {
    const bj::object aligned{{"spf", !outcome.spf_aligned.empty()}, {"dkim", !outcome.dkim_aligned.empty()}};
    const bj::object by{{"spf", outcome.spf_aligned}, {"dkim", outcome.dkim_aligned}};
    const bj::object answer{{"result", auth::name(outcome.result)},
                            {"policy", auth::name(outcome.policy)},
                            {"domain", outcome.domain},
                            {"record", outcome.record},
                            {"aligned", aligned},
                            {"aligned_by", by},
                            {"testing", outcome.testing},
                            {"problem", outcome.problem}};
    out << bj::serialize(answer) << '\n';
    return exit_ok;
  }
  out << fmt::format("{}  {}\n", auth::name(outcome.result), outcome.from_domain);
  if (!outcome.record.empty()) {
    out << fmt::format("record   {} (at _dmarc.{})\n", shown(outcome.record), outcome.domain);
    out << fmt::format("asks for {}{}\n", auth::name(outcome.policy), outcome.testing ? " (while testing)" : "");
  }
  if (!outcome.problem.empty()) out << fmt::format("problem  {}\n", shown(outcome.problem));
  out << fmt::format("SPF      {}\n",
                     outcome.spf_aligned.empty() ? "not aligned" : "aligned by " + outcome.spf_aligned);
  out << fmt::format("DKIM     {}\n",
                     outcome.dkim_aligned.empty() ? "not aligned" : "aligned by " + outcome.dkim_aligned);
  return exit_ok;
}

}  // namespace

Command dmarc_check_command() {
  using Kind = Parameter::Kind;
  return {"dmarc check", "Does the domain in From stand behind a message?",
          with_dns_parameters(
              {{"--from", Kind::value, "The author", "ADDRESS"},
               {"--spf", Kind::value, "SPF's result for a domain", "DOMAIN:RESULT"},
               {"--dkim", Kind::values, "DKIM's result for a domain; may be given several times", "DOMAIN:RESULT"}}),
          run};
}

}  // namespace mailreeve::cli
