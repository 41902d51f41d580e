// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "net/blocking.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

/// One question with its answer.
struct Asked {
  std::string name;
  dns::Type type = dns::Type::a;
  dns::Shared answer;
};

struct Report {
  std::vector<Asked> questions;
  std::optional<IpAddress> address;  // when an address was asked about
  std::vector<std::string> names;
  std::string confirmed;
};

Task<Report> look_up_address(dns::Resolver& resolver, IpAddress address) {
  Report report;
  report.address = address;
  const auto reverse = dns::reversed(address) + (address.is_v4() ? ".in-addr.arpa" : ".ip6.arpa");
  auto raw = co_await resolver.ask(reverse, dns::Type::ptr);
  report.questions.push_back({reverse, dns::Type::ptr, raw});
  const auto names = co_await resolver.names_of(address);
  report.names = names.records;
  const auto family = address.is_v4() ? dns::Type::a : dns::Type::aaaa;
  for (const auto& name : names.records) {
    auto forward = co_await resolver.ask(name, family);
    report.questions.push_back({name, family, forward});
    const auto found = co_await resolver.addresses(name, family);
    const bool leads_back = std::ranges::find(found.records, address) != found.records.end();
    if (leads_back && report.confirmed.empty()) report.confirmed = name;
  }
  co_return report;
}

Task<Report> look_up_name(dns::Resolver& resolver, std::string name) {
  Report report;
  for (const auto type : {dns::Type::a, dns::Type::aaaa, dns::Type::mx, dns::Type::txt, dns::Type::ns}) {
    auto answer = co_await resolver.ask(name, type);
    report.questions.push_back({name, type, std::move(answer)});
  }
  for (const auto type : {dns::Type::a, dns::Type::aaaa}) {
    const auto found = co_await resolver.addresses(name, type);
    for (const auto& address : found.records) {
      const auto names = co_await resolver.names_of(address);
      for (const auto& back : names.records)
        report.names.push_back(fmt::format("{} is called {}", address.text(), back));
      if (std::ranges::find(names.records, name) != names.records.end()) report.confirmed = name;
    }
  }
  co_return report;
}

bj::object to_json(const std::string& subject, const Report& report) {
  bj::array answers;
  for (const auto& asked : report.questions) {
    bj::array records;
    for (const auto& record : asked.answer->records) records.emplace_back(dns::presentation(asked.type, record));
    answers.push_back(bj::object{{"name", asked.name},
                                 {"type", dns::name(asked.type)},
                                 {"status", dns::name(asked.answer->status)},
                                 {"secure", asked.answer->secure},
                                 {"records", std::move(records)}});
  }
  bj::array names;
  for (const auto& name : report.names) names.emplace_back(name);
  return {{"subject", subject},
          {"answers", std::move(answers)},
          {"names", std::move(names)},
          {"confirmed", !report.confirmed.empty()},
          {"confirmed_name", report.confirmed}};
}

void print(std::ostream& out, const Report& report) {
  for (const auto& asked : report.questions) {
    const auto secure = asked.answer->secure ? "  (DNSSEC)" : "";
    if (asked.answer->records.empty()) {
      out << fmt::format("{:<5} {}  {}{}\n", dns::name(asked.type), shown(asked.name), dns::name(asked.answer->status),
                         secure);
    }
    for (const auto& record : asked.answer->records) {
      out << fmt::format("{:<5} {}  {}{}\n", dns::name(asked.type), shown(asked.name),
                         dns::presentation(asked.type, record), secure);
    }
  }
  if (report.address) {
    if (report.names.empty()) {
      out << "Not confirmed: the address has no name.\n";
    } else if (report.confirmed.empty()) {
      out << "Not confirmed: no name leads back to the address.\n";
    } else {
      out << fmt::format("Confirmed: {} leads back to the address.\n", report.confirmed);
    }
    return;
  }
  for (const auto& line : report.names) out << "PTR   " << shown(line) << '\n';
  if (!report.names.empty()) {
    out << (report.confirmed.empty() ? "Not confirmed: no address is called by this name.\n"
                                     : "Confirmed: an address of it is called by this name.\n");
  }
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  auto resolver = make_command_resolver(arguments);
  if (!resolver) return give_up(err, resolver.error());
  const auto subject = *arguments.value("NAME|ADDRESS");
  const auto address = IpAddress::parse(subject);
  auto name = subject;
  if (name.ends_with('.')) name.pop_back();
  const auto report =
      net::run_blocking(address ? look_up_address(**resolver, *address) : look_up_name(**resolver, std::move(name)));
  if (arguments.has("--json")) {
    out << bj::serialize(to_json(subject, report)) << '\n';
  } else {
    print(out, report);
  }
  const auto failed = [](const Asked& asked) { return dns::is_failure(asked.answer->status); };
  return std::ranges::any_of(report.questions, failed) ? exit_failed : exit_ok;
}

}  // namespace

Command lookup_command() {
  return {"lookup", "Look a name or an address up, forward and back",
          with_dns_parameters({{"NAME|ADDRESS", Parameter::Kind::positional, "What to look up"}}), run};
}

}  // namespace mailreeve::cli
