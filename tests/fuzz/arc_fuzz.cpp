// SPDX-License-Identifier: Apache-2.0
// A message with ARC sets: the chain is read and validated, and sealed once more.
#include <cstdlib>

#include "auth/arc.h"
#include "net/blocking.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailreeve;
  static const auto resolver = *dns::zone_resolver_from(
      "a._domainkey.b.c. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n");
  // RFC 8032 7.1, test 1: the private half of the key above.
  static const auto key = *auth::SigningKey::from_pem(
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n");
  const std::string text{reinterpret_cast<const char*>(data), size};
  const auto digest = [](std::string_view message) {
    auth::MessageDigest out;
    out.feed(message);
    out.finish();
    return out;
  };
  const WallTime now{std::chrono::seconds{1'780'000'000}};
  const auto before = digest(text);
  const auto outcome = net::run_blocking(auth::verify_arc(before, *resolver, now));
  if (outcome.sets.size() > 50) std::abort();
  for (const char c : outcome.reason) {
    if (c < ' ' || c == 0x7f) std::abort();
  }
  auth::ArcSealOptions options;
  options.domain = "b.c";
  options.selector = "a";
  options.authserv_id = "mx.b.c";
  options.results = "dkim=pass";
  options.fields = {"From", "Subject"};
  const auto sealed = auth::seal_arc(text, outcome.result, key, options);
  if (!sealed) return 0;
  const auto after = net::run_blocking(auth::verify_arc(digest(*sealed + text), *resolver, now));
  const bool held = outcome.result == auth::ArcResult::none || outcome.result == auth::ArcResult::pass;
  if (held != (after.result == auth::ArcResult::pass)) std::abort();
  return 0;
}
