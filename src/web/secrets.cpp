// SPDX-License-Identifier: Apache-2.0
#include "web/secrets.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/digest.h"

namespace mailreeve::web {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_letters = 43;
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view id_letters = "abcdefghjkmnpqrstuvwxyz23456789x";  // 32: no letter like a digit

bool is_secret(std::string_view text) {
  return text.size() == secret_letters && text.find_first_not_of(base64url) == std::string_view::npos;
}

bool same_word(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string make_secret() {
  std::array<unsigned char, secret_bytes> octets{};
  randombytes_buf(octets.data(), octets.size());
  std::array<char, secret_letters + 1> text{};
  sodium_bin2base64(text.data(), text.size(), octets.data(), octets.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return {text.data(), secret_letters};
}

std::string make_token_id() {
  std::string id = "t";
  for (int i = 0; i < 10; ++i) id += id_letters[randombytes_uniform(static_cast<std::uint32_t>(id_letters.size()))];
  return id;
}

std::string secret_hash(std::string_view secret) {
  const auto digest = sha256_of(secret);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    const auto pair = trimmed(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (found) return std::nullopt;
    found = pair.substr(equals + 1);
  }
  if (found && !is_secret(*found)) return std::nullopt;
  return found;
}

std::optional<std::string_view> find_bearer(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() < scheme.size() || !same_word(header.substr(0, scheme.size()), scheme)) return std::nullopt;
  const auto token = trimmed(header.substr(scheme.size()));
  if (!token.starts_with(token_prefix) || !is_secret(token.substr(token_prefix.size()))) return std::nullopt;
  return token;
}

}  // namespace mailreeve::web
