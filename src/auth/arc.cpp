// SPDX-License-Identifier: Apache-2.0
// Validation of a chain (RFC 8617 5.2).
#include "auth/arc.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "auth/arc_chain.h"
#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr unsigned set_limit = 50;

/// "i=1; rest" of an ARC-Authentication-Results.
std::optional<unsigned> results_instance(std::string_view value, std::string_view& rest) {
  const auto semicolon = value.find(';');
  const auto tag = trimmed(value.substr(0, semicolon));
  const auto equals = tag.find('=');
  if (semicolon == std::string_view::npos || equals == std::string_view::npos) return std::nullopt;
  if (mail::lower(trimmed(tag.substr(0, equals))) != "i") return std::nullopt;
  unsigned instance = 0;
  for (const char c : trimmed(tag.substr(equals + 1))) {
    if (!mail::is_digit(c) || instance > set_limit) return std::nullopt;
    instance = instance * 10 + static_cast<unsigned>(c - '0');
  }
  if (instance == 0 || instance > set_limit) return std::nullopt;
  rest = value.substr(semicolon + 1);
  return instance;
}

}  // namespace

std::string_view name(ArcResult result) {
  constexpr std::string_view words[] = {"none", "pass", "fail", "temperror"};
  return words[static_cast<std::size_t>(result)];
}

ArcChain read_chain(const MessageDigest& message) {
  ArcChain chain;
  const auto& impl = message.impl();
  const auto wrong = [&chain](std::string why) {
    if (chain.problem.empty()) chain.problem = std::move(why);
  };
  const auto place = [&](unsigned instance) -> ArcFields* {
    if (instance == 0 || instance > set_limit) return nullptr;
    if (chain.sets.size() < instance) chain.sets.resize(instance);
    return &chain.sets[instance - 1];
  };
  for (const auto& signature : impl.arc_messages) {
    chain.any = true;
    auto* set = place(signature.instance);
    if (set == nullptr) {
      wrong("an ARC-Message-Signature has no valid i=");
    } else if (set->message != nullptr) {
      wrong(fmt::format("two ARC-Message-Signatures have i={}", signature.instance));
    } else {
      set->message = &signature;
    }
  }
  for (const auto& field : impl.header.fields()) {
    if (mail::equals_ignoring_case(field.name, "ARC-Seal")) {
      chain.any = true;
      auto signature = std::make_unique<Signature>(parse_signature(field, SignatureKind::arc_seal));
      auto* set = place(signature->instance);
      if (set == nullptr) {
        wrong("an ARC-Seal has no valid i=");
      } else if (set->seal) {
        wrong(fmt::format("two ARC-Seals have i={}", signature->instance));
      } else {
        set->seal = std::move(signature);
      }
    } else if (mail::equals_ignoring_case(field.name, "ARC-Authentication-Results")) {
      chain.any = true;
      std::string_view rest;
      const auto instance = results_instance(field.value, rest);
      auto* set = instance ? place(*instance) : nullptr;
      if (set == nullptr) {
        wrong("an ARC-Authentication-Results has no valid i=");
      } else if (set->results != nullptr) {
        wrong(fmt::format("two ARC-Authentication-Results have i={}", *instance));
      } else {
        set->results = &field;
        set->results_text = mail::unfolded(trimmed(rest));
      }
    }
  }
  for (std::size_t i = 0; i < chain.sets.size(); ++i) {
    const auto& set = chain.sets[i];
    if (set.message == nullptr || !set.seal || set.results == nullptr) {
      wrong(fmt::format("set {} is not complete", i + 1));
    } else if (!set.seal->problem.empty()) {
      wrong(fmt::format("seal {}: {}", i + 1, set.seal->problem));
    } else if (set.seal->cv == "fail") {
      wrong(fmt::format("seal {} says that the chain had failed", i + 1));
    } else if ((set.seal->cv == "none") != (i == 0)) {
      wrong(fmt::format("seal {} says cv={}", i + 1, set.seal->cv));
    }
  }
  return chain;
}

std::string seal_input(const ArcChain& chain, std::size_t count) {
  std::string covered;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& set = chain.sets[i];
    append_canonical(covered, *set.results, Canonical::relaxed);
    append_canonical(covered, *set.message->field, Canonical::relaxed);
    if (i + 1 < count) append_canonical(covered, *set.seal->field, Canonical::relaxed);
  }
  append_own_field(covered, *chain.sets[count - 1].seal->field, Canonical::relaxed);
  return covered;
}

namespace {

class Validation {
 public:
  Validation(const MessageDigest& message, dns::Resolver& resolver, WallTime now, const DkimOptions& options)
      : message_{message}, keys_{resolver}, now_{now}, options_{options} {}

