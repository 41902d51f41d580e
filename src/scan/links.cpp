// SPDX-License-Identifier: Apache-2.0
#include "scan/links.h"

#include <fmt/format.h>
#include <unicode/uidna.h>

#include <algorithm>
#include <memory>

#include "base/ip.h"
#include "mail/address.h"
#include "mail/characters.h"
#include "scan/percent.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t url_limit = 2'000;
constexpr std::size_t host_limit = 253;  // RFC 1035 2.3.4, as text

/// One part of an IPv4 address as browsers read it: decimal, 0x hexadecimal, 0 octal (WHATWG URL 3.5).
std::optional<std::uint64_t> address_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned base = 10;
  if (text.size() > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || digit >= static_cast<int>(base) || value > 0xffffffff) return std::nullopt;
    value = value * base + static_cast<unsigned>(digit);
  }
  return value;
}

/// "0x7f.1", "2130706433", "127.0.0.1": dotted; nothing when it is no address.
std::optional<std::string> dotted(std::string_view host) {
  std::vector<std::uint64_t> parts;
  if (host.ends_with('.')) host.remove_suffix(1);
  while (true) {
    const auto dot = host.find('.');
    const auto number = address_number(host.substr(0, dot));
    if (!number || parts.size() == 4) return std::nullopt;
    parts.push_back(*number);
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i] > 255) return std::nullopt;
    value |= parts[i] << (8 * (3 - i));
  }
  const auto room = 8 * (5 - parts.size());
  if (room < 64 && parts.back() >> room != 0) return std::nullopt;
  value |= parts.back();
  return fmt::format("{}.{}.{}.{}", value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255);
}

struct CloseIdna {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};

/// In A-labels as browsers make them (UTS 46): mail domains are held to IDNA 2008, which knows no "\u2603.example".
std::string ascii_host(const std::string& host) {
  static const std::unique_ptr<UIDNA, CloseIdna> idna = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<UIDNA, CloseIdna>{uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &error)};
  }();
  if (!idna) return {};
  char out[host_limit + 1];
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode error = U_ZERO_ERROR;
  const auto size = uidna_nameToASCII_UTF8(idna.get(), host.data(), static_cast<int32_t>(host.size()), out, sizeof out,
                                           &info, &error);
  const bool is_host = U_SUCCESS(error) && (info.errors & (UIDNA_ERROR_DISALLOWED | UIDNA_ERROR_PUNYCODE)) == 0;
  return is_host ? std::string{out, static_cast<std::size_t>(size)} : std::string{};
}

bool read_host(std::string_view raw, Url& url) {
  auto host = percent_decoded(raw);
  if (host.starts_with('[')) {
    const auto address = IpAddress::parse(std::string_view{host}.substr(1, host.find(']') - 1));
    url.is_address = address.has_value();
    url.host = address ? fmt::format("[{}]", address->text()) : std::string{};
    return url.is_address;
  }
  if (const auto address = dotted(host)) {
    url.host = *address;
    url.is_address = true;
    return true;
  }
  while (host.ends_with('.')) host.pop_back();
  // Ideographic full stops are dots (UTS 46 2.3).
  for (const std::string_view dot : {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"}) {
    for (auto at = host.find(dot); at != std::string::npos; at = host.find(dot)) host.replace(at, dot.size(), ".");
  }
  const auto domain = mail::Domain::parse(host);
  if (domain) {
    url.host = domain->text();
    return true;
  }
  if (std::ranges::any_of(host, mail::is_high) && host.size() <= 4 * host_limit) host = ascii_host(host);
  // Host names with underscores and the like are opened by browsers all the same (WHATWG URL 3.1).
  constexpr std::string_view forbidden = "#/:<>?@[\\]^|%";
  const bool usable = !host.empty() && host.size() <= host_limit && std::ranges::all_of(host, [&](char c) {
    return mail::is_printable_ascii(c) && forbidden.find(c) == std::string_view::npos;
  });
  if (usable) url.host = mail::lower(host);
  return usable;
}

std::string_view scheme_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 20) return {};
  const auto scheme = text.substr(0, colon);
  const bool good =
      std::ranges::all_of(scheme, [](char c) { return mail::is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; });
  return good ? scheme : std::string_view{};
}

bool starts_like(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && mail::equals_ignoring_case(text.substr(0, lower.size()), lower);
}

bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '\x7f';
}

}  // namespace

void prepare_hosts() { ascii_host("\u2603.example"); }

