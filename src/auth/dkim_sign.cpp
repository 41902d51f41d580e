// SPDX-License-Identifier: Apache-2.0
// Signing (RFC 6376 5).
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "auth/message_digest_impl.h"
#include "auth/signing_key.h"
#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t base64_line = 72;
constexpr std::size_t header_line = 74;

/// RFC 6376 5.4.1: what says who, when, what and how it is read.
constexpr std::string_view recommended[] = {
    "From",       "Reply-To",     "Subject",          "Date",
    "To",         "Cc",           "Resent-From",      "Resent-Date",
    "Resent-To",  "Resent-Cc",    "In-Reply-To",      "References",
    "Message-ID", "MIME-Version", "Content-Type",     "Content-Transfer-Encoding",
    "List-Id",    "List-Help",    "List-Unsubscribe", "List-Subscribe",
    "List-Post",  "List-Owner",   "List-Archive"};

/// Each field of the list as often as it stands; From, Subject, Date, To and Content-Type once more, so that none can
/// be added unseen.
std::vector<std::string> default_fields(const mail::Header& header) {
  constexpr std::string_view oversigned[] = {"From", "Subject", "Date", "To", "Content-Type"};
  std::vector<std::string> names;
  for (const auto name : recommended) {
    const auto times =
        header.all(name).size() + (std::ranges::find(oversigned, name) != std::end(oversigned) ? 1U : 0U);
    for (std::size_t i = 0; i < times; ++i) names.emplace_back(name);
  }
  return names;
}

std::string folded_names(const std::vector<std::string>& names) {
  std::string out;
  std::size_t line = 3;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    if (line + names[i].size() + 1 > header_line) {
      out += "\r\n\t ";
      line = 9;
    }
    out += names[i];
    if (!last) out += ':';
    line += names[i].size() + 1;
  }
  return out;
}

bool is_canonicalization(std::string_view text) {
  const auto words = split(text, '/');
  return words.size() <= 2 &&
         std::ranges::all_of(words, [](auto word) { return word == "simple" || word == "relaxed"; });
}

}  // namespace

SigningKey::Impl::~Impl() { EVP_PKEY_free(key); }

std::string SigningKey::Impl::sign(const std::string& hash, HashAlgorithm algorithm) const {
  std::string out(1024, '\0');
  auto size = out.size();
  auto* octets = reinterpret_cast<unsigned char*>(out.data());
  const auto* digest = reinterpret_cast<const unsigned char*>(hash.data());
  bool good = false;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
    auto* context = EVP_MD_CTX_new();
    good = EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key) == 1 &&
           EVP_DigestSign(context, octets, &size, digest, hash.size()) == 1;
    EVP_MD_CTX_free(context);
  } else {
    auto* context = EVP_PKEY_CTX_new(key, nullptr);
    good = context != nullptr && EVP_PKEY_sign_init(context) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, openssl_digest(algorithm)) == 1 &&
           EVP_PKEY_sign(context, octets, &size, digest, hash.size()) == 1;
    EVP_PKEY_CTX_free(context);
  }
  out.resize(good ? size : 0);
  return out;
}

std::string folded_base64(std::string_view octets) {
  const auto text = to_base64(octets);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += base64_line) {
    out += "\r\n\t ";
    out += text.substr(at, base64_line);
  }
  return out;
}

SigningKey::SigningKey() : impl_{std::make_unique<Impl>()} {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  auto* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  SigningKey key;
  // Never ask a terminal for a pass phrase.
  const auto no_phrase = [](char*, int, int, void*) { return 0; };
  key.impl_->key = PEM_read_bio_PrivateKey(memory, nullptr, no_phrase, nullptr);
  BIO_free(memory);
  if (key.impl_->key == nullptr)
    return fail(ErrorKind::invalid, "this is no private key in PEM, or one with a pass phrase");
  const auto kind = EVP_PKEY_get_base_id(key.impl_->key);
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_ED25519) {
    return fail(ErrorKind::invalid, "DKIM knows RSA and Ed25519 keys only");
  }
  return key;
}

bool SigningKey::is_ed25519() const { return EVP_PKEY_get_base_id(impl_->key) == EVP_PKEY_ED25519; }

Result<std::string> sign_dkim(std::string_view message, const SigningKey& key, const DkimSignOptions& options) {
  for (const auto& name : {options.domain, options.selector}) {
    if (!is_dns_name(name)) {
      return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot stand in DNS (an A-label is needed)", name));
    }
  }
  if (!is_canonicalization(options.canonicalization)) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is no canonicalization: two words, simple or relaxed, with a "
                                                "slash between",
                                                options.canonicalization));
  }
  if (message.starts_with(' ') || message.starts_with('\t')) {
    return fail(ErrorKind::invalid, "the message begins with a folded line, which would become part of the signature");
  }
  Signature signature;
  signature.hash = options.algorithm == "rsa-sha1" ? HashAlgorithm::sha1 : HashAlgorithm::sha256;
  const auto slash = options.canonicalization.find('/');
  const auto word = [](std::string_view text) { return text == "relaxed" ? Canonical::relaxed : Canonical::simple; };
  signature.header = word(std::string_view{options.canonicalization}.substr(0, slash));
  signature.body = slash == std::string::npos ? Canonical::simple
                                              : word(std::string_view{options.canonicalization}.substr(slash + 1));
  const auto empty = message.starts_with("\r\n") ? 0 : message.find("\r\n\r\n");
  if (empty == std::string_view::npos) return fail(ErrorKind::invalid, "the message has no end of its header");
  const auto header_end = message.starts_with("\r\n") ? 0 : empty + 2;
  const mail::Header header{std::string{message.substr(0, header_end)}};
  const auto names = options.fields.empty() ? default_fields(header) : options.fields;
  for (const auto& name : names) signature.fields.push_back(mail::lower(name));
  if (std::ranges::find(signature.fields, "from") == signature.fields.end()) {
    return fail(ErrorKind::invalid, "From must be signed (RFC 6376 5.4)");
  }
  BodyHasher body{signature.body, signature.hash, std::nullopt};
  body.feed(message.substr(header_end + 2));

  const auto algorithm = key.is_ed25519()                        ? "ed25519-sha256"
                         : signature.hash == HashAlgorithm::sha1 ? "rsa-sha1"
                                                                 : "rsa-sha256";
  const auto seconds = [](WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  };
  auto field = fmt::format("DKIM-Signature: v=1; a={}; c={}; d={}; s={};", algorithm, options.canonicalization,
                           options.domain, options.selector);
  if (!options.identity.empty()) field += fmt::format("\r\n\ti={};", options.identity);
  field += "\r\n\t";
  if (options.signed_at) field += fmt::format("t={}; ", seconds(*options.signed_at));
  if (options.expires_at) field += fmt::format("x={}; ", seconds(*options.expires_at));
  field += fmt::format("bh={};\r\n\th={};\r\n\tb=", to_base64(body.finish()), folded_names(names));

  std::string covered;
  append_signed_fields(covered, signature.fields, header, signature.header);
  const mail::Header own{field + "\r\n"};
  append_own_field(covered, own.fields().front(), signature.header);
  Hash hash{signature.hash};
  hash.update(covered);
  const auto octets = key.impl().sign(hash.finish(), signature.hash);
  if (octets.empty()) return fail(ErrorKind::internal, "the key cannot sign");
  return field + folded_base64(octets) + "\r\n";
}

}  // namespace mailreeve::auth
