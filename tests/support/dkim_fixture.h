// SPDX-License-Identifier: Apache-2.0
// A signed message, a zone with its key, and signers who do as they are told.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/dkim.h"
#include "auth/signature.h"
#include "auth/signing_key.h"
#include "auth/tag_list.h"
#include "support/dkim_keys.h"
#include "support/run.h"

namespace mailreeve::auth {

inline constexpr std::uint64_t now_seconds = 1'780'000'000;
inline const WallTime now{std::chrono::seconds{now_seconds}};

inline const std::string header_text =
    "Received: from a.example by b.example; Thu, 28 May 2026 20:26:40 +0000\r\n"
    "From: Joe  SixPack <joe@football.example>\r\n"
    "To: Suzie Q <suzie@shopping.example>\r\n"
    "Subject: Is dinner\r\n ready?\r\n"
    "Date: Thu, 28 May 2026 20:26:40 +0000\r\n"
    "Message-ID: <1@football.example>\r\n";
inline const std::string body_text = "Hi.\r\n\r\nWe lost the game.  Are you hungry\tyet?\r\n\r\nJoe.\r\n";
inline const std::string plain = header_text + "\r\n" + body_text;

inline const std::string domain = "football.example";

class Dkim : public testing::Test {
 protected:
  Dkim() { zone_ = support::key_line("rsa", domain, support::rsa_key(2048).record); }

  std::vector<DkimSignature> verify(const std::string& message, DkimOptions options = {}) {
    const auto resolver = dns::zone_resolver_from(zone_);
    EXPECT_TRUE(resolver) << resolver.error().text;
    dns::Recorder recorder{**resolver};
    MessageDigest digest;
    digest.feed(message);
    digest.finish();
    auto found = support::run(verify_dkim(digest, recorder, now, options));
    asked_ = recorder.asked();
    return found;
  }
  /// The one signature of a message that has one.
  DkimSignature verdict(const std::string& message, DkimOptions options = {}) {
    const auto found = verify(message, options);
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? DkimSignature{} : found.front();
  }
  static std::string sign(const std::string& message, DkimSignOptions options = {},
                          const support::DkimKey& key = support::rsa_key(2048)) {
    if (options.domain.empty()) options.domain = domain;
    if (options.selector.empty()) options.selector = "rsa";
    const auto signing = SigningKey::from_pem(key.pem);
    EXPECT_TRUE(signing) << signing.error().text;
    const auto field = sign_dkim(message, *signing, options);
    EXPECT_TRUE(field) << field.error().text;
    return field.value_or("") + message;
  }
  /// Signs what no honest signer would: `tags` as they are, but for %bh and the final b=.
  static std::string sign_tags(const std::string& message, std::string tags,
                               const support::DkimKey& key = support::rsa_key(2048)) {
    const auto signing = SigningKey::from_pem(key.pem);
    const auto header_end = message.find("\r\n\r\n") + 2;
    const mail::Header draft{"DKIM-Signature: " + tags + " b=AAAA\r\n"};
    const auto wanted = parse_signature(draft.fields().front(), SignatureKind::dkim);
    BodyHasher body{wanted.body, wanted.hash, wanted.length};
    body.feed(std::string_view{message}.substr(header_end + 2));
    if (const auto at = tags.find("%bh"); at != std::string::npos) tags.replace(at, 3, to_base64(body.finish()));
    const auto field = "DKIM-Signature: " + tags + " b=";
    const mail::Header own{field + "\r\n"};
    const mail::Header header{message.substr(0, header_end)};
    const auto signature = parse_signature(own.fields().front(), SignatureKind::dkim);
    const auto octets = signing->impl().sign(header_hash(signature, header), signature.hash);
    return field + to_base64(octets) + "\r\n" + message;
  }
  static std::string usual(const std::string& more = {}) {
    return "v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example; s=rsa; h=from:from:to:subject; bh=%bh; " + more;
  }

  std::string zone_;
  std::size_t asked_ = 0;
};

}  // namespace mailreeve::auth
