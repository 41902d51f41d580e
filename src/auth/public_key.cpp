// SPDX-License-Identifier: Apache-2.0
// Key records (RFC 6376 3.6, RFC 8463) and what they prove.
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "auth/signature.h"
#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t record_limit = 16U << 10;
constexpr unsigned weak_bits = 1024;  // RFC 8301 3.2: signers must use at least 1024, should use 2048
constexpr std::size_t ed25519_octets = 32;

KeyAnswer no_key(DkimResult result, std::string reason) { return {nullptr, {result, std::move(reason)}}; }

evp_pkey_st* rsa_key(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  auto* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  if (key == nullptr) {  // RFC 6376 3.6.1 names RSAPublicKey; both forms are in use
    at = reinterpret_cast<const unsigned char*>(der.data());
    key = d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size()));
  }
  if (key != nullptr && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    EVP_PKEY_free(key);
    return nullptr;
  }
  return key;
}

bool is_listed(std::string_view list, std::string_view word) {
  const auto parts = split(list, ':');
  return std::ranges::any_of(parts, [&](auto part) { return mail::equals_ignoring_case(part, word); });
}

}  // namespace

PublicKey::~PublicKey() { EVP_PKEY_free(key_); }

unsigned PublicKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(key_)); }

bool PublicKey::verify(const Signature& signature, const std::string& hash) const {
  const auto* octets = reinterpret_cast<const unsigned char*>(signature.octets.data());
  const auto* digest = reinterpret_cast<const unsigned char*>(hash.data());
  if (type == KeyType::ed25519) {
    auto* context = EVP_MD_CTX_new();
    const bool good = EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key_) == 1 &&
                      EVP_DigestVerify(context, octets, signature.octets.size(), digest, hash.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
  }
  auto* context = EVP_PKEY_CTX_new(key_, nullptr);
  const bool good = context != nullptr && EVP_PKEY_verify_init(context) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                    EVP_PKEY_CTX_set_signature_md(context, openssl_digest(signature.hash)) == 1 &&
                    EVP_PKEY_verify(context, octets, signature.octets.size(), digest, hash.size()) == 1;
  EVP_PKEY_CTX_free(context);
  return good;
}

namespace {

KeyAnswer read_key_record(std::string_view text) {
  if (text.size() > record_limit) return no_key(DkimResult::permerror, "the key record is too large");
  const auto tags = TagList::parse(text);
  if (!tags) return no_key(DkimResult::permerror, fmt::format("key record: {}", tags.error().text));
  const auto version = tags->find("v");
  if (version && (*version != "DKIM1" || tags->first_tag() != "v")) {
    return no_key(DkimResult::permerror, "the key record's v= is not DKIM1, or not first");
  }
  const auto data = tags->find("p");
  if (!data) return no_key(DkimResult::permerror, "the key record has no p=");
  if (data->empty()) return no_key(DkimResult::permerror, "the key was revoked");
  if (const auto services = tags->find("s")) {
    if (!is_listed(*services, "*") && !is_listed(*services, "email")) {
      return no_key(DkimResult::permerror, "the key is not for mail (s=)");
    }
  }
  const auto octets = from_base64(*data);
  if (!octets) return no_key(DkimResult::permerror, "the key's p= is no base64");
  const auto kind = tags->find("k").value_or("rsa");
  evp_pkey_st* raw = nullptr;
  KeyType type = KeyType::rsa;
  if (kind == "ed25519") {
    type = KeyType::ed25519;
    if (octets->size() != ed25519_octets) return no_key(DkimResult::permerror, "an Ed25519 key has 32 octets");
    raw = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(octets->data()),
                                      octets->size());
  } else if (kind == "rsa") {
    raw = rsa_key(*octets);
  } else {
    return no_key(DkimResult::permerror, "the key's k= is unknown");
  }
  if (raw == nullptr) return no_key(DkimResult::permerror, "the key cannot be read");
  auto key = std::make_shared<PublicKey>(raw);
  key->type = type;
  if (const auto flags = tags->find("t")) {
    key->testing = is_listed(*flags, "y");
    key->exact_domain = is_listed(*flags, "s");
  }
  if (const auto hashes = tags->find("h")) {
    key->sha256_only = !is_listed(*hashes, "sha1");
    key->sha1_only = !is_listed(*hashes, "sha256");
  }
  return {std::move(key), {}};
}

