// SPDX-License-Identifier: Apache-2.0
#include "scan/wrapped.h"

#include <algorithm>

#include "mail/characters.h"
#include "scan/links.h"
#include "scan/percent.h"
#include "scan/transfer.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t most = 3;
constexpr std::size_t longest = 2'000;

bool is_under(std::string_view host, std::string_view known) {
  if (!host.ends_with(known)) return false;
  return host.size() == known.size() || host[host.size() - known.size() - 1] == '.';
}

bool is_web(std::string_view text) {
  const auto begins = [text](std::string_view with) {
    return text.size() > with.size() && mail::equals_ignoring_case(text.substr(0, with.size()), with);
  };
  return begins("http://") || begins("https://");
}

class Targets {
 public:
  void add(const std::string& text) {
    if (found_.size() == most || !is_web(text)) return;
    const auto url = parse_url(text);
    if (url && std::ranges::find(found_, url->text) == found_.end()) found_.push_back(url->text);
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  std::vector<std::string> found_;
};

/// Proofpoint 2: "_" stands for "/" and "-" for "%".
std::string proofpoint_2(std::string text) {
  std::ranges::replace(text, '_', '/');
  return percent_decoded(text, '-');
}

void look_at_parameter(std::string_view host, std::string_view name, std::string_view value, Targets& targets) {
  if (name == "u" && host.starts_with("urldefense.") && !value.starts_with("http%")) {
    targets.add(proofpoint_2(std::string{value}));
  } else if (name == "u" && host.ends_with(".protection.sophos.com")) {
    const auto readings = decode(percent_decoded(value), Coding::base64, longest);
    if (!readings.bytes.empty()) targets.add(readings.bytes.front());
  } else if (name == "d" && host.ends_with(".protection.sophos.com")) {
    targets.add("https://" + percent_decoded(value));
  } else {
    targets.add(percent_decoded(value));
  }
}

}  // namespace

std::vector<std::string> wrapped_urls(std::string_view text) {
  text = text.substr(0, longest);
  Targets targets;
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return {};
  const auto host_end = std::min(text.find_first_of("/?#", scheme + 3), text.size());
  const auto host = mail::lower(text.substr(scheme + 3, host_end - scheme - 3));
  auto path = text.substr(host_end);
  const auto mark = path.find('?');
  auto query = mark == std::string_view::npos ? std::string_view{} : path.substr(mark + 1);
  path = path.substr(0, mark);
  // Proofpoint 3 writes it between "__"; archives and proxies put it behind a slash as it is.
  if (const auto open = path.find("/http"); open != std::string_view::npos) {
    targets.add(percent_decoded(text.substr(host_end + open + 1)));
  } else if (const auto defense = path.find("__http"); defense != std::string_view::npos) {
    const auto rest = path.substr(defense + 2);
    targets.add(std::string{rest.substr(0, rest.find("__"))});
  }
  while (!query.empty()) {
    const auto end = std::min(query.find_first_of("&;#"), query.size());
    const auto parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    look_at_parameter(host, mail::lower(parameter.substr(0, equals)), parameter.substr(equals + 1), targets);
  }
  return targets.take();
}

bool is_honest_wrapper(std::string_view host) {
  // Whose every host is the filter's.
  constexpr std::string_view filters[] = {"safelinks.protection.outlook.com", "protection.sophos.com"};
  // Sites: their other hosts hold pages of strangers (sites.google.com).
  constexpr std::string_view hosts[] = {"urldefense.com",
                                        "urldefense.proofpoint.com",
                                        "linkprotect.cudasvc.com",
                                        "www.google.com",
                                        "google.com",
                                        "www.google.de",
                                        "www.google.fr",
                                        "www.google.co.uk",
                                        "l.facebook.com",
                                        "lm.facebook.com",
                                        "l.instagram.com",
                                        "www.youtube.com",
                                        "www.linkedin.com",
                                        "slack-redir.net",
                                        "t.umblr.com",
                                        "protect2.fireeye.com",
                                        "secure-web.cisco.com",
                                        "protect.checkpoint.com",
                                        "deref-gmx.net",
                                        "deref-web.de",
                                        "deref-mail.com",
                                        "linkprotect.trendmicro.com",
                                        "imsva91-ctp.trendmicro.com"};
  return std::ranges::find(hosts, host) != std::end(hosts) ||
         std::ranges::any_of(filters, [host](auto known) { return is_under(host, known); });
}

bool is_click_counter(std::string_view host) {
  constexpr std::string_view counters[] = {"sendgrid.net",
                                           "list-manage.com",
                                           "mailchimp.com",
                                           "mandrillapp.com",
                                           "mailgun.org",
                                           "sparkpostmail.com",
                                           "rs6.net",
                                           "constantcontact.com",
                                           "cmail19.com",
                                           "cmail20.com",
                                           "createsend.com",
                                           "klclick.com",
                                           "klclick1.com",
                                           "hubspotlinks.com",
                                           "hs-sales-engage.com",
                                           "sendibm1.com",
                                           "sendibm3.com",
                                           "sendibt2.com",
                                           "sendibt3.com",
                                           "awstrack.me",
                                           "exct.net",
                                           "exacttarget.com",
                                           "mktoweb.com",
                                           "mkt.com",
                                           "cleverreach.com",
                                           "emarsys.net",
                                           "emsecure.net",
                                           "mailjet.com",
                                           "mjt.lu",
                                           "mlsend.com",
                                           "mailerlite.com",
                                           "activehosted.com",
                                           "acemlnb.com",
                                           "getresponse.com",
                                           "rapidmail.de",
                                           "newsletter2go.com",
                                           "inxmail.com",
                                           "sailthru.com",
                                           "bmetrack.com",
                                           "postmarkapp.com",
                                           "pstmrk.it",
                                           "customeriomail.com",
                                           "intercom-clicks.com",
                                           "substack.com",
                                           "beehiiv.com",
                                           "convertkit-mail.com",
                                           "ctctcdn.com",
                                           "everestengagement.com"};
  return std::ranges::any_of(counters, [host](auto known) { return is_under(host, known); });
}

bool is_same_service(std::string_view a, std::string_view b) {
  constexpr std::pair<std::string_view, std::string_view> pairs[] = {
      {"youtu.be", "youtube.com"}, {"fb.me", "facebook.com"},   {"amzn.to", "amazon.com"}, {"amzn.eu", "amazon.com"},
      {"aka.ms", "microsoft.com"}, {"g.co", "google.com"},      {"goo.gle", "google.com"}, {"lnkd.in", "linkedin.com"},
      {"redd.it", "reddit.com"},   {"t.me", "telegram.org"},    {"wa.me", "whatsapp.com"}, {"t.co", "x.com"},
      {"t.co", "twitter.com"},     {"pin.it", "pinterest.com"}, {"git.io", "github.com"},  {"apple.co", "apple.com"}};
  constexpr std::string_view everywhere[] = {"amazon.", "google.", "ebay."};
  const auto both_begin = [&](std::string_view name) { return a.starts_with(name) && b.starts_with(name); };
  if (std::ranges::any_of(everywhere, both_begin)) return true;
  return std::ranges::any_of(pairs, [&](const auto& pair) {
    return (pair.first == a && pair.second == b) || (pair.first == b && pair.second == a);
  });
}

}  // namespace mailreeve::scan
