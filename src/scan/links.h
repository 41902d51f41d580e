// SPDX-License-Identifier: Apache-2.0
// Addresses of the web as a browser would understand them (WHATWG URL), and those in plain text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/report.h"

namespace mailreeve::scan {

struct Url {
  std::string scheme;    // lower case
  std::string userinfo;  // before "@"
  std::string host;      // lower case A-labels, or a dotted or bracketed address however it was written
  bool is_address = false;
  std::string text;  // the whole, normalised, at most 2,000 octets
};

/// http, https and ftp; relative ones against `base`. Nothing for others.
std::optional<Url> parse_url(std::string_view text, std::string_view base = {});

/// Opens what ICU needs of the system for them, before a sandbox closes everything.
void prepare_hosts();

/// http://, https://, ftp:// and www. in plain text. At most `most`; all of them are counted.
std::vector<std::string> find_urls(std::string_view text, std::size_t most, std::uint32_t& count);

/// The host that a text says it is, if it looks like one: "www.bank.example", "https://bank.example/login"; else empty.
std::string host_shown(std::string_view text);

}  // namespace mailreeve::scan