/// OpenSSL takes ten times as long to read a key as to verify with it, and most mail comes from few signers. Known by
/// their text: DNS alone says for how long it is true.
class KnownKeys {
 public:
  std::optional<KeyAnswer> find(const std::string& text) {
    const std::lock_guard lock{mutex_};
    const auto found = known_.find(text);
    if (found == known_.end()) return std::nullopt;
    return KeyAnswer{found->second, {}};
  }
  void keep(std::string text, std::shared_ptr<const PublicKey> key) {
    const std::lock_guard lock{mutex_};
    if (known_.size() >= limit) known_.clear();
    known_.insert_or_assign(std::move(text), std::move(key));
  }

 private:
  static constexpr std::size_t limit = 1000;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const PublicKey>> known_;
};

}  // namespace

KeyAnswer parse_key_record(std::string_view text) {
  constexpr std::size_t longest_kept = 2048;
  if (text.size() > longest_kept) return read_key_record(text);
  static KnownKeys known;
  std::string own{text};
  if (auto answer = known.find(own)) return std::move(*answer);
  auto answer = read_key_record(text);
  if (answer.key) known.keep(std::move(own), answer.key);
  return answer;
}

Task<KeyAnswer> KeyRing::find(std::string selector, std::string domain) {
  auto name = fmt::format("{}._domainkey.{}", selector, domain);
  for (const auto& [known, answer] : known_) {
    if (known == name) co_return answer;
  }
  KeyAnswer answer;
  const auto records = co_await resolver_.texts(name);
  if (dns::is_failure(records.status)) {
    answer = no_key(DkimResult::temperror, fmt::format("look-up of {}: {}", name, dns::name(records.status)));
  } else if (!records.found()) {
    answer = no_key(DkimResult::permerror, fmt::format("there is no key at {}", name));
  } else {
    // RFC 6376 3.6.2.2 leaves several records undefined: the first that is a key counts.
    for (const auto& record : records.records) {
      answer = parse_key_record(record);
      if (answer.key) break;
    }
  }
  known_.emplace_back(std::move(name), answer);
  co_return answer;
}

bool judge_key(const Signature& signature, const KeyAnswer& answer, const DkimOptions& options, DkimSignature& out) {
  const auto refuse = [&out](DkimResult value, std::string reason) {
    out.result = value;
    out.reason = std::move(reason);
    return false;
  };
  if (!answer.key) return refuse(answer.none.result, answer.none.reason);
  const auto& key = *answer.key;
  out.key_bits = key.bits();
  out.testing = key.testing;
  if (key.type != signature.key_type) return refuse(DkimResult::permerror, "the key is of another type than a=");
  if ((key.sha256_only && signature.hash == HashAlgorithm::sha1) ||
      (key.sha1_only && signature.hash == HashAlgorithm::sha256)) {
    return refuse(DkimResult::permerror, "the key record's h= does not allow a=");
  }
  // ARC's i= is no identity.
  if (key.exact_domain && !signature.identity.empty() &&
      !mail::equals_ignoring_case(signature.identity.substr(signature.identity.rfind('@') + 1), signature.domain)) {
    return refuse(DkimResult::permerror, "the key record's t=s wants i= to be d=");
  }
  if (key.type == KeyType::rsa) {
    out.weak_key = out.key_bits <= weak_bits;
    if (out.key_bits > options.key_bits_limit) {
      return refuse(DkimResult::policy, fmt::format("a key of {} bits is too large", out.key_bits));
    }
    if (!options.allow_obsolete && out.key_bits < weak_bits) {
      return refuse(DkimResult::policy, fmt::format("a key of {} bits proves nothing (RFC 8301)", out.key_bits));
    }
  }
  return true;
}

void judge_signature(const Signature& signature, const KeyAnswer& answer, const mail::Header& header,
                     const DkimOptions& options, DkimSignature& out) {
  if (!judge_key(signature, answer, options, out)) return;
  const bool good = answer.key->verify(signature, header_hash(signature, header));
  out.result = good ? DkimResult::pass : DkimResult::fail;
  out.reason = good ? "" : "the header was changed, or signed with another key";
}

}  // namespace mailreeve::auth
