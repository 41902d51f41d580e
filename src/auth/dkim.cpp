// SPDX-License-Identifier: Apache-2.0
// Verification (RFC 6376 6).
#include "auth/dkim.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/message_digest_impl.h"
#include "auth/tag_list.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t shown_signature = 8;  // RFC 6008 3: at least eight characters tell signatures apart

std::uint64_t seconds(WallTime time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

/// h= names From as often as it stands, and once more, so that no second one can be added unseen.
bool covers_another_from(const Signature& signature, const mail::Header& header) {
  const auto named = std::ranges::count(signature.fields, "from");
  return static_cast<std::size_t>(named) > header.all("From").size();
}

DkimSignature describe(const Signature& signature, const mail::Header& header) {
  DkimSignature out;
  out.domain = signature.domain;
  out.selector = signature.selector;
  out.identity = signature.identity;
  out.algorithm = signature.algorithm;
  out.b_start = to_base64(signature.octets).substr(0, shown_signature);
  out.signed_fields = signature.fields;
  out.unsigned_from_possible = !covers_another_from(signature, header);
  return out;
}

}  // namespace

std::string_view name(DkimResult result) {
  constexpr std::string_view words[] = {"none", "pass", "fail", "policy", "neutral", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

DkimResult overall(const MessageDigest& message, const std::vector<DkimSignature>& signatures) {
  for (const auto& signature : signatures) {
    if (signature.result == DkimResult::pass) return DkimResult::pass;
  }
  if (!signatures.empty()) return signatures.front().result;
  const auto* from = message.header().first("From");
  if (from == nullptr) return DkimResult::none;
  const auto authors = mail::parse_address_list(from->value);
  const bool readable = authors.well_formed && !authors.addresses.empty();
  return readable ? DkimResult::none : DkimResult::permerror;
}

Task<std::vector<DkimSignature>> verify_dkim(const MessageDigest& message, dns::Resolver& resolver, WallTime now,
                                             DkimOptions options) {
  const auto& impl = message.impl();
  std::vector<DkimSignature> results;
  KeyRing keys{resolver};
  for (const auto& signature : impl.dkim) {
    auto out = describe(signature, impl.header);
    const auto wrong = [&out](DkimResult result, std::string reason) {
      out.result = result;
      out.reason = std::move(reason);
    };
    const auto skew = static_cast<std::uint64_t>(options.clock_skew.count());
    const auto earliest = seconds(now) > skew ? seconds(now) - skew : 0;
    if (!signature.problem.empty()) {
      wrong(DkimResult::permerror, signature.problem);
    } else if (signature.expires_at && earliest > *signature.expires_at) {
      out.expired = true;
      wrong(DkimResult::policy, "the signature has expired (x=)");
    } else if (signature.signed_at && *signature.signed_at > seconds(now) + skew) {
      wrong(DkimResult::policy, "the signature is from the future (t=)");
    } else if (auto problem = body_problem(impl, signature, out.partial_body)) {
      wrong(DkimResult::fail, std::move(*problem));
    } else {
      const auto key = co_await keys.find(signature.selector, signature.domain);
      judge_signature(signature, key, impl.header, options, out);
      if (out.result == DkimResult::pass && signature.hash == HashAlgorithm::sha1 && !options.allow_obsolete) {
        wrong(DkimResult::policy, "rsa-sha1 proves nothing any more (RFC 8301)");
      } else if (out.result == DkimResult::pass && out.partial_body) {
        out.reason = fmt::format("only the first {} octets of the body are covered (l=)", *signature.length);
      }
    }
    results.push_back(std::move(out));
  }
  co_return results;
}

}  // namespace mailreeve::auth