  Task<ArcOutcome> run() {
    ArcOutcome outcome;
    const auto chain = read_chain(message_);
    if (!chain.any) co_return outcome;
    describe(chain, outcome);
    if (!chain.problem.empty()) {
      outcome.result = ArcResult::fail;
      outcome.reason = chain.problem;
      co_return outcome;
    }
    const auto count = chain.sets.size();
    // The newest message signature must hold; older ones tell since when nobody changed the message.
    const auto newest = co_await check_message(*chain.sets[count - 1].message, outcome.sets[count - 1]);
    if (!conclude(newest, "message signature", count, outcome)) co_return outcome;
    for (auto i = count; i-- > 0;) {
      const auto sealed = co_await check_seal(chain, i + 1, outcome.sets[i]);
      if (!conclude(sealed, "seal", i + 1, outcome)) co_return outcome;
    }
    outcome.result = ArcResult::pass;
    outcome.oldest_pass = static_cast<unsigned>(count);
    for (auto i = count - 1; i-- > 0;) {
      const auto older = co_await check_message(*chain.sets[i].message, outcome.sets[i]);
      if (older != DkimResult::pass) break;
      outcome.oldest_pass = static_cast<unsigned>(i + 1);
    }
    if (outcome.oldest_pass == 1) outcome.oldest_pass = 0;  // RFC 8617 5.2: all of them
    co_return outcome;
  }

 private:
  static void describe(const ArcChain& chain, ArcOutcome& outcome) {
    for (std::size_t i = 0; i < chain.sets.size(); ++i) {
      ArcSet set;
      set.instance = static_cast<unsigned>(i + 1);
      set.results = chain.sets[i].results_text;
      if (chain.sets[i].seal) {
        set.sealer = chain.sets[i].seal->domain;
        set.selector = chain.sets[i].seal->selector;
        set.algorithm = chain.sets[i].seal->algorithm;
        set.cv = chain.sets[i].seal->cv;
      }
      outcome.sets.push_back(std::move(set));
    }
  }

  static bool conclude(DkimResult result, std::string_view what, std::size_t instance, ArcOutcome& outcome) {
    if (result == DkimResult::pass) return true;
    outcome.result = result == DkimResult::temperror ? ArcResult::temperror : ArcResult::fail;
    outcome.reason = fmt::format("{} {}: {}", what, instance, outcome.sets[instance - 1].reason);
    return false;
  }

  Task<DkimResult> check_message(const Signature& signature, ArcSet& set) {
    DkimSignature out;
    bool partial = false;
    if (!signature.problem.empty()) {
      out.result = DkimResult::permerror;
      out.reason = signature.problem;
    } else if (signature.hash == HashAlgorithm::sha1) {
      out.result = DkimResult::permerror;
      out.reason = "rsa-sha1 must not be used (RFC 8617 4.1.2)";
    } else if (auto problem = body_problem(message_.impl(), signature, partial)) {
      out.result = DkimResult::fail;
      out.reason = std::move(*problem);
    } else if (std::ranges::find(signature.fields, "arc-seal") != signature.fields.end()) {
      out.result = DkimResult::permerror;
      out.reason = "the message signature covers ARC-Seal (RFC 8617 4.1.2)";
    } else {
      const auto key = co_await keys_.find(signature.selector, signature.domain);
      judge_signature(signature, key, message_.header(), options_, out);
    }
    set.message = out.result;
    if (out.result != DkimResult::pass) set.reason = out.reason;
    co_return out.result;
  }

  Task<DkimResult> check_seal(const ArcChain& chain, std::size_t instance, ArcSet& set) {
    const auto& seal = *chain.sets[instance - 1].seal;
    DkimSignature out;
    if (seal.hash == HashAlgorithm::sha1) {
      out.result = DkimResult::permerror;
      out.reason = "rsa-sha1 must not be used (RFC 8617 4.1.3)";
    } else {
      const auto answer = co_await keys_.find(seal.selector, seal.domain);
      if (judge_key(seal, answer, options_, out)) {
        Hash hash{seal.hash};
        hash.update(seal_input(chain, instance));
        const bool good = answer.key->verify(seal, hash.finish());
        out.result = good ? DkimResult::pass : DkimResult::fail;
        if (!good) out.reason = "the sets were changed, or sealed with another key";
      }
    }
    set.seal = out.result;
    if (out.result != DkimResult::pass) set.reason = std::move(out.reason);
    co_return set.seal;
  }

  const MessageDigest& message_;
  KeyRing keys_;
  WallTime now_;
  const DkimOptions& options_;
};

}  // namespace

Task<ArcOutcome> verify_arc(const MessageDigest& message, dns::Resolver& resolver, WallTime now, DkimOptions options) {
  Validation validation{message, resolver, now, options};
  auto outcome = co_await validation.run();
  co_return outcome;
}

}  // namespace mailreeve::auth
