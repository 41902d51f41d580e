// SPDX-License-Identifier: Apache-2.0
#include "web/caller.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/characters.h"

namespace mailreeve::web {
namespace {

constexpr int hops_limit = 20;

bool is_trusted(const IpAddress& address, const Options& options) {
  return std::ranges::any_of(options.trusted_proxies, [&](const auto& network) { return network.contains(address); });
}

/// Cuts the last element off a list.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  const auto first = last.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  last.remove_prefix(first);
  return last.substr(0, last.find_last_not_of(" \t") + 1);
}

/// "192.0.2.1", "192.0.2.1:5678", "2001:db8::1", "[2001:db8::1]:5678"
std::optional<IpAddress> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : IpAddress::parse(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return IpAddress::parse(text);
}

}  // namespace

Origin origin_of(const net::HttpRequest& request, const Options& options) {
  Origin origin{request.client, request.secure, false};
  if (!request.client) return origin;
  auto forwarded_for = request.header("x-forwarded-for");
  const bool by_proxy = !forwarded_for.empty() || !request.header("forwarded").empty() ||
                        !request.header("via").empty() || !request.header("x-forwarded-proto").empty();
  origin.loopback = request.client->is_loopback() && !by_proxy;
  // Who asks for the host of our https address has a web server with TLS before us, trusted or not: what it is given
  // must not travel in clear.
  constexpr std::string_view https = "https://";
  if (options.url.starts_with(https) &&
      mail::lower(request.header("host")) == mail::lower(options.url.substr(https.size()))) {
    origin.secure = true;
  }
  if (!is_trusted(*request.client, options)) return origin;
  auto proto = request.header("x-forwarded-proto");
  if (!proto.empty()) origin.secure = mail::lower(take_last(proto)) == "https";
  for (int i = 0; i < hops_limit && !forwarded_for.empty(); ++i) {
    const auto hop = parse_hop(take_last(forwarded_for));
    if (!hop) break;  // what stands left of it was told by nobody we know
    origin.client = *hop;
    if (!is_trusted(*hop, options)) break;
  }
  return origin;
}

Result<void> check_same_origin(const net::HttpRequest& request, const Origin& origin, const Options& options) {
  const auto site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return fail(ErrorKind::refused, "the request was sent by a page of another site", Blame::peer);
  }
  const auto named = request.header("origin");
  if (named.empty()) return {};
  const auto own = fmt::format("{}://{}", origin.secure ? "https" : "http", mail::lower(request.header("host")));
  const auto given = mail::lower(named);
  if (given == own || (!options.url.empty() && given == options.url)) return {};
  return fail(ErrorKind::refused,
              "the request was sent by a page of another origin; behind a web server, [web] url must say how these "
              "pages are reached",
              Blame::peer);
}

}  // namespace mailreeve::web
