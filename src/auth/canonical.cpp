// SPDX-License-Identifier: Apache-2.0
#include "auth/canonical.h"

#include <openssl/evp.h>

#include <array>
#include <cstring>

#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {

namespace {

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  plain.fill(true);
  for (const unsigned char c : {' ', '\t', '\r'}) plain[c] = false;
  return plain;
}
constexpr auto plain_octets = make_plain();

/// Up to where relaxed canonicalisation changes nothing: plain octets, and single spaces between two of them.
std::size_t end_of_run(std::string_view bytes, std::size_t at) {
  const auto plain = [&](std::size_t i) { return plain_octets[static_cast<unsigned char>(bytes[i])]; };
  while (true) {
    while (at < bytes.size() && plain(at)) ++at;
    if (at + 1 >= bytes.size() || bytes[at] != ' ' || !plain(at + 1)) return at;
    at += 2;
  }
}

}  // namespace

const evp_md_st* openssl_digest(HashAlgorithm algorithm) {
  // EVP_sha256() looks its implementation up at every use; a fetched one does not.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  return algorithm == HashAlgorithm::sha256 ? sha256 : sha1;
}

Hash::Hash(HashAlgorithm algorithm) : context_{EVP_MD_CTX_new()} {
  EVP_DigestInit_ex(context_, openssl_digest(algorithm), nullptr);
}
Hash::Hash(Hash&& other) noexcept : context_{std::exchange(other.context_, nullptr)} {}
Hash::~Hash() { EVP_MD_CTX_free(context_); }
void Hash::update(std::string_view octets) { EVP_DigestUpdate(context_, octets.data(), octets.size()); }
std::string Hash::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context_, out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

BodyHasher::BodyHasher(Canonical canonical, HashAlgorithm algorithm, std::optional<std::uint64_t> limit)
    : canonical_{canonical}, limit_{limit}, hash_{algorithm} {}

void BodyHasher::emit(std::string_view octets) {
  const auto from = length_;
  length_ += octets.size();
  if (limit_) {
    if (from >= *limit_) return;
    octets = octets.substr(0, *limit_ - from);
  }
  hash_.update(octets);
}

void BodyHasher::emit_empty_lines() {
  for (; empty_lines_ > 0; --empty_lines_) emit("\r\n");
}

void BodyHasher::feed(std::string_view bytes) {
  if (canonical_ == Canonical::simple) {
    feed_simple(bytes);
  } else {
    feed_relaxed(bytes);
  }
}

// Everything is taken as it is but for line ends at the very end: those are only counted.
void BodyHasher::feed_simple(std::string_view bytes) {
  if (bytes.empty()) return;
  if (after_cr_) {
    after_cr_ = false;
    if (bytes.front() == '\n') {
      ++empty_lines_;
      bytes.remove_prefix(1);
    } else {
      emit_empty_lines();
      emit("\r");
    }
  }
  auto content = bytes;
  if (content.ends_with('\r')) {
    after_cr_ = true;
    content.remove_suffix(1);
  }
  std::uint64_t ends = 0;
  while (content.ends_with("\r\n")) {
    content.remove_suffix(2);
    ++ends;
  }
  if (!content.empty()) {
    emit_empty_lines();
    emit(content);
  }
  empty_lines_ += ends;
}

void BodyHasher::feed_relaxed(std::string_view bytes) {
  std::array<char, 4096> buffer;
  std::size_t used = 0;
  const auto put = [&](char c) {
    if (used == buffer.size()) emit({buffer.data(), std::exchange(used, 0)});
    buffer[used++] = c;
  };
  const auto put_run = [&](std::string_view run) {
    if (run.size() > buffer.size() - used) emit({buffer.data(), std::exchange(used, 0)});
    if (run.size() > buffer.size()) return emit(run);
    std::memcpy(buffer.data() + used, run.data(), run.size());
    used += run.size();
  };
  const auto before_content = [&] {
    for (; empty_lines_ > 0; --empty_lines_) {
      put('\r');
      put('\n');
    }
    if (std::exchange(blank_, false)) put(' ');
    in_line_ = true;
  };
  for (std::size_t at = 0; at < bytes.size();) {
    if (in_line_ && !blank_ && !after_cr_) {
      const auto end = end_of_run(bytes, at);
      put_run(bytes.substr(at, end - at));
      at = end;
      if (at == bytes.size()) break;
    }
    const char c = bytes[at++];
    if (after_cr_) {
      after_cr_ = false;
      if (c == '\n') {
        blank_ = false;
        in_line_ = false;
        ++empty_lines_;
        continue;
      }
      before_content();
      put('\r');
    }
    if (c == '\r') {
      after_cr_ = true;
    } else if (c == ' ' || c == '\t') {
      blank_ = true;
    } else {
      before_content();
      put(c);
    }
  }
  emit({buffer.data(), used});
}

std::string BodyHasher::finish() {
  if (after_cr_) {
    emit_empty_lines();
    emit("\r");
    in_line_ = true;
  }
  // White space is "at the end of a line" only where a line ends; SMTP's messages always end in one.
  if (blank_) {
    emit_empty_lines();
    emit(" ");
  }
  // What does not end in a line end gets one; an empty body is one line end, relaxed nothing (RFC 6376 3.4.3, 3.4.4).
  if (length_ > 0 || canonical_ == Canonical::simple) emit("\r\n");
  return hash_.finish();
}

void append_canonical(std::string& out, const mail::HeaderField& field, Canonical canonical) {
  if (canonical == Canonical::simple) {
    out += field.raw;
    if (!field.raw.ends_with('\n')) out += "\r\n";
    return;
  }
  for (const char c : field.name) out += mail::to_lower(c);
  out += ':';
  bool blank = false;
  bool any = false;
  for (const char c : field.value) {
    if (c == '\r' || c == '\n') continue;
    if (c == ' ' || c == '\t') {
      blank = any;
      continue;
    }
    if (std::exchange(blank, false)) out += ' ';
    out += c;
    any = true;
  }
  out += "\r\n";
}

std::string without_signature(const mail::HeaderField& field) {
  const auto start = static_cast<std::size_t>(field.value.data() - field.raw.data());
  std::string out{field.raw.substr(0, start)};
  auto rest = field.raw.substr(start);
  while (!rest.empty()) {
    const auto end = rest.find(';');
    const auto tag = rest.substr(0, end == std::string_view::npos ? rest.size() : end);
    const auto equals = tag.find('=');
    if (equals != std::string_view::npos && trimmed(tag.substr(0, equals)) == "b") {
      out += tag.substr(0, equals + 1);
      if (end == std::string_view::npos) {
        out += "\r\n";
        return out;
      }
    } else {
      out += tag;
    }
    if (end == std::string_view::npos) break;
    out += ';';
    rest.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace mailreeve::auth
