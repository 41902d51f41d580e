// SPDX-License-Identifier: Apache-2.0
#include "judge/wishes.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

struct Match {
  std::string entry, address;
};

/// An address is closer than any domain, a longer domain closer than one above it.
std::pair<bool, std::size_t> closeness(const std::string& entry) {
  return {entry.find('@') != std::string::npos, entry.size()};
}

std::optional<Match> closest(const std::vector<std::string>& list, const std::vector<std::string>& addresses) {
  std::optional<Match> best;
  for (const auto& address : addresses) {
    auto entry = store::find_entry(list, address);
    if (entry && (!best || closeness(*entry) > closeness(best->entry))) best = Match{std::move(*entry), address};
  }
  return best;
}

std::string evidence(const Match& match, std::string_view what) {
  auto text = fmt::format("{} is {} by this recipient ({})", match.address, what, match.entry);
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return text;
}

}  // namespace

bool is_author_proven(const Facts& facts) {
  const auto& authors = facts.authors;
  if (authors.fields != 1 || authors.addresses.size() != 1 || authors.domains.size() != 1) return false;
  const auto& author = authors.domains.front();
  if (facts.dmarc && facts.dmarc->result == auth::DmarcResult::pass && facts.dmarc->from_domain == author) return true;
  const auto owner = auth::registrable_domain(author);
  return std::ranges::any_of(facts.proven_domains(), [&](const std::string& proven) {
    return proven == author || (!owner.empty() && auth::registrable_domain(proven) == owner);
  });
}

Findings match_wishes(const store::Wish& wish, const Facts& facts) {
  if (wish.allow.empty() && wish.block.empty()) return {};
  std::vector<std::string> authors;
  for (const auto& author : facts.authors.addresses) authors.push_back(author.address);
  std::optional<Match> allowed;
  if (!wish.allow.empty() && is_author_proven(facts)) allowed = closest(wish.allow, authors);
  if (facts.sender) authors.push_back(facts.sender->text());
  const auto blocked = closest(wish.block, authors);
  if (blocked && (!allowed || closeness(allowed->entry) <= closeness(blocked->entry))) {
    return {{std::string{wish_block}, 0, evidence(*blocked, "blocked"), "wish"}};
  }
  if (allowed) return {{std::string{wish_allow}, 0, evidence(*allowed, "allowed"), "wish"}};
  return {};
}

}  // namespace mailreeve::judge
