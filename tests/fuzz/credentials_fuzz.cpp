// SPDX-License-Identifier: Apache-2.0
// Where requests carry who they are from: Cookie, Authorization, X-Forwarded-For. Whatever is found is a secret of ours
// in form, and stands in what was given; a proxy that is not trusted changes nothing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "web/caller.h"
#include "web/secrets.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const std::string_view name : {"mailreeve", "__Host-mailreeve"}) {
    const auto cookie = web::find_cookie(text, name);
    require(!cookie || (cookie->size() == 43 && text.find(*cookie) != std::string_view::npos));
  }
  const auto bearer = web::find_bearer(text);
  require(!bearer || (bearer->size() == 47 && bearer->starts_with(web::token_prefix)));

  web::Options options;
  options.url = "https://mx.example.org";
  const auto peer = *IpAddress::parse("192.0.2.1");
  net::HttpRequest request;
  request.client = peer;
  request.headers = {{"x-forwarded-for", std::string{text}},
                     {"x-forwarded-proto", std::string{text}},
                     {"origin", std::string{text}},
                     {"host", "mx.example.org"}};
  const auto untrusted = web::origin_of(request, options);
  require(untrusted.client == peer && !untrusted.secure);
  options.trusted_proxies = {*IpNetwork::parse("192.0.2.0/24")};
  const auto trusted = web::origin_of(request, options);
  require(trusted.client.has_value() && !trusted.loopback);
  static_cast<void>(web::check_same_origin(request, trusted, options));
  return 0;
}
