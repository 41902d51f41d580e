// SPDX-License-Identifier: Apache-2.0
// Every check, one file each; all.cpp lists them.
#pragma once

#include "judge/checks/check.h"
#include "judge/checks/options.h"

namespace mailreeve::judge {

class ListWatch;  // judge/list_watch.h: whether DNS lists are in order; lives as long as the gateway

using MakeCheck = std::unique_ptr<Check> (*)(const CheckOptions& options, ListWatch& lists);

std::unique_ptr<Check> make_rdns(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_dnsbl(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_pregreet(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_helo(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_sender_domain(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_from_domain(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_rhsbl(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_spf(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_recipients(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_dkim(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_arc(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_dmarc(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_lists(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_callout(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_connect_back(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_content(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_virus(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_rspamd(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_spamassassin(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_header(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_language(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_bayes(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_keyword(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_attachment(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_url_lists(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_url(const CheckOptions&, ListWatch&);
std::unique_ptr<Check> make_display(const CheckOptions&, ListWatch&);

/// Those that are on, in the order of the table.
std::vector<std::unique_ptr<Check>> make_checks(const CheckOptions& options, ListWatch& lists);
/// All of them, on or off: what they are called and what they can find.
const std::vector<const CheckInfo*>& all_checks();

}  // namespace mailreeve::judge
