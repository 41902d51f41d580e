// SPDX-License-Identifier: Apache-2.0
// Whatever a DNS list answers: a refusal is never a listing, each finding comes once with a weight that the settings
// gave, and evidence is short and printable.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "judge/checks/list_answer.h"
#include "net/blocking.h"

namespace {

using namespace mailreeve;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Record data as the input gives it: addresses of any length, texts whose lengths may lie.
class Scripted final : public dns::Resolver {
 public:
  Scripted(dns::RawAnswer addresses, dns::RawAnswer texts)
      : addresses_{std::make_shared<dns::RawAnswer>(std::move(addresses))},
        texts_{std::make_shared<dns::RawAnswer>(std::move(texts))} {}
  Task<dns::Shared> ask(std::string, dns::Type type) override { co_return type == dns::Type::a ? addresses_ : texts_; }

 private:
  dns::Shared addresses_, texts_;
};

struct Input {
  std::string_view rest;
  unsigned octet() {
    if (rest.empty()) return 0;
    const auto value = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    return value;
  }
  std::string take(std::size_t size) {
    const std::string taken{rest.substr(0, size)};
    rest.remove_prefix(taken.size());
    return taken;
  }
};

dns::Status status_of(unsigned octet) { return octet < 128 ? dns::Status::found : static_cast<dns::Status>(octet % 6); }

bool is_refusal(std::string_view rdata) {
  const auto octet = [rdata](std::size_t at) { return static_cast<unsigned char>(rdata[at]); };
  return octet(0) != 127 || (octet(1) == 255 && octet(2) == 255);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input{{reinterpret_cast<const char*>(data), size}};
  judge::ListZone zone;
  zone.zone = "bl.example";
  zone.finding = "dnsbl.bl";
  zone.weight = 3;
  for (unsigned i = input.octet() % 4; i > 0; --i) {
    const auto answer = IpAddress::v4(0x7f000000 | input.octet());
    zone.codes.push_back({{answer, 24 + input.octet() % 9}, i * 1.0, i == 2 ? "dnsbl.bl.two" : ""});
  }
  dns::RawAnswer addresses, texts;
  addresses.status = status_of(input.octet());
  bool refuses = false;
  for (unsigned i = input.octet() % 8; i > 0; --i) {
    const auto length = input.octet();
    // Mostly of the right length and in 127/8, so that what lies behind is reached.
    auto rdata = length < 128 ? "\x7f" + input.take(3) : input.take(length % 20);
    if (addresses.status == dns::Status::found && rdata.size() == 4) refuses = refuses || is_refusal(rdata);
    if (addresses.status == dns::Status::found) addresses.records.push_back(std::move(rdata));
  }
  texts.status = status_of(input.octet());
  const auto count = input.octet() % 3;
  for (unsigned i = 0; i < count && texts.status == dns::Status::found; ++i) {
    texts.records.push_back(i + 1 == count ? std::string{input.rest} : input.take(input.octet()));
  }
  const auto status = addresses.status;
  Scripted resolver{std::move(addresses), std::move(texts)};
  const auto verdict = net::run_blocking(judge::ask_list(resolver, zone, "7.2.0.192", std::string{"192.0.2.7"}));
  require(verdict.refusal.empty() == !refuses);
  require(!refuses || verdict.findings.empty());
  require(verdict.failed == dns::is_failure(status));
  require(status == dns::Status::found || (verdict.findings.empty() && !refuses));
  std::set<std::string> seen;
  for (const auto& finding : verdict.findings) {
    require(seen.insert(finding.code).second);
    require(finding.code == "dnsbl.bl" || finding.code == "dnsbl.bl.two");
    require(finding.weight >= 1 && finding.weight <= 3);
    require(finding.evidence.size() <= 260);
    for (const char c : finding.evidence) require(c >= ' ' && c <= '~');
  }
  return 0;
}
