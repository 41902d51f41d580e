// SPDX-License-Identifier: Apache-2.0
#include "judge/sender_lists.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

using Kind = ListEntry::Kind;

constexpr double listed_weight = 20.0;

constexpr std::pair<std::string_view, Kind> kinds[] = {{"ip", Kind::ip},
                                                       {"helo", Kind::helo},
                                                       {"from-envelope", Kind::from_envelope},
                                                       {"from-header", Kind::from_header},
                                                       {"domain", Kind::domain}};

bool is_below(std::string_view name, std::string_view domain) {
  return name.size() > domain.size() && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.';
}

/// "mail.example.org", or "*.example.org" for everything below it.
bool matches_name(std::string_view pattern, std::string_view name) {
  if (pattern.starts_with("*.")) return is_below(name, pattern.substr(2));
  return name == pattern;
}

/// "a@b", "*@b", "b", "*@*.b": an address of lower case.
bool matches_address(std::string_view pattern, std::string_view address) {
  const auto split = address.rfind('@');
  if (split == std::string_view::npos) return false;
  const auto domain = address.substr(split + 1);
  const auto at = pattern.rfind('@');
  if (at == std::string_view::npos) return matches_name(pattern, domain);
  const auto local = pattern.substr(0, at);
  return (local == "*" || local.empty() || local == address.substr(0, split)) &&
         matches_name(pattern.substr(at + 1), domain);
}

/// What in these facts the entry is about, or nothing.
std::optional<std::string> match(const ListEntry& entry, const Facts& facts) {
  switch (entry.kind) {
    case Kind::ip:
      if (entry.network && entry.network->contains(facts.client())) return facts.client().text();
      break;
    case Kind::helo:
      if (matches_name(entry.pattern, mail::lower(facts.helo()))) return facts.helo();
      break;
    case Kind::from_envelope:
      if (facts.sender && matches_address(entry.pattern, mail::lower(facts.sender->text()))) {
        return facts.sender->text();
      }
      break;
    case Kind::from_header:
      for (const auto& author : facts.authors.addresses) {
        if (matches_address(entry.pattern, mail::lower(author.address))) return author.address;
      }
      break;
    case Kind::domain:
      for (const auto& domain : facts.proven_domains()) {
        if (domain == entry.pattern || is_below(domain, entry.pattern)) return domain;
      }
      break;
  }
  return std::nullopt;
}

std::string printable(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return text;
}

}  // namespace

Result<ListEntry> parse_list_entry(std::string_view text) {
  const auto colon = text.find(':');
  const auto word = text.substr(0, colon);
  const auto* kind = std::ranges::find(kinds, word, &std::pair<std::string_view, Kind>::first);
  if (colon == std::string_view::npos || kind == std::end(kinds) || colon + 1 == text.size()) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is no entry; write \"ip:192.0.2.0/24\", \"helo:mail.example.org\", "
                            "\"from-envelope:*@example.org\", \"from-header:a@example.org\" or \"domain:example.org\"",
                            text));
  }
  ListEntry entry;
  entry.kind = kind->second;
  entry.text = text;
  entry.pattern = mail::lower(text.substr(colon + 1));
  if (entry.kind == Kind::ip) {
    auto network = IpNetwork::parse(entry.pattern);
    if (!network) return fail(network);
    entry.network = *network;
  } else if (entry.kind == Kind::domain || entry.kind == Kind::helo) {
    auto name = std::string_view{entry.pattern};
    const bool below = name.starts_with("*.");
    if (below) name.remove_prefix(2);
    const bool literal = entry.kind == Kind::helo && name.starts_with('[');
    const auto domain = mail::Domain::parse(name);
    if (!literal && (!domain || domain->is_literal())) {
      return fail(ErrorKind::invalid, fmt::format("\"{}\": {} is no domain", text, entry.pattern));
    }
    if (!literal) entry.pattern = (below && entry.kind == Kind::helo ? "*." : "") + domain->text();
  }
  return entry;
}

Findings SenderLists::match(const Facts& facts) const {
  Findings findings;
  const auto look = [&](const std::vector<ListEntry>& entries, const char* code, double weight) {
    for (const auto& entry : entries) {
      const auto what = judge::match(entry, facts);
      if (what) findings.push_back({code, weight, printable(fmt::format("{} ({})", entry.text, *what)), "lists"});
    }
  };
  look(block, "lists.block", listed_weight);
  look(allow, "lists.allow", -listed_weight);
  return findings;
}

const ListEntry* SenderLists::blocked_address(const IpAddress& client) const {
  const auto matches = [&](const ListEntry& entry) {
    return entry.kind == Kind::ip && entry.network && entry.network->contains(client);
  };
  if (std::ranges::any_of(allow, matches)) return nullptr;
  const auto found = std::ranges::find_if(block, matches);
  return found == block.end() ? nullptr : &*found;
}

}  // namespace mailreeve::judge
