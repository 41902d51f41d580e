// SPDX-License-Identifier: Apache-2.0
// Is one of the names that this mail uses for itself on a list of domains?
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/checks/all.h"
#include "judge/checks/list_answer.h"
#include "judge/checks/side_by_side.h"
#include "judge/list_watch.h"
#include "mail/address.h"

namespace mailreeve::judge {
namespace {

using Of = ListZone::Of;

constexpr FindingKind kinds[] = {
    {"rhsbl.*", 0, "A domain of this mail is on a list of domains; name and weight are set at the list."},
    {"rhsbl.refused", 0, "A list would not answer us: it says nothing about the domain."},
    {"rhsbl.temperror", 0, "A list could not be asked."},
};
constexpr CheckInfo about{"rhsbl", Stage::message, "Is a domain of this mail on a list?", "RFC 5782 2.5", kinds};
constexpr FindingKind url_kinds[] = {
    {"url.listed", 0, "A link leads to a domain on a list; the weight is set at the list."},
    {"url.list-refused", 0, "A list would not answer us about a link."},
    {"url.list-temperror", 0, "A list could not be asked about a link."},
};
constexpr CheckInfo about_urls{"url-lists", Stage::alignment, "Does a link lead to a domain on a list?", "RFC 5782 2.5",
                               url_kinds};
constexpr std::size_t most_names = 20;

struct Subject {
  std::string name, role;
};

std::vector<Subject> subjects_of(const Facts& facts, const std::vector<Of>& of) {
  std::vector<Subject> subjects;
  const auto add = [&subjects](const std::string& name, const char* role) {
    if (name.empty() || name.front() == '[' || name.find('.') == std::string::npos || subjects.size() >= most_names)
      return;
    // Lists of domains answer to an address with a code of error, or with a listing.
    if (IpAddress::parse(name)) return;
    for (const auto& one : {name, auth::registrable_domain(name)}) {
      const bool known = std::ranges::any_of(subjects, [&](const auto& other) { return other.name == one; });
      if (!one.empty() && !known) subjects.push_back({one, role});
    }
  };
  for (const auto role : of) {
    if (role == Of::mail_from && facts.sender) add(facts.sender->domain().text(), "envelope sender");
    if (role == Of::helo) {
      const auto domain = mail::Domain::parse(facts.helo());
      if (domain) add(domain->text(), "HELO");
    }
    if (role == Of::header_from) {
      for (const auto& domain : facts.authors.domains) add(domain, "From");
    }
    if (role == Of::urls && facts.content) {
      for (const auto& link : facts.content->links) add(link.host, "link");
    }
  }
  return subjects;
}

/// Names of the envelope and header are asked about as soon as they are known, those of links when they were read.
class Rhsbl final : public Check {
 public:
  Rhsbl(const CheckInfo& about_it, RhsblOptions options, ListWatch& watch)
      : info_{about_it}, options_{std::move(options)}, watch_{watch} {
    const bool of_links = &info_ == &about_urls;
    for (auto& zone : options_.lists) {
      std::erase_if(zone.of, [of_links](Of of) { return (of == Of::urls) != of_links; });
      if (of_links) zone.finding = "url.listed";
    }
  }
  const CheckInfo& info() const override { return info_; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    std::vector<Task<Asked>> tasks;
    for (const auto& zone : options_.lists) {
      if (!watch_.is_usable(zone.zone)) continue;
      for (auto& subject : subjects_of(facts, zone.of)) tasks.push_back(ask(context.dns, zone, std::move(subject)));
    }
    if (tasks.empty()) co_return findings;
    const auto count = tasks.size();
    auto answers = co_await side_by_side(context.spawner, std::move(tasks), options_.time_limit, context.owner.lock());
    const auto add = [&findings](Finding finding) {
      const auto known = std::ranges::find_if(findings, [&](const auto& other) { return other.code == finding.code; });
      if (known == findings.end()) {
        findings.push_back(std::move(finding));
      } else if (std::abs(finding.weight) > std::abs(known->weight)) {
        *known = std::move(finding);  // whichever answer came first
      }
    };
    std::ranges::sort(answers, {}, &Asked::zone);  // as they came would be another order each time
    for (auto& [zone, verdict] : answers) {
      if (!verdict.refusal.empty()) {
        watch_.saw_refusal(zone, verdict.refusal);
        add({std::string{refused()}, 0, fmt::format("{} answers {}", zone, verdict.refusal), {}});
      }
      if (verdict.failed) add({std::string{failed()}, 0, fmt::format("{} does not answer", zone), {}});
      for (auto& finding : verdict.findings) add(std::move(finding));
    }
    if (answers.size() < count) add({std::string{failed()}, 0, "some lists were too slow", {}});
    co_return findings;
  }

 private:
  struct Asked {
    std::string zone;
    ListVerdict verdict;
  };
  static Task<Asked> ask(dns::Resolver& resolver, ListZone zone, Subject subject) {
    auto verdict = co_await ask_list(resolver, zone, subject.name, fmt::format("{} ({})", subject.name, subject.role));
    co_return Asked{zone.zone, std::move(verdict)};
  }

  std::string_view refused() const { return info_.findings[1].code; }
  std::string_view failed() const { return info_.findings[2].code; }

  const CheckInfo& info_;
  RhsblOptions options_;
  ListWatch& watch_;
};

}  // namespace

std::unique_ptr<Check> make_rhsbl(const CheckOptions& options, ListWatch& watch) {
  return std::make_unique<Rhsbl>(about, options.rhsbl, watch);
}

std::unique_ptr<Check> make_url_lists(const CheckOptions& options, ListWatch& watch) {
  return std::make_unique<Rhsbl>(about_urls, options.rhsbl, watch);
}

}  // namespace mailreeve::judge
