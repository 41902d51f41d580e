// SPDX-License-Identifier: Apache-2.0
#include "judge/greylist.h"

#include <fmt/format.h>

#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

/// Whom this mail comes from, as far as it is proven.
std::string origin_of(const Facts& facts) {
  const auto proven = facts.proven_domains();
  if (!proven.empty()) return "domain:" + proven.front();
  if (!facts.session->name.confirmed.empty()) {
    auto owner = auth::registrable_domain(facts.session->name.confirmed);
    if (!owner.empty()) return "host:" + owner;
  }
  return "net:" + network_of(facts.client());
}

}  // namespace

std::string network_of(const IpAddress& client) {
  constexpr unsigned prefix4 = 24;
  constexpr unsigned prefix6 = 64;
  const unsigned prefix = client.is_v4() ? prefix4 : prefix6;
  std::string bytes{reinterpret_cast<const char*>(client.data()), client.bits() / 8};
  for (std::size_t i = prefix / 8; i < bytes.size(); ++i) bytes[i] = 0;
  return IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()).text();
}

std::string let_in_key(std::string_view sender, std::string_view recipient, const IpAddress& client) {
  const auto who = sender.empty() ? "<>" + network_of(client) : mail::lower(sender);
  return fmt::format("let-in:{}|{}", who, mail::lower(recipient));
}

Task<Greylist::Answer> Greylist::ask(const Facts& facts, const mail::Mailbox& recipient, const GreylistOptions& options,
                                     WallTime now) {
  const auto sender = facts.sender ? facts.sender->domain().text() : std::string{"<>"};
  const auto who = fmt::format("{}|{}", origin_of(facts), sender);
  const auto pass_key = "grey-pass:" + who;
  const auto passed = co_await marks_.find(pass_key, now);
  if (passed) {
    co_await marks_.add(pass_key, 1, now, options.remember, true);
    co_return Answer{true, {}};
  }
  const auto sender_text = facts.sender ? facts.sender->text() : std::string{};
  const auto let_in = co_await marks_.find(let_in_key(sender_text, recipient.text(), facts.client()), now);
  if (let_in) co_return Answer{true, {}};
  const auto key = fmt::format("grey:{}|{}", who, mail::lower(recipient.text()));
  const auto seen = co_await marks_.add(key, 1, now, options.retry_within);
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - seen.first);
  if (seen.value > 1 && age >= options.delay) {
    co_await marks_.add(pass_key, 1, now, options.remember, true);
    co_await marks_.erase(key);
    co_return Answer{true, {}};
  }
  co_return Answer{false, options.delay - age};
}

}  // namespace mailreeve::judge
