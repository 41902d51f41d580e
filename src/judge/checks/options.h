// SPDX-License-Identifier: Apache-2.0
// [checks.*] and [harvest] of the settings, as values.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/ip.h"
#include "judge/bayes.h"
#include "judge/keywords.h"
#include "judge/people.h"
#include "judge/sender_lists.h"
#include "judge/spam_engine.h"
#include "judge/virus.h"

namespace mailreeve::judge {

/// One zone of [checks.dnsbl] or [checks.rhsbl].
struct ListZone {
  std::string zone;     // "zen.spamhaus.org", without final dot
  std::string finding;  // the code it makes: "dnsbl.spamhaus", "dnswl"
  double weight = 0;    // negative: a list of good ones
  struct Code {
    IpNetwork answers;  // "127.0.0.2", "127.0.0.8/29"
    double weight = 0;
    std::string finding;  // empty: as the zone's
  };
  std::vector<Code> codes;  // empty: every answer in 127/8 counts with `weight`. Otherwise only those named count
  enum class Of : std::uint8_t { mail_from, header_from, helo, urls };
  std::vector<Of> of;  // rhsbl only
};

struct DnsblOptions {
  std::vector<ListZone> lists;
  std::chrono::seconds recheck{3600};  // how often a list is asked for its test entries (RFC 5782 5)
  std::chrono::milliseconds time_limit{2000};
};
struct RhsblOptions {
  std::vector<ListZone> lists;
  std::chrono::milliseconds time_limit{2000};
};

struct GreylistOptions {
  std::vector<std::string> when;              // findings (see `covers`); empty: only by score or action
  std::chrono::seconds delay{180};            // first seen to first let in
  std::chrono::seconds retry_within{172800};  // 2 days: the second try must come before
  std::chrono::seconds remember{3110400};     // 36 days: a passed triplet, renewed by use
};

struct CalloutOptions {
  std::vector<std::string> only_without{"spf.pass", "dkim.pass"};
  unsigned limit_count = 10;  // "10/h per domain"
  std::chrono::seconds limit_window{3600};
  std::chrono::milliseconds time_limit{8000};
  bool connect_back = false;  // whether the client itself takes mail
  unsigned port = 25;         // for tests on loopback
};

struct RecipientsOptions {
  unsigned maximum = 100;  // more is a finding; the hard limit is limits.recipients
};

struct PregreetOptions {
  std::chrono::milliseconds delay{0};  // how long the greeting waits; who speaks meanwhile is an early talker
};

struct TarpitOptions {
  std::chrono::milliseconds delay{0};  // before every refusal of a recipient or message
};

/// "60/1m": at most so many in the window; 0: no limit.
struct Rate {
  unsigned count = 0;
  std::chrono::seconds window{60};
};
struct RateOptions {
  Rate connections;  // of one address or network
  Rate messages;
};

struct HarvestOptions {
  unsigned unknown_limit = 5;  // unknown recipients within `window` from one address; 0: no limit
  std::chrono::seconds window{600};
  std::chrono::seconds block{3600};
};

struct ArcOptions {
  std::set<std::string, std::less<>> trusted;  // sealers' domains that may override DMARC
};

struct DkimCheckOptions {
  unsigned signatures = 10;  // of one message that are verified
};

struct AttachmentOptions {
  std::set<std::string, std::less<>> block{"executable", "script", "screensaver", "shortcut", "disk-image"};
  bool inside_archives = true;
  std::string encrypted_archives = "none";  // what `attachment.encrypted` does by itself where a policy says nothing
};

struct LanguageOptions {
  std::set<std::string, std::less<>> unwanted;  // ISO 639-1
};

struct UrlOptions {
  std::vector<std::string> brands;  // domains whose look-alikes are told, beside our own and the built-in ones
};

struct DisplayOptions {
  std::vector<NamedPerson> people;  // beside those whom recipient lists name; `address`: theirs outside
};

/// What they call spam is about +5 with us: Rspamd's 6 points (add header), SpamAssassin's 5.
constexpr double rspamd_weight = 0.8;
constexpr double spamassassin_weight = 1.0;
constexpr std::uint64_t rspamd_most_bytes = 5U << 20;
constexpr std::uint64_t spamassassin_most_bytes = 1U << 20;

struct CheckOptions {
  std::set<std::string, std::less<>> disabled;  // names of checks turned off
  std::set<std::string, std::less<>> enabled;   // turned on that are off by default
  DnsblOptions dnsbl;
  RhsblOptions rhsbl;
  GreylistOptions greylist;
  CalloutOptions callout;
  RecipientsOptions recipients;
  PregreetOptions pregreet;
  TarpitOptions tarpit;
  RateOptions rate;
  HarvestOptions harvest;
  ArcOptions arc;
  DkimCheckOptions dkim;
  AttachmentOptions attachment;
  UrlOptions url;
  DisplayOptions display;
  VirusOptions virus;
  SpamEngineOptions rspamd{rspamd_weight, rspamd_most_bytes};
  SpamEngineOptions spamassassin{spamassassin_weight, spamassassin_most_bytes};
  LanguageOptions language;
  BayesOptions bayes;
  std::shared_ptr<const KeywordSet> keywords;  // null: no rule
  SenderLists lists;
};

}  // namespace mailreeve::judge
