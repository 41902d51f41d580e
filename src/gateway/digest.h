// SPDX-License-Identifier: Apache-2.0
// Digests: tells recipients by mail what is held for them, as often as they want, and gives them links to decide.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/digest_page.h"
#include "gateway/link_token.h"
#include "gateway/mailer.h"
#include "store/vault.h"
#include "store/wishes.h"

namespace mailreeve::gateway {

constexpr auto link_time = std::chrono::hours{24 * 7};  // how long a link in a digest is good
constexpr std::size_t digest_items = 50;                // told one by one

struct DigestServices {
  store::Vault& vault;
  store::Wishes& wishes;
  Mailer& mailer;
  const LinkKey& key;
  const Current<Live>& live;
  std::function<std::string()> url;  // of the pages, without a slash at its end; "": there are none
  const Clock& clock;
  Random& random;
  Logger& log;
};

class Digest {
 public:
  explicit Digest(DigestServices services) : services_{std::move(services)} {}

  /// Sends what is due by now: to be called every minute. What a stop kept from being sent goes at the next start, and
  /// nothing goes twice. Answers how many were sent; trouble is logged, and tried again at the next call.
  Task<Result<std::size_t>> send_due();
  /// What is new for this recipient, or for everybody, whatever was wished.
  Task<Result<std::size_t>> send_now(std::optional<mail::Mailbox> recipient);

 private:
  struct Person {
    mail::Mailbox address;                     // without a +tag
    std::vector<store::HeldMessage> messages;  // newest first, at most digest_items
    std::size_t more = 0;
    std::optional<WallTime> newest;
    WallTime oldest;  // of all, those beyond `messages` too
  };
  using People = std::map<std::string, Person>;

  Task<Result<People>> collect(WallTime since, WallTime until, std::optional<std::string> owner);
  void add(People& people, const store::HeldMessage& message, const Live& live, WallTime until) const;
  std::optional<WallTime> due(const std::string& owner, const Person& person, const Live& live, WallTime now) const;
  Task<Result<bool>> send(std::string owner, Person person, std::optional<WallTime> slot, WallTime now);
  DigestItem item_of(const store::HeldMessage& message, const std::string& owner, const Live& live, WallTime now) const;

  DigestServices services_;
  std::optional<WallTime> done_until_;  // everything due by then was sent by this process
};

}  // namespace mailreeve::gateway
