// SPDX-License-Identifier: Apache-2.0
// Links in links: what mail filters, search engines and trackers make of an address, taken apart again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

/// The addresses that `url` carries as its target: in a parameter (url=, q=, u=, ...), in its path, or as filters of
/// others write them (Microsoft Safe Links, Proofpoint URL Defense 2 and 3, Sophos). At most 3; absolute http ones.
std::vector<std::string> wrapped_urls(std::string_view url);

/// A mail filter or a large site that leads where its parameter says: a stranger's page could say anything there.
bool is_honest_wrapper(std::string_view host);

/// A host that counts clicks for senders, and says nothing of where it leads.
bool is_click_counter(std::string_view host);

/// Domains that one owner uses for one thing: "youtu.be" and "youtube.com", "amazon.com" and "amazon.de".
bool is_same_service(std::string_view a, std::string_view b);

}  // namespace mailreeve::scan
