// SPDX-License-Identifier: Apache-2.0
// Do the links in the text lead where they seem to?
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "judge/checks/all.h"
#include "mail/characters.h"
#include "scan/links.h"
#include "scan/lookalike.h"
#include "scan/wrapped.h"

namespace mailreeve::judge {
namespace {

using scan::Link;

constexpr FindingKind kinds[] = {
    {"url.mismatch", 3.0, "A link shows one host and leads to another; a third of the weight in newsletters."},
    {"url.counted", 0, "A link shows one host and leads to a service that counts clicks for senders."},
    {"url.lookalike", 4.0, "A link's host looks like one of ours, or like one that is often forged."},
    {"url.address", 2.0, "A link leads to an address instead of a name."},
    {"url.userinfo", 3.0, "A link hides its host behind a name and an @."},
    {"url.punycode", 0.5, "A link's host has letters beyond US-ASCII."},
    {"url.shortener", 0.5, "A link goes through a service that hides where it leads."},
    {"url.qr", 0.5, "A QR code in a picture leads to an address."},
    {"url.many", 0.5, "The message has very many links."},
    {"url.foreign", 0, "None of the links leads to the sender's own domain."},
};
constexpr CheckInfo about{"url", Stage::alignment, "Do its links lead where they seem to?", "WHATWG URL, UTS 39",
                          kinds};

constexpr std::uint32_t many_links = 100;
constexpr double of_newsletters = 1.0 / 3;  // they count clicks at hosts of their own

constexpr std::string_view shorteners[] = {"bit.ly",    "tinyurl.com", "t.co",    "goo.gl",  "ow.ly",       "is.gd",
                                           "buff.ly",   "rebrand.ly",  "cutt.ly", "rb.gy",   "shorturl.at", "tiny.cc",
                                           "s.id",      "t.ly",        "lnkd.in", "bl.ink",  "v.gd",        "qrco.de",
                                           "linktr.ee", "adf.ly",      "t2m.io",  "urlz.fr", "shorte.st",   "soo.gd"};

double weight_of(std::string_view code) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return kind.weight;
  }
  return 0;
}

void add(Findings& findings, std::string_view code, const Link& link, std::string text) {
  add_note(findings, {std::string{code}, link.place, std::move(text)}, weight_of(code));
}

std::string owner_of(const std::string& host) {
  auto owner = auth::registrable_domain(host);
  return owner.empty() ? host : owner;
}

class Urls final : public Check {
 public:
  explicit Urls(UrlOptions options) : options_{std::move(options)} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.content) co_return findings;
    const auto& content = *facts.content;
    std::set<std::string> hosts;
    bool any_own = false;
    const bool has_header = facts.message && facts.message->header_complete() && !facts.message->header_too_big();
    const bool is_newsletter = has_header && facts.message->header().first("List-Unsubscribe") != nullptr;
    for (const auto& link : content.links) {
      if (link.host.empty()) continue;
      const bool is_new = hosts.insert(link.host).second;
      look_at(link, facts, is_newsletter, findings);
      if (is_new) look_at_host(link, context.own, findings);
      for (const auto& domain : facts.authors.domains) any_own = any_own || owner_of(link.host) == owner_of(domain);
    }
    if (content.link_count > many_links) {
      add_note(findings, {"url.many", {}, fmt::format("{} links", content.link_count)}, weight_of("url.many"));
    }
    if (!hosts.empty() && !any_own && !facts.authors.domains.empty()) {
      add_note(findings,
               {"url.foreign", {}, fmt::format("{} hosts, none of {}", hosts.size(), facts.authors.domains.front())},
               weight_of("url.foreign"));
    }
    co_return findings;
  }

 private:
  /// Another host of the same owner is how newsletters count; another owner is how people are led astray.
  static void look_at_shown(const Link& link, const Facts& facts, bool is_newsletter, Findings& findings) {
    const auto shown = scan::host_shown(link.shown);
    if (shown.empty() || is_of_same_owner(shown, link.host)) return;
    // Mail filters and search engines lead there by a detour that says so itself.
    const auto inner_urls =
        scan::is_honest_wrapper(link.host) ? scan::wrapped_urls(link.url) : std::vector<std::string>{};
    for (const auto& inner : inner_urls) {
      const auto target = scan::parse_url(inner);
      if (target && is_of_same_owner(shown, target->host)) return;
    }
    const auto text = fmt::format("shows {}, leads to {}", shown, link.host);
    // Thieves count clicks, too: what is shown must be the sender's own, or the mail a newsletter.
    const bool is_own =
        std::ranges::any_of(facts.authors.domains, [&](const auto& domain) { return is_of_same_owner(shown, domain); });
    if (scan::is_click_counter(link.host) && (is_own || is_newsletter)) {
      add(findings, "url.counted", link, text);
    } else {
      const auto part = is_newsletter ? of_newsletters : 1.0;
      add_note(findings, {"url.mismatch", link.place, text}, part * weight_of("url.mismatch"));
    }
  }

  static bool is_of_same_owner(const std::string& shown, const std::string& host) {
    const auto a = owner_of(shown);
    const auto b = owner_of(host);
    return a == b || scan::is_same_service(a, b);
  }

  static void look_at(const Link& link, const Facts& facts, bool is_newsletter, Findings& findings) {
    if (link.kind == Link::Kind::anchor) look_at_shown(link, facts, is_newsletter, findings);
    if (link.kind == Link::Kind::qr) add(findings, "url.qr", link, link.url.substr(0, 120));
    const auto url = scan::parse_url(link.url);
    if (!url || link.kind == Link::Kind::image) return;
    // "user@github.com" is how tools log in; "www.bank.example@evil.example" is how people are led astray.
    if (url->userinfo.find('.') != std::string::npos) add(findings, "url.userinfo", link, link.url.substr(0, 120));
    const auto address = url->is_address ? IpAddress::parse(url->host) : std::nullopt;
    const bool is_inside = address && (address->is_private() || address->is_loopback());
    if (url->is_address && !is_inside) add(findings, "url.address", link, link.url.substr(0, 120));
  }

  void look_at_host(const Link& link, const OwnNames& own, Findings& findings) const {
    if (link.host.find("xn--") != std::string::npos) add(findings, "url.punycode", link, link.host);
    const auto is_it = [&](std::string_view known) { return link.host == known; };
    if (std::ranges::any_of(shorteners, is_it)) add(findings, "url.shortener", link, link.host);
    if (link.kind == Link::Kind::image) return;
    const auto owner = owner_of(link.host);
    for (const auto* list : {&own.domains, &options_.brands}) {
      for (const auto& brand : *list) {
        if (!scan::is_lookalike(owner, brand)) continue;
        add(findings, "url.lookalike", link, fmt::format("{} looks like {}", link.host, brand));
        return;
      }
    }
    if (const auto borrowed = scan::borrowed_brand(link.host, owner); !borrowed.empty()) {
      add(findings, "url.lookalike", link, fmt::format("{} begins like {}, but is of {}", link.host, borrowed, owner));
    } else if (const auto brand = scan::forged_brand(owner); !brand.empty()) {
      add(findings, "url.lookalike", link, fmt::format("{} looks like {}", link.host, brand));
    }
  }

  UrlOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_url(const CheckOptions& options, ListWatch&) { return std::make_unique<Urls>(options.url); }

}  // namespace mailreeve::judge
