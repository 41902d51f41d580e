// SPDX-License-Identifier: Apache-2.0
#include "config/known_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "config/values.h"

namespace mailreeve::config {
namespace {

using State = KnownKey::State;

// docs/settings.md describes each of them; a test compares.
constexpr KnownKey keys[] = {
    {"hostname"},
    {"data-dir"},
    {"contact"},
    {"user"},
    {"listener.role"},
    {"listener.address"},
    {"listener.tls"},
    {"listener.proxy-protocol"},
    {"web.url"},
    {"web.trusted-proxies"},
    {"web.session-idle"},
    {"web.session-max"},
    {"web.audit-keep"},
    {"tls.certificate"},
    {"tls.key"},
    {"tls.minimum"},
    {"domain.name"},
    {"domain.deliver"},
    {"domain.recipients"},
    {"domain.accept-any"},
    {"domain.handover"},
    {"domain.aliases"},
    {"domain.policy"},
    {"domain.may-choose"},
    {"domain.weight.*"},
    {"recipients.*.kind"},
    {"recipients.*.file"},
    {"recipients.*.url"},
    {"recipients.*.base"},
    {"recipients.*.filter"},
    {"recipients.*.bind-dn"},
    {"recipients.*.bind-password-file"},
    {"recipients.*.start-tls"},
    {"recipients.*.ca-file"},
    {"recipients.*.timeout"},
    {"recipients.*.query"},
    {"recipients.*.cache.found"},
    {"recipients.*.cache.missing"},
    {"recipients.*.when-down"},
    {"relay.networks"},
    {"relay.require-valid-sender", State::later},
    {"relay.rate-limit", State::later},
    {"relay.users", State::later},
    {"outbound.retry"},
    {"outbound.give-up"},
    {"outbound.warn-after", State::later},
    {"outbound.per-destination.connections"},
    {"outbound.per-destination.messages-per-connection"},
    {"outbound.connect-timeout"},
    {"outbound.idle-connection"},
    {"outbound.handover-patience"},
    {"outbound.source", State::later},
    {"outbound.tls", State::later},
    {"outbound.return-receipts", State::later},
    {"dns.resolver"},
    {"dns.timeout"},
    {"dns.zone-file"},
    {"dns.trust-anchor"},
    {"store.engine"},
    {"log.format"},
    {"log.level"},
    {"limits.message-size"},
    {"limits.recipients"},
    {"limits.connections"},
    {"limits.connections-per-address"},
    {"limits.unlimited"},
    {"limits.errors"},
    {"limits.idle-commands"},
    {"limits.transactions"},
    {"limits.command-timeout"},
    {"limits.data-timeout"},
    {"limits.memory-body"},
    {"limits.min-free-disk"},
    {"limits.drain"},
    {"doctor", State::later},
    {"harvest.unknown-limit"},
    {"harvest.window"},
    {"harvest.block"},
    {"dkim", State::later},
    {"checks.enabled"},
    {"checks.rdns.enabled"},
    {"checks.dnsbl.enabled"},
    {"checks.dnsbl.recheck"},
    {"checks.dnsbl.lists.zone"},
    {"checks.dnsbl.lists.finding"},
    {"checks.dnsbl.lists.weight"},
    {"checks.dnsbl.lists.codes.answer"},
    {"checks.dnsbl.lists.codes.weight"},
    {"checks.dnsbl.lists.codes.finding"},
    {"checks.pregreet.enabled"},
    {"checks.pregreet.delay"},
    {"checks.helo.enabled"},
    {"checks.sender.enabled"},
    {"checks.from-domain.enabled"},
    {"checks.rhsbl.enabled"},
    {"checks.rhsbl.lists.zone"},
    {"checks.rhsbl.lists.finding"},
    {"checks.rhsbl.lists.weight"},
    {"checks.rhsbl.lists.of"},
    {"checks.rhsbl.lists.codes.answer"},
    {"checks.rhsbl.lists.codes.weight"},
    {"checks.rhsbl.lists.codes.finding"},
    {"checks.spf.enabled"},
    {"checks.recipients.enabled"},
    {"checks.recipients.maximum"},
    {"checks.dkim.enabled"},
    {"checks.dkim.signatures"},
    {"checks.arc.enabled"},
    {"checks.arc.trusted"},
    {"checks.dmarc.enabled"},
    {"checks.lists.enabled"},
    {"checks.lists.block"},
    {"checks.lists.allow"},
    {"checks.callout.enabled"},
    {"checks.callout.only-without"},
    {"checks.callout.limit"},
    {"checks.callout.connect-back"},
    {"checks.callout.port"},
    {"checks.connect-back.enabled"},
    {"checks.greylist.when"},
    {"checks.greylist.delay"},
    {"checks.greylist.retry-within"},
    {"checks.greylist.remember"},
    {"checks.tarpit.delay"},
    {"checks.rate.connections"},
    {"checks.rate.messages"},
    {"checks.content.enabled"},
    {"checks.attachment.enabled"},
    {"checks.attachment.block"},
    {"checks.attachment.inside-archives"},
    {"checks.attachment.encrypted-archives"},
    {"checks.url.enabled"},
    {"checks.url.brands"},
    {"checks.url-lists.enabled"},
    {"checks.display.enabled"},
    {"checks.display.people"},
    {"scan.cells"},
    {"scan.time-limit"},
    {"checks.virus.enabled"},
    {"checks.virus.clamd"},
    {"checks.virus.icap"},
    {"checks.virus.when-down"},
    {"checks.virus.time-limit"},
    {"checks.rspamd.enabled"},
    {"checks.rspamd.server"},
    {"checks.rspamd.password"},
    {"checks.rspamd.time-limit"},
    {"checks.rspamd.weight"},
    {"checks.rspamd.most-bytes"},
    {"checks.spamassassin.enabled"},
    {"checks.spamassassin.server"},
    {"checks.spamassassin.user"},
    {"checks.spamassassin.time-limit"},
    {"checks.spamassassin.weight"},
    {"checks.spamassassin.most-bytes"},
    {"checks.header.enabled"},
    {"checks.language.enabled"},
    {"checks.language.unwanted"},
    {"checks.bayes.enabled"},
    {"checks.bayes.min-learned"},
    {"checks.bayes.per-domain"},
    {"checks.keyword.enabled"},
    {"checks.keyword.rule.name"},
    {"checks.keyword.rule.match"},
    {"checks.keyword.rule.in"},
    {"checks.keyword.rule.weight"},
    {"policy.*.like"},
    {"policy.*.tag"},
    {"policy.*.greylist"},
    {"policy.*.quarantine"},
    {"policy.*.reject"},
    {"policy.*.subject-prefix"},
    {"policy.*.action.*"},
    {"policy.*.weight.*"},
    {"policy.*.lists.block"},
    {"policy.*.lists.allow"},
    {"policy.*.label"},
    {"policy.*.digest"},
    {"policy.*.keep-refused"},
    {"policy.*.not-kept"},
    {"policy.*.notify", State::later},
    {"recipient.address"},
    {"recipient.policy"},
    {"recipient.weight.*"},
    {"history.keep"},
    {"quarantine.keep"},
    {"quarantine.max-size"},
    {"quarantine.digest-at"},
    {"quarantine.digest-from"},
    {"quarantine.ask-only"},
};

std::string_view first_of(std::string_view path) { return path.substr(0, path.find('.')); }

/// Walks the document and the table of keys side by side.
class Walk {
 public:
  explicit Walk(Problems& problems) : problems_{problems} {}

