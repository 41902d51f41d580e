// SPDX-License-Identifier: Apache-2.0
// A whole message: signatures are parsed, bodies hashed and keys looked up; however it is cut, the results are the
// same.
#include <cstdlib>

#include "auth/dkim.h"
#include "net/blocking.h"

namespace {

using namespace mailreeve;

std::string story(std::string_view text, std::size_t step, dns::Resolver& resolver) {
  auth::MessageDigest message;
  for (std::size_t at = 0; at < text.size(); at += step) message.feed(text.substr(at, step));
  message.finish();
  const WallTime now{std::chrono::seconds{1'780'000'000}};
  const auto found = net::run_blocking(auth::verify_dkim(message, resolver, now));
  if (found.size() > 10) std::abort();
  std::string out;
  for (const auto& one : found) {
    out += one.domain + ' ' + std::string{auth::name(one.result)} + ' ' + one.reason + '\n';
    for (const char c : one.reason) {
      if (c < ' ' || c == 0x7f) std::abort();
    }
  }
  return out + std::string{auth::name(auth::overall(message, found))};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const auto resolver = *dns::zone_resolver_from(
      "a._domainkey.b.c. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n");
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t step = data[0] % 16U + 1U;
  if (story(text, step, *resolver) != story(text, text.size() + 1, *resolver)) std::abort();
  return 0;
}
