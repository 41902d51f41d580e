// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/list_answer.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailreeve::judge {
namespace {

constexpr std::size_t reason_limit = 160;

const IpNetwork& loopback_network() {
  static const IpNetwork network = *IpNetwork::parse("127.0.0.0/8");
  return network;
}
const IpNetwork& refusal_network() {
  static const IpNetwork network = *IpNetwork::parse("127.255.255.0/24");
  return network;
}

void add_once(Findings& findings, Finding finding) {
  const auto same = [&](const Finding& other) { return other.code == finding.code; };
  const auto found = std::ranges::find_if(findings, same);
  if (found == findings.end()) {
    findings.push_back(std::move(finding));
  } else if (std::abs(finding.weight) > std::abs(found->weight)) {
    *found = std::move(finding);
  }
}

}  // namespace

ListVerdict read_list_answer(const ListZone& zone, const dns::Answer<IpAddress>& answer, const std::string& about) {
  ListVerdict verdict;
  verdict.failed = dns::is_failure(answer.status);
  for (const auto& address : answer.records) {
    if (refusal_network().contains(address) || !loopback_network().contains(address)) {
      verdict.refusal = address.text();
      verdict.findings.clear();
      return verdict;
    }
    if (zone.codes.empty()) {
      add_once(verdict.findings,
               {zone.finding, zone.weight, fmt::format("{} is on {} ({})", about, zone.zone, address.text()), {}});
      continue;
    }
    for (const auto& code : zone.codes) {
      if (!code.answers.contains(address)) continue;
      add_once(verdict.findings, {code.finding.empty() ? zone.finding : code.finding,
                                  code.weight,
                                  fmt::format("{} is on {} ({})", about, zone.zone, address.text()),
                                  {}});
    }
  }
  return verdict;
}

Task<ListVerdict> ask_list(dns::Resolver& resolver, const ListZone& zone, std::string subject, std::string about) {
  const auto name = fmt::format("{}.{}", subject, zone.zone);
  const auto answer = co_await resolver.addresses(name, dns::Type::a);
  auto verdict = read_list_answer(zone, answer, about);
  if (verdict.findings.empty()) co_return verdict;
  const auto reasons = co_await resolver.texts(name);
  if (!reasons.found()) co_return verdict;
  std::string reason;
  for (const char c : reasons.records.front().substr(0, reason_limit)) reason += c >= ' ' && c < 0x7f ? c : '?';
  for (auto& finding : verdict.findings) finding.evidence += ": " + reason;
  co_return verdict;
}

}  // namespace mailreeve::judge
