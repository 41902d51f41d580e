// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/all.h"

#include "judge/list_watch.h"

namespace mailreeve::judge {
namespace {

// By stage; within a stage the order means nothing.
constexpr MakeCheck makers[] = {
    // connect
    make_rdns,
    make_dnsbl,
    make_pregreet,
    // helo
    make_helo,
    // mail
    make_spf,
    make_sender_domain,
    // message
    make_dkim,
    make_arc,
    make_from_domain,
    make_rhsbl,
    make_recipients,
    make_content,
    make_virus,
    make_header,
    // alignment
    make_dmarc,
    make_attachment,
    make_url,
    make_url_lists,
    make_display,
    make_language,
    make_keyword,
    make_bayes,
    make_rspamd,
    make_spamassassin,
    // closing
    make_lists,
    make_callout,
    make_connect_back,
};

}  // namespace

bool OwnNames::is_ours(std::string_view domain) const {
  for (const auto& own : domains) {
    if (own == domain) return true;
  }
  return false;
}

std::vector<std::unique_ptr<Check>> make_checks(const CheckOptions& options, ListWatch& lists) {
  std::vector<std::unique_ptr<Check>> checks;
  for (const auto make : makers) {
    auto check = make(options, lists);
    const auto& info = check->info();
    const bool on = info.on_by_default ? !options.disabled.contains(info.name) : options.enabled.contains(info.name);
    if (on) checks.push_back(std::move(check));
  }
  return checks;
}

const std::vector<const CheckInfo*>& all_checks() {
  static const std::vector<const CheckInfo*> infos = [] {
    const auto log = make_silent_logger();
    const SystemClock clock;
    ListWatch lists{*log, clock};
    std::vector<const CheckInfo*> all;
    // The declarations are constants: they outlive the checks that name them.
    for (const auto make : makers) all.push_back(&make({}, lists)->info());
    return all;
  }();
  return infos;
}

}  // namespace mailreeve::judge
