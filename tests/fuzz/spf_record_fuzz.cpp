// SPDX-License-Identifier: Apache-2.0
// A record that parses has terms within the record, prefix lengths within the address, and domain-specs that expand to
// names; its evaluation ends, within its limits, whatever the record says.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/spf_record.h"
#include "net/blocking.h"

namespace {

using namespace mailreeve;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Publishes the same record under every name, and every name as exchanger and host: includes and redirects go round.
class SameEverywhere final : public dns::Resolver {
 public:
  explicit SameEverywhere(std::string_view record) {
    std::string rdata;
    for (std::size_t at = 0; at < record.size(); at += 255) {
      const auto piece = record.substr(at, 255);
      rdata += static_cast<char>(piece.size());
      rdata += piece;
    }
    text_ = found(rdata.empty() ? std::string(1, '\0') : rdata);
  }
  Task<dns::Shared> ask(std::string name, dns::Type type) override {
    ++asked;
    require(name.size() <= 254);
    const std::string host = "\1h\7example";
    switch (type) {
      case dns::Type::txt:
        co_return text_;
      case dns::Type::a:
        co_return found(std::string{"\xc0\0\2\x63", 4});
      case dns::Type::mx:
        co_return found(std::string(2, '\0') + host + '\0');
      case dns::Type::ptr:
        co_return found(host + '\0');
      default: {
        auto none = std::make_shared<dns::RawAnswer>();
        none->status = dns::Status::no_data;
        co_return none;
      }
    }
  }
  unsigned asked = 0;

 private:
  static dns::Shared found(std::string rdata) {
    auto answer = std::make_shared<dns::RawAnswer>();
    answer->status = dns::Status::found;
    answer->records = {std::move(rdata)};
    return answer;
  }
  dns::Shared text_;
};

void check_terms(const auth::SpfRecord& record, std::string_view text) {
  const auto inside = [text](std::string_view part) {
    return part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  require(record.directives.size() <= 500);
  for (const auto& directive : record.directives) {
    require(!directive.text.empty() && inside(directive.text) && inside(directive.domain));
    require(directive.prefix4 <= 32 && directive.prefix6 <= 128);
    require(directive.domain.empty() || auth::is_macro_string(directive.domain, false));
  }
  for (const auto& modifier : {record.redirect, record.exp}) {
    if (modifier) require(inside(*modifier) && auth::is_macro_string(*modifier, false));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (!auth::is_spf_record(text)) return 0;
  const auto record = auth::parse_spf_record(text);
  if (record) {
    require(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
    check_terms(*record, text);
  }
  if (size > 4096) return 0;
  SameEverywhere resolver{text};
  auth::SpfOptions options;
  options.keep_steps = true;
  const auto outcome = net::run_blocking(
      auth::check_spf(resolver, {IpAddress::v4(0xc0000201), "helo.example", "a.b@d.example", "mx.example"},
                      auth::SpfIdentity::mail_from, options));
  require(record.has_value() || outcome.result == auth::SpfResult::permerror);
  require(outcome.lookups <= options.lookup_limit + 1 && outcome.void_lookups <= options.void_limit + 1);
  require(outcome.steps.size() <= 200 && outcome.explanation.size() <= 512 && resolver.asked <= 64);
  require((outcome.result == auth::SpfResult::permerror) == !outcome.problem.empty());
  for (const auto* shown : {&outcome.problem, &outcome.explanation, &outcome.matched}) {
    require(std::ranges::all_of(*shown, [](char c) { return c >= ' ' && c <= '~'; }));
  }
  return 0;
}