  /// `known`: what may follow below `section`.
  void look_at(const Node& table, const std::vector<KnownKey>& known, const std::string& section) {
    for (const auto& entry : table.entries) {
      const auto path = section.empty() ? entry.key : section + "." + entry.key;
      std::vector<KnownKey> below;
      bool matched = false;
      bool ends_here = false;
      bool later = false;
      for (const auto& key : known) {
        const auto first = first_of(key.path);
        if (first != entry.key && first != "*") continue;
        matched = true;
        if (first.size() == key.path.size()) {
          ends_here = true;
          later = key.state == State::later;
        } else {
          below.push_back({key.path.substr(first.size() + 1), key.state});
        }
      }
      if (!matched) {
        problems_.error(entry.place, unknown(entry.key, known, section));
      } else if (later) {
        problems_.warning(entry.place, fmt::format("{} is known, but this version does not act on it yet", path));
      } else if (!ends_here) {
        descend(entry.value, below, path);
      }
    }
  }

 private:
  void descend(const Node& value, const std::vector<KnownKey>& below, const std::string& path) {
    if (value.is_table()) return look_at(value, below, path);
    for (const auto& item : value.items) {
      if (item.is_table()) look_at(item, below, path);
    }
  }

  static std::string unknown(const std::string& key, const std::vector<KnownKey>& known, const std::string& section) {
    const auto where = section.empty() ? std::string{} : fmt::format(" in [{}]", section);
    std::vector<std::string_view> siblings;
    for (const auto& sibling : known) siblings.push_back(first_of(sibling.path));
    if (const auto meant = nearest(key, siblings)) {
      return fmt::format("unknown key \"{}\"{}; did you mean \"{}\"?", key, where, *meant);
    }
    for (const auto& other : keys) {
      const auto dot = other.path.rfind('.');
      if (dot == std::string_view::npos || other.path.substr(dot + 1) != key) continue;
      return fmt::format("unknown key \"{}\"{}; it belongs in [{}]", key, where, other.path.substr(0, dot));
    }
    const bool at_top = std::ranges::any_of(keys, [&](const auto& other) { return other.path == key; });
    if (at_top) {
      return fmt::format("unknown key \"{}\"{}; it belongs at the top of the file, before the first section", key,
                         where);
    }
    std::vector<std::string_view> unique;
    for (const auto name : siblings) {
      if (std::ranges::find(unique, name) == unique.end()) unique.push_back(name);
    }
    return fmt::format("unknown key \"{}\"{}; known are {}", key, where, fmt::join(unique, ", "));
  }

  Problems& problems_;
};

}  // namespace

std::span<const KnownKey> known_keys() { return keys; }

void check_keys(const Node& document, Problems& problems) {
  Walk{problems}.look_at(document, {std::begin(keys), std::end(keys)}, "");
}

}  // namespace mailreeve::config
