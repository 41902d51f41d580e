// SPDX-License-Identifier: Apache-2.0
#include "gateway/link_token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/base64.h"

namespace mailreeve::gateway {
namespace {

constexpr std::string_view purpose = "mailreeve link 1\n";  // this key signs nothing else
constexpr std::size_t mac_size = 32;
constexpr std::size_t longest_address = 320;
constexpr std::size_t longest_token = 1024;
constexpr std::size_t fixed_size = 1 + 16 + 8 + 8;  // action, message, expires, nonce
constexpr std::string_view file_name = "link.key";

constexpr std::string_view action_names[] = {"release", "release_and_allow", "ask", "delete", "delete_and_block"};

void put_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// RFC 4648 5, without padding.
std::string to_url(std::string_view octets) {
  auto text = to_base64(octets);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : (c == '_' ? 63 : -1);
}

/// Only what to_url writes: one text for the same octets, and nothing left over.
std::optional<std::string> from_url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string octets;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int value = digit(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets += static_cast<char>((bits >> held) & 0xffU);
    bits &= (1U << held) - 1;
  }
  if (bits != 0) return std::nullopt;
  return octets;
}

}  // namespace

std::string_view name(LinkAction action) { return action_names[static_cast<std::size_t>(action) - 1]; }

std::uint64_t secure_random() {
  std::uint64_t value = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1) std::abort();
  return value;
}

Result<LinkKey> LinkKey::load(Files& files, const std::string& directory) {
  const auto path = fmt::format("{}/{}", directory, file_name);
  std::array<std::uint8_t, 32> secret{};
  const auto known = files.read_all(path, secret.size());
  if (known) {
    if (known->size() != secret.size()) {
      return fail(ErrorKind::invalid,
                  fmt::format("{} is not a key of {} octets; remove it and a new one is made (links in digests sent "
                              "until now stop working)",
                              path, secret.size()));
    }
    std::ranges::copy(*known, secret.begin());
    return LinkKey{secret};
  }
  if (known.error().kind != ErrorKind::not_found) return std::unexpected(known.error());
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) {
    return fail(ErrorKind::internal, "no random octets from the operating system");
  }
  // Whole or not at all, whenever the power goes.
  const auto half = path + ".new";
  std::ignore = files.remove(half);
  auto file = files.create(half);
  if (!file) return fail(file);
  auto written = (*file)->write({reinterpret_cast<const char*>(secret.data()), secret.size()});
  if (written) written = (*file)->sync();
  if (written) written = files.rename(half, path);
  if (written) written = files.sync_directory(directory);
  if (!written) return fail(written);
  return LinkKey{secret};
}

std::array<std::uint8_t, 32> LinkKey::mac_of(std::string_view payload) const {
  const auto signed_text = std::string{purpose} + std::string{payload};
  std::array<std::uint8_t, 32> mac{};
  unsigned size = mac.size();
  const auto* made =
      HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), mac.data(), &size);
  if (made == nullptr) std::abort();
  return mac;
}

std::string LinkKey::sign(const LinkClaims& claims) const {
  std::string payload;
  payload += static_cast<char>(claims.action);
  payload += claims.message.bytes();
  put_number(payload, static_cast<std::uint64_t>(to_millis(claims.expires) / 1000));
  put_number(payload, claims.nonce);
  payload += claims.address.substr(0, longest_address);
  const auto mac = mac_of(payload);
  payload.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  return to_url(payload);
}

std::optional<LinkClaims> LinkKey::open(std::string_view token) const {
  if (token.size() > longest_token) return std::nullopt;
  const auto octets = from_url(token);
  if (!octets || octets->size() <= fixed_size + mac_size) return std::nullopt;
  const auto payload = std::string_view{*octets}.substr(0, octets->size() - mac_size);
  const auto mac = mac_of(payload);
  if (CRYPTO_memcmp(mac.data(), octets->data() + payload.size(), mac_size) != 0) return std::nullopt;
  const auto action = static_cast<unsigned char>(payload[0]);
  if (action < 1 || action > std::size(action_names)) return std::nullopt;
  const auto message = MessageId::from_bytes(payload.substr(1, 16));
  const auto seconds = number_at(payload, 17);
  if (!message || seconds > 1ULL << 40U) return std::nullopt;
  LinkClaims claims;
  claims.action = static_cast<LinkAction>(action);
  claims.message = *message;
  claims.expires = from_millis(static_cast<std::int64_t>(seconds) * 1000);
  claims.nonce = number_at(payload, 25);
  claims.address = payload.substr(fixed_size);
  return claims;
}

}  // namespace mailreeve::gateway