std::optional<Url> parse_url(std::string_view text, std::string_view base) {
  // Browsers leave control characters and blanks at the ends out, tabs and line ends everywhere.
  std::string clean;
  for (const char c : text.substr(0, 4 * url_limit)) {
    if (c != '\t' && c != '\r' && c != '\n') clean += c;
  }
  std::string_view rest{clean};
  while (!rest.empty() && static_cast<unsigned char>(rest.front()) <= ' ') rest.remove_prefix(1);
  while (!rest.empty() && static_cast<unsigned char>(rest.back()) <= ' ') rest.remove_suffix(1);
  Url url;
  url.scheme = mail::lower(scheme_of(rest));
  if (url.scheme.empty()) {
    if (starts_like(rest, "www.")) return parse_url(fmt::format("http://{}", rest));
    const auto is_slash = [](char c) { return c == '/' || c == '\\'; };
    if (rest.size() > 1 && is_slash(rest[0]) && is_slash(rest[1])) return parse_url(fmt::format("https:{}", rest));
    if (base.empty() || rest.empty()) return std::nullopt;
    auto whole = parse_url(base);
    if (!whole) return std::nullopt;
    const auto path = whole->text.find('/', whole->scheme.size() + 3);
    auto start = rest.starts_with('/')
                     ? whole->text.substr(0, path)
                     : whole->text.substr(0, path == std::string::npos ? path : whole->text.rfind('/') + 1);
    if (path == std::string::npos && !rest.starts_with('/')) start += '/';
    whole->text = fmt::format("{}{}", start, rest).substr(0, url_limit);
    return whole;
  }
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ftp") return std::nullopt;
  rest.remove_prefix(url.scheme.size() + 1);
  // Any number of slashes of either kind (WHATWG URL 4.4).
  while (!rest.empty() && (rest.front() == '/' || rest.front() == '\\')) rest.remove_prefix(1);
  auto authority = rest.substr(0, rest.find_first_of("/\\?#"));
  const auto path = rest.substr(authority.size());
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const auto port = authority.starts_with('[') ? authority.find(':', std::min(authority.find(']'), authority.size()))
                                               : authority.rfind(':');
  if (!read_host(authority.substr(0, port), url)) return std::nullopt;
  const auto port_text = port == std::string_view::npos ? std::string_view{} : authority.substr(port);
  url.text = fmt::format("{}://{}{}{}{}{}", url.scheme, url.userinfo, url.userinfo.empty() ? "" : "@", url.host,
                         port_text, path);
  url.text = clean_text(url.text, url_limit);
  return url;
}

std::vector<std::string> find_urls(std::string_view text, std::size_t most, std::uint32_t& count) {
  std::vector<std::string> urls;
  auto colon = text.find("://");
  auto www = text.find("ww.");
  for (std::size_t at = 0; at < text.size();) {
    // "://" or "www." decide; each is looked for on from where it was found last.
    if (colon < at) colon = text.find("://", at);
    if (www < at) www = text.find("ww.", at);
    auto hit = std::min(colon, www);
    if (hit == std::string_view::npos) break;
    std::size_t start = hit;
    if (hit == www) {
      if (hit == 0 || mail::to_lower(text[hit - 1]) != 'w' ||
          (hit > 1 && (mail::is_alphanumeric(text[hit - 2]) || text[hit - 2] == '/' || text[hit - 2] == '.'))) {
        at = hit + 3;
        continue;
      }
      start = hit - 1;
    } else {
      while (start > at && mail::is_alphanumeric(text[start - 1]) && hit - start < 10) --start;
      const auto scheme = mail::lower(text.substr(start, hit - start));
      const bool http = scheme.ends_with("http") || scheme.ends_with("https") || scheme == "ftp" || scheme == "hxxp" ||
                        scheme == "hxxps";
      if (!http) {
        at = hit + 3;
        continue;
      }
      start = scheme.ends_with("http") ? hit - 4 : scheme.ends_with("https") ? hit - 5 : start;
    }
    auto end = hit + 3;
    while (end < text.size() && !ends_url(text[end]) && end - start < url_limit) ++end;
    auto found = text.substr(start, end - start);
    while (!found.empty() && std::string_view{".,;:!?)]}'*_"}.find(found.back()) != std::string_view::npos)
      found.remove_suffix(1);
    at = end;
    ++count;
    if (urls.size() < most) urls.emplace_back(found);
  }
  return urls;
}

std::string host_shown(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  if (text.empty() || text.size() > url_limit || text.find_first_of(" \t\r\n@") != std::string_view::npos) return {};
  const auto scheme = scheme_of(text);
  const bool has_scheme = starts_like(text, "http://") || starts_like(text, "https://");
  if (!scheme.empty() && !has_scheme) return {};
  const auto url = parse_url(has_scheme ? std::string{text} : fmt::format("http://{}", text));
  if (!url) return {};
  if (has_scheme) return url->host;
  // Without a scheme a file's name or a sentence's end looks alike: it must be called www or end like a domain.
  const auto dot = url->host.rfind('.');
  if (url->is_address || dot == std::string::npos) return {};
  const auto top = std::string_view{url->host}.substr(dot + 1);
  if (starts_like(text, "www.")) return url->host;
  constexpr std::string_view usual =
      " com org net edu gov mil int info biz eu de uk fr it es nl be at ch pl cz se no dk fi ru cn jp br au ca us in "
      "io co me app dev shop online example ";
  return usual.find(fmt::format(" {} ", top)) == std::string_view::npos ? std::string{} : url->host;
}

}  // namespace mailreeve::scan
