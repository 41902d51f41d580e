// SPDX-License-Identifier: Apache-2.0
// [checks.rspamd] and [checks.spamassassin].
#include <algorithm>

#include "config/load.h"
#include "net/endpoint.h"

namespace mailreeve::config {
namespace {

using judge::SpamEngineOptions;
using judge::SpamProtocol;
using std::chrono::seconds;

constexpr std::size_t socket_path_limit = 100;  // octets; the kernel's own is 107
constexpr double heaviest_point = 100;
constexpr std::uint64_t largest = 1ULL << 30;

bool read_server(std::string_view text, SpamProtocol protocol, SpamEngineOptions& options) {
  if (text.starts_with("unix:")) text.remove_prefix(5);
  if (text.starts_with('/')) {
    options.path = text;
    return text.size() < socket_path_limit;
  }
  if (protocol == SpamProtocol::rspamd) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) return false;
    text.remove_prefix(scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
  }
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint || endpoint->port == 0) return false;
  options.address = endpoint->address;
  options.port = endpoint->port;
  return true;
}

void read_word(const Section& section, std::string_view key, std::string& out) {
  const auto given = section.text(key);
  if (!given) return;
  const bool is_word = std::ranges::all_of(given->value, [](char c) { return c > ' ' && c < 0x7f; });
  if (is_word) {
    out = given->value;
  } else {
    section.error(key, fmt::format("{}: it must be one word of printable US-ASCII, for it is sent in a header", key));
  }
}

}  // namespace

void read_spam_engine(const Section& section, SpamProtocol protocol, SpamEngineOptions& options) {
  const bool is_rspamd = protocol == SpamProtocol::rspamd;
  if (const auto given = section.text("server")) {
    if (read_server(given->value, protocol, options)) {
      options.text = given->value;
    } else {
      section.error("server", fmt::format("server: \"{}\": write \"{}\" or \"unix:/run/{}.sock\"", given->value,
                                          is_rspamd ? "http://127.0.0.1:11333" : "127.0.0.1:783",
                                          is_rspamd ? "rspamd" : "spamd"));
    }
  }
  if (is_rspamd) {
    read_word(section, "password", options.password);
  } else {
    read_word(section, "user", options.user);
  }
  seconds limit = std::chrono::duration_cast<seconds>(options.time_limit);
  section.duration("time-limit", limit, seconds{1}, seconds{300});
  options.time_limit = limit;
  if (const auto weight = section.decimal("weight", 0, heaviest_point)) options.weight = *weight;
  section.size("most-bytes", options.most_bytes, 1, largest);
}

}  // namespace mailreeve::config
