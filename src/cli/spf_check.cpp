// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "auth/spf.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "net/blocking.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

bj::object to_json(const auth::SpfOutcome& outcome) {
  bj::array steps;
  for (const auto& step : outcome.steps) {
    steps.push_back(
        bj::object{{"depth", step.depth}, {"domain", step.domain}, {"term", step.term}, {"outcome", step.outcome}});
  }
  return {{"result", auth::name(outcome.result)}, {"explanation", outcome.explanation}, {"lookups", outcome.lookups},
          {"void", outcome.void_lookups},         {"matched", outcome.matched},         {"domain", outcome.domain},
          {"problem", outcome.problem},           {"steps", std::move(steps)}};
}

void print(std::ostream& out, const auth::SpfOutcome& outcome) {
  out << fmt::format("{}  {}\n", auth::name(outcome.result), shown(outcome.domain));
  if (!outcome.matched.empty()) out << fmt::format("matched      {}\n", shown(outcome.matched));
  if (!outcome.problem.empty()) out << fmt::format("problem      {}\n", shown(outcome.problem));
  if (!outcome.explanation.empty()) out << fmt::format("explanation  {}\n", shown(outcome.explanation));
  out << fmt::format("look-ups     {} of 10, {} of 2 without an answer\n", outcome.lookups, outcome.void_lookups);
  for (const auto& step : outcome.steps) {
    out << fmt::format("{:{}}{}: {} -> {}\n", "", 2 + 2 * step.depth, shown(step.domain), shown(step.term),
                       step.outcome);
  }
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto client = IpAddress::parse(arguments.value("--ip").value_or(""));
  if (!client) return give_up(err, {ErrorKind::invalid, Blame::peer, "--ip must be an address, for example 192.0.2.1"});
  const auto helo = arguments.value("--helo").value_or("");
  const auto from = arguments.value("--from").value_or("");
  if (helo.empty() && from.empty()) {
    return give_up(err,
                   {ErrorKind::invalid, Blame::peer, "--from or --helo is needed: whom shall the client send for?"});
  }
  auto resolver = make_command_resolver(arguments);
  if (!resolver) return give_up(err, resolver.error());
  const auto identity = arguments.value("--identity").value_or("mail-from");
  if (identity != "mail-from" && identity != "helo") {
    return give_up(err, {ErrorKind::invalid, Blame::peer, "--identity is mail-from or helo"});
  }
  auth::SpfOptions options;
  options.keep_steps = true;
  options.default_explanation = "";
  const auto outcome = net::run_blocking(
      auth::check_spf(**resolver, {*client, helo, from, arguments.value("--receiver").value_or("")},
                      identity == "helo" ? auth::SpfIdentity::helo : auth::SpfIdentity::mail_from, options));
  if (arguments.has("--json")) {
    out << bj::serialize(to_json(outcome)) << '\n';
  } else {
    print(out, outcome);
  }
  return exit_ok;
}

}  // namespace

Command spf_check_command() {
  using Kind = Parameter::Kind;
  return {"spf check", "May this address send for this sender?",
          with_dns_parameters({{"--ip", Kind::value, "The client's address", "ADDRESS"},
                               {"--helo", Kind::value, "Its name in HELO", "NAME"},
                               {"--from", Kind::value, "The envelope sender; empty for the null sender", "ADDRESS"},
                               {"--receiver", Kind::value, "Who checks, for the macro %{r} in explanations", "NAME"},
                               {"--identity", Kind::value, "mail-from (else) or helo", "IDENTITY"}}),
          run};
}

}  // namespace mailreeve::cli
