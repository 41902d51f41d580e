// SPDX-License-Identifier: Apache-2.0
// What a digest says, as text and as HTML. Whatever a message's sender chose is shown as text of one line, without
// what turns the direction of its neighbours.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace mailreeve::gateway {

struct DigestLink {
  std::string label;  // "Release"
  std::string url;
};

struct DigestItem {
  std::string from, subject;  // of the message
  std::string when;           // for people
  std::string why;
  std::vector<DigestLink> links;
};

struct DigestContent {
  std::string address;                    // whose mail
  std::string host;                       // who we are
  std::vector<DigestItem> held, refused;  // newest first
  std::size_t more = 0;                   // that found no room here
  std::string keep;                       // "30 days"
  std::string page;                       // where all of it can be seen; empty: nowhere
  std::string contact;
  std::size_t count() const { return held.size() + refused.size() + more; }
};

struct DigestMail {
  std::string subject, text, html;
};
DigestMail render(const DigestContent& content);

/// The mail with a link that signs in. `link` holds what may stand in a URL.
DigestMail render_sign_in(const std::string& host, const std::string& link, const std::string& contact);

/// Tells whoever may release what recipients cannot that somebody asks. `page`: where to decide; may be empty.
DigestMail render_requests(const std::string& host, std::uint64_t count, const std::string& page);

/// One line without controls, marks of direction and invisible characters; at most `most` characters, then "…".
std::string shown_line(std::string_view text, std::size_t most);

}  // namespace mailreeve::gateway
