// SPDX-License-Identifier: Apache-2.0
#include "auth/message_digest.h"

#include <algorithm>

#include "auth/message_digest_impl.h"
#include "mail/characters.h"

namespace mailreeve::auth {

MessageDigest::MessageDigest() : MessageDigest{Limits{}} {}
MessageDigest::MessageDigest(Limits limits) : impl_{std::make_unique<Impl>(limits)} {}
MessageDigest::MessageDigest(MessageDigest&&) noexcept = default;
MessageDigest& MessageDigest::operator=(MessageDigest&&) noexcept = default;
MessageDigest::~MessageDigest() = default;

bool MessageDigest::header_complete() const { return impl_->header_complete; }
bool MessageDigest::header_too_big() const { return impl_->header_too_big; }
const mail::Header& MessageDigest::header() const { return impl_->header; }

void MessageDigest::feed(std::string_view bytes) {
  auto& impl = *impl_;
  if (impl.header_complete) {
    impl.feed_body(bytes);
    return;
  }
  if (impl.header_too_big) return;
  // The empty line may be cut anywhere: look again from a little before the new octets.
  const auto from = impl.header_bytes.size() < 3 ? 0 : impl.header_bytes.size() - 3;
  impl.header_bytes += bytes;
  const std::string_view all{impl.header_bytes};
  std::size_t end = std::string_view::npos;
  std::size_t body = 0;
  if (all.starts_with("\r\n")) {  // no header at all
    end = 0;
    body = 2;
  } else if (const auto empty = all.find("\r\n\r\n", from); empty != std::string_view::npos) {
    end = empty + 2;
    body = empty + 4;
  }
  // However it is cut: what counts is where the header ends.
  if (std::min(end, all.size()) > impl.limits.header_bytes) {
    impl.header_too_big = true;
    impl.header_bytes = {};
    return;
  }
  if (end == std::string_view::npos) return;
  const std::string rest{all.substr(body)};
  impl.header_bytes.resize(end);
  impl.end_header();
  if (!rest.empty()) impl.feed_body(rest);
}

void MessageDigest::finish() {
  auto& impl = *impl_;
  if (impl.finished) return;
  impl.finished = true;
  if (!impl.header_complete && !impl.header_too_big) {
    if (!impl.header_bytes.empty() && !impl.header_bytes.ends_with("\r\n")) impl.header_bytes += "\r\n";
    impl.end_header();
  }
  for (auto& [key, hasher] : impl.hashers) {
    auto hash = hasher.finish();
    impl.bodies.emplace(key, Impl::BodyResult{std::move(hash), hasher.length()});
  }
  impl.hashers.clear();
}

void MessageDigest::Impl::end_header() {
  header_complete = true;
  header = mail::Header{std::move(header_bytes)};
  for (const auto& field : header.fields()) {
    if (mail::equals_ignoring_case(field.name, "DKIM-Signature")) {
      if (++dkim_fields > limits.signatures) continue;
      auto signature = parse_signature(field, SignatureKind::dkim);
      // Nobody's name and no octets: a field of that name, but no signature.
      if (!signature.unreadable && signature.domain.empty() && signature.selector.empty() && signature.octets.empty())
        continue;
      want_body(signature);
      dkim.push_back(std::move(signature));
    } else if (mail::equals_ignoring_case(field.name, "ARC-Message-Signature")) {
      if (arc_messages.size() > limits.arc_sets) continue;
      arc_messages.push_back(parse_signature(field, SignatureKind::arc_message));
      want_body(arc_messages.back());
    }
  }
}

void MessageDigest::Impl::want_body(const Signature& signature) {
  if (!signature.problem.empty() || hashers.size() >= limits.body_hashes) return;
  const auto key = key_of(signature);
  hashers.try_emplace(key, signature.body, signature.hash, signature.length);
}

std::optional<std::string> body_problem(const MessageDigest::Impl& message, const Signature& signature, bool& partial) {
  const auto* body = message.body(signature);
  if (body == nullptr) return "too many different body hashes";
  if (signature.length && *signature.length > body->length) return "the body is shorter than l=";
  partial = signature.length && *signature.length < body->length;
  if (body->hash != signature.body_hash) return "the body was changed";
  return std::nullopt;
}

}  // namespace mailreeve::auth
