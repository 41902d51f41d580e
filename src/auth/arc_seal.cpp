// SPDX-License-Identifier: Apache-2.0
// Adding a set to a chain (RFC 8617 5.1).
#include <fmt/format.h>

#include <algorithm>

#include "auth/arc_chain.h"
#include "auth/signing_key.h"
#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr unsigned set_limit = 50;

/// What our own Authentication-Results fields say, behind the authserv-id, joined.
std::string own_results(const mail::Header& header, std::string_view authserv_id) {
  std::string out;
  for (const auto* field : header.all("Authentication-Results")) {
    const auto semicolon = field->value.find(';');
    const auto id = trimmed(field->value.substr(0, semicolon));
    if (semicolon == std::string_view::npos || !mail::equals_ignoring_case(id, authserv_id)) continue;
    auto rest = trimmed(field->value.substr(semicolon + 1));
    while (rest.ends_with(';')) rest = trimmed(rest.substr(0, rest.size() - 1));
    if (!out.empty()) out += ";\r\n\t";
    out += rest;
  }
  return out;
}

std::string own_octets(const SigningKey& key, const std::string& covered) {
  Hash hash{HashAlgorithm::sha256};
  hash.update(covered);
  return key.impl().sign(hash.finish(), HashAlgorithm::sha256);
}

/// Puts the octets where b= is empty: in one word, for the next seal covers it with its folds, and those who check our
/// work must come to the same. At most 684 octets, well below the limit of a line.
std::string with_octets(std::string field, std::string_view octets) {
  return field.insert(field.find(" b=;") + 3, to_base64(octets));
}

}  // namespace

Result<std::string> seal_arc(std::string_view message, ArcResult chain, const SigningKey& key,
                             const ArcSealOptions& options) {
  if (message.starts_with(' ') || message.starts_with('\t')) {
    return fail(ErrorKind::invalid, "the message begins with a folded line, which would become part of the seal");
  }
  MessageDigest digest;
  digest.feed(message);
  digest.finish();
  if (digest.header_too_big()) return fail(ErrorKind::invalid, "the header is too large to be sealed");
  const auto& header = digest.header();
  auto before = read_chain(digest);
  if (before.sets.size() >= set_limit) return fail(ErrorKind::invalid, "the chain has fifty sets already");
  // RFC 8617 5.1: nobody adds to a chain that was sealed as failed.
  if (!before.sets.empty() && before.sets.back().seal && before.sets.back().seal->cv == "fail") {
    return fail(ErrorKind::invalid, "the chain was sealed as failed already");
  }
  const auto instance = before.sets.size() + 1;
  const std::string_view cv = instance == 1 ? "none" : name(chain);
  const auto results = options.results.empty() ? own_results(header, options.authserv_id) : options.results;
  if (results.empty()) return fail(ErrorKind::invalid, "there are no results of our own to freeze");
  const auto algorithm = key.is_ed25519() ? "ed25519-sha256" : "rsa-sha256";
  const auto time =
      options.signed_at
          ? fmt::format("; t={}",
                        std::chrono::duration_cast<std::chrono::seconds>(options.signed_at->time_since_epoch()).count())
          : std::string{};
  const auto aar =
      fmt::format("ARC-Authentication-Results: i={}; {};\r\n\t{}\r\n", instance, options.authserv_id, results);

  Signature signature;
  const auto slash = options.canonicalization.find('/');
  signature.header = options.canonicalization.starts_with("relaxed") ? Canonical::relaxed : Canonical::simple;
  signature.body = slash != std::string::npos && options.canonicalization.substr(slash + 1) == "relaxed"
                       ? Canonical::relaxed
                       : Canonical::simple;
  for (const auto& field : options.fields) signature.fields.push_back(mail::lower(field));
  BodyHasher body{signature.body, HashAlgorithm::sha256, std::nullopt};
  const auto header_end = header.bytes().size();
  body.feed(message.size() > header_end + 2 ? message.substr(header_end + 2) : std::string_view{});
  auto ams = fmt::format(
      "ARC-Message-Signature: a={};\r\n\t b=;\r\n\t bh={};\r\n\t c={}; d={};\r\n\t h={};\r\n\t i={}; s={}{}\r\n",
      algorithm, to_base64(body.finish()), options.canonicalization, options.domain, fmt::join(signature.fields, ":"),
      instance, options.selector, time);
  std::string covered;
  append_signed_fields(covered, signature.fields, header, signature.header);
  {
    const mail::Header own{ams};
    append_own_field(covered, own.fields().front(), signature.header);
  }
  const auto message_octets = own_octets(key, covered);
  if (message_octets.empty()) return fail(ErrorKind::internal, "the key cannot sign");
  ams = with_octets(std::move(ams), message_octets);

  auto seal = fmt::format("ARC-Seal: a={};\r\n\t b=; cv={}; d={};\r\n\t i={}; s={}{}\r\n", algorithm, cv,
                          options.domain, instance, options.selector, time);
  const mail::Header fresh{seal + ams + aar};
  ArcFields set;
  set.seal = std::make_unique<Signature>(parse_signature(fresh.fields()[0], SignatureKind::arc_seal));
  const auto own_message = parse_signature(fresh.fields()[1], SignatureKind::arc_message);
  set.message = &own_message;
  set.results = &fresh.fields()[2];
  // RFC 8617 5.1.2: a failed chain is sealed by itself, for what came before cannot be put in order.
  if (cv == "fail") before.sets.clear();
  before.sets.push_back(std::move(set));
  const auto seal_octets = own_octets(key, seal_input(before, before.sets.size()));
  if (seal_octets.empty()) return fail(ErrorKind::internal, "the key cannot sign");
  return with_octets(std::move(seal), seal_octets) + ams + aar;
}

}  // namespace mailreeve::auth
