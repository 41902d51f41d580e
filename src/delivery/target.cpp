// SPDX-License-Identifier: Apache-2.0
#include "delivery/target.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ip.h"

namespace mailreeve::delivery {
namespace {

struct Scheme {
  std::string_view prefix;
  Target::Kind kind;
  std::uint16_t port;
};
constexpr Scheme schemes[] = {{"smtp://", Target::Kind::smtp, 25},
                              {"smtps://", Target::Kind::smtps, 465},
                              {"lmtp://", Target::Kind::lmtp, 24},
                              {"lmtp+unix://", Target::Kind::lmtp_unix, 0},
                              {"maildir://", Target::Kind::maildir, 0}};

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    const bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (!fine) return false;
  }
  return true;
}

bool placeholders_are_known(std::string_view path) {
  for (auto at = path.find_first_of("{}"); at != std::string_view::npos; at = path.find_first_of("{}", at)) {
    const auto end = path.find('}', at);
    const auto name = end == std::string_view::npos ? std::string_view{} : path.substr(at, end - at + 1);
    if (name != "{user}" && name != "{domain}" && name != "{address}") return false;
    at = end + 1;
  }
  return true;
}

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail(ErrorKind::invalid,
              fmt::format("deliver \"{}\": {}; write smtp://host:25, smtps://host:465, lmtp://host:24, "
                          "lmtp+unix:///path or maildir:///path/{{user}}",
                          text, why));
}

}  // namespace

Result<Target> Target::parse(std::string_view text) {
  for (const auto& scheme : schemes) {
    if (!text.starts_with(scheme.prefix)) continue;
    Target target;
    target.kind = scheme.kind;
    target.port = scheme.port;
    auto rest = text.substr(scheme.prefix.size());
    if (target.kind == Kind::maildir || target.kind == Kind::lmtp_unix) {
      if (rest.empty()) return wrong(text, "the path is missing");
      if (target.kind == Kind::maildir && !placeholders_are_known(rest)) {
        return wrong(text, "known placeholders are {user}, {domain} and {address}");
      }
      target.path = rest;
      return target;
    }
    std::string_view port;
    if (rest.starts_with('[')) {
      const auto end = rest.find(']');
      if (end == std::string_view::npos) return wrong(text, "the ] is missing");
      target.host = rest.substr(1, end - 1);
      if (!IpAddress::parse(target.host)) return wrong(text, "no IPv6 address between the brackets");
      port = rest.substr(end + 1);
    } else {
      const auto colon = rest.find(':');
      target.host = rest.substr(0, colon);
      if (!is_host(target.host)) return wrong(text, "no host name or address");
      port = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon);
    }
    if (!port.empty()) {
      const auto* begin = port.data() + 1;
      const auto* end = port.data() + port.size();
      const auto read = std::from_chars(begin, end, target.port);
      if (port.front() != ':' || read.ec != std::errc{} || read.ptr != end || target.port == 0) {
        return wrong(text, "the port must be a number from 1 to 65535");
      }
    }
    return target;
  }
  return wrong(text, "unknown kind");
}

std::string Target::text() const {
  for (const auto& scheme : schemes) {
    if (scheme.kind != kind) continue;
    if (kind == Kind::maildir || kind == Kind::lmtp_unix) return fmt::format("{}{}", scheme.prefix, path);
    const bool v6 = host.find(':') != std::string::npos;
    return v6 ? fmt::format("{}[{}]:{}", scheme.prefix, host, port) : fmt::format("{}{}:{}", scheme.prefix, host, port);
  }
  return {};
}

}  // namespace mailreeve::delivery
