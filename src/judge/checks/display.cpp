// SPDX-License-Identifier: Apache-2.0
// Does the sender's shown name pretend to be one of us, and do answers go elsewhere?
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "mail/address.h"
#include "mail/characters.h"
#include "scan/lookalike.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"from.display-forged", 4.0,
     "The shown name is one of our people's, or holds an address or domain of ours; the true address is a stranger's."},
    {"from.display-address", 1.5, "The shown name holds another address than the true one."},
    {"from.own-domain", 3.0, "The message says that it is from one of our domains, and nothing proves it."},
    {"from.lookalike", 4.0, "The sender's domain looks like one of ours."},
    {"from.reply-elsewhere", 0.5, "Answers go to another domain than the sender's."},
};
constexpr CheckInfo about{"display", Stage::alignment, "Does its shown sender pretend to be somebody?",
                          "RFC 5322 3.6.2", kinds};

double weight_of(std::string_view code) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return kind.weight;
  }
  return 0;
}

std::string domain_of(const std::string& address) {
  const auto at = address.rfind('@');
  const auto domain =
      at == std::string::npos ? mail::Domain::parse("") : mail::Domain::parse(std::string_view{address}.substr(at + 1));
  return domain ? domain->text() : std::string{};
}

/// The first address in a text: "ceo@example.org via x" gives it.
std::string address_in(const std::string& text) {
  const auto at = text.find('@');
  if (at == std::string::npos || at == 0) return {};
  const auto is_part = [](char c) { return mail::is_atext(c) || c == '.'; };
  auto start = at;
  while (start > 0 && is_part(text[start - 1])) --start;
  auto end = at + 1;
  while (end < text.size() && (mail::is_alphanumeric(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
  while (end > at + 1 && text[end - 1] == '.') --end;
  return start < at && text.find('.', at) < end ? mail::lower(text.substr(start, end - start)) : std::string{};
}

/// Is the domain there as a word of its own? "notexample.org" does not name example.org.
bool names_domain(std::string_view text, std::string_view domain) {
  const auto is_part = [](char c) { return mail::is_alphanumeric(c) || c == '-'; };
  for (auto at = text.find(domain); at != std::string_view::npos; at = text.find(domain, at + 1)) {
    const auto end = at + domain.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

class Display final : public Check {
 public:
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.content || facts.content->from.empty()) co_return findings;
    const auto& own = context.own;
    const auto add = [&](std::string_view code, std::string text) {
      findings.push_back({std::string{code}, weight_of(code), std::move(text), {}});
    };
    const auto& from = facts.content->from.front();
    const auto domain = domain_of(from.address);
    const auto proven = facts.proven_domains();
    const bool ours = own.is_ours(domain);
    const bool is_proven = std::ranges::any_of(proven, [&](const auto& one) { return covers_domain(one, domain); });
    if (ours && !is_proven) add("from.own-domain", fmt::format("{}: proven by neither SPF nor DKIM", from.address));
    const auto shown = address_in(from.display);
    const bool shows_address = !shown.empty() && shown != mail::lower(from.address);
    const auto forged = std::ranges::find_if(facts.content->from, [&](const auto& person) {
      return claims_us(own, person) && !is_at_home(own, proven, domain_of(person.address));
    });
    if (forged != facts.content->from.end()) {
      add("from.display-forged", fmt::format("\"{}\" <{}>", forged->display, forged->address));
    } else if (shows_address) {
      add("from.display-address", fmt::format("\"{}\" <{}>", from.display, from.address));
    }
    for (const auto& name : own.domains) {
      if (ours || !scan::is_lookalike(domain, name)) continue;
      add("from.lookalike", fmt::format("{} looks like {}", domain, name));
      break;
    }
    for (const auto& reply : facts.content->reply_to) {
      const auto elsewhere = domain_of(reply.address);
      if (elsewhere.empty() || elsewhere == domain ||
          auth::registrable_domain(elsewhere) == auth::registrable_domain(domain))
        continue;
      add("from.reply-elsewhere", fmt::format("from {}, answers to {}", domain, elsewhere));
      break;
    }
    co_return findings;
  }

 private:
  /// By a name, an address or a domain of ours in what is shown.
  static bool claims_us(const OwnNames& own, const scan::Person& person) {
    if (own.people.is_borrowed(person.display, person.address)) return true;
    const auto lower = mail::lower(person.display);
    return std::ranges::any_of(own.domains, [&](const auto& name) { return names_domain(lower, name); });
  }

  /// At a domain of ours, proven or not: `from.own-domain` tells. Or below one of ours, and proven.
  static bool is_at_home(const OwnNames& own, const std::vector<std::string>& proven, const std::string& domain) {
    if (own.is_ours(domain)) return true;
    const bool is_below =
        std::ranges::any_of(own.domains, [&](const auto& name) { return domain.ends_with("." + name); });
    return is_below && std::ranges::any_of(proven, [&](const auto& one) { return covers_domain(one, domain); });
  }

  /// Relaxed alignment: the same, or one above the other.
  static bool covers_domain(const std::string& proven, const std::string& domain) {
    return proven == domain || domain.ends_with("." + proven) || proven.ends_with("." + domain);
  }
};

}  // namespace

std::unique_ptr<Check> make_display(const CheckOptions&, ListWatch&) { return std::make_unique<Display>(); }

}  // namespace mailreeve::judge
