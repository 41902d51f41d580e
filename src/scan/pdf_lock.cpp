// SPDX-License-Identifier: Apache-2.0
// The standard security handler: does the empty user password fit (ISO 32000-1 7.6.3, ISO 32000-2 7.6.4)?
#include "scan/pdf_lock.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "scan/pdf_string.h"

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t string_limit = 200;
constexpr std::size_t dictionary_limit = 8U << 10;

struct Lock {
  int revision = 0;
  int key_bits = 40;
  std::int64_t permissions = 0;
  std::string owner, user, id;
  bool encrypts_metadata = true;
};

bool ends_name(std::string_view text, std::size_t at) {
  return at >= text.size() || "()<>[]{}/% \t\r\n\f\0"sv.find(text[at]) != std::string_view::npos;
}

/// Behind the name, where its value begins; npos when it is not there.
std::size_t value_of(std::string_view dictionary, std::string_view name) {
  for (auto at = dictionary.find(name); at != std::string_view::npos; at = dictionary.find(name, at + 1)) {
    if (!ends_name(dictionary, at + name.size())) continue;
    return std::min(dictionary.find_first_not_of(" \t\r\n", at + name.size()), dictionary.size());
  }
  return std::string_view::npos;
}

std::int64_t number_of(std::string_view dictionary, std::string_view name, std::int64_t otherwise) {
  const auto at = value_of(dictionary, name);
  if (at == std::string_view::npos) return otherwise;
  std::int64_t value = otherwise;
  std::from_chars(dictionary.data() + at, dictionary.data() + dictionary.size(), value);
  return value;
}

std::string string_of(std::string_view dictionary, std::string_view name) {
  const auto at = value_of(dictionary, name);
  return at == std::string_view::npos ? std::string{} : read_pdf_string(dictionary, at, string_limit);
}

/// The dictionary that the last /Encrypt names or holds.
std::string_view encryption_dictionary(std::string_view pdf) {
  const auto mark = pdf.rfind("/Encrypt");
  if (mark == std::string_view::npos || !ends_name(pdf, mark + 8)) return {};
  const auto at = pdf.find_first_not_of(" \t\r\n", mark + 8);
  if (at == std::string_view::npos) return {};
  if (pdf.substr(at).starts_with("<<")) return pdf.substr(at, dictionary_limit);
  auto reference = pdf.substr(at, 30);
  const auto end = reference.find(" R");
  if (end == std::string_view::npos) return {};
  const auto object = std::string{reference.substr(0, end)} + " obj";
  for (auto found = pdf.find(object); found != std::string_view::npos; found = pdf.find(object, found + 1)) {
    if (found > 0 && pdf[found - 1] >= '0' && pdf[found - 1] <= '9') continue;
    const auto behind = pdf.substr(found + object.size(), dictionary_limit);
    return behind.substr(0, behind.find("endobj"));
  }
  return {};
}

std::optional<Lock> read_lock(std::string_view pdf) {
  const auto dictionary = encryption_dictionary(pdf);
  const auto filter = value_of(dictionary, "/Filter");
  if (filter == std::string_view::npos || !dictionary.substr(filter).starts_with("/Standard")) return std::nullopt;
  Lock lock;
  lock.revision = static_cast<int>(number_of(dictionary, "/R", 0));
  lock.permissions = number_of(dictionary, "/P", 0);
  lock.owner = string_of(dictionary, "/O");
  lock.user = string_of(dictionary, "/U");
  // The length in a crypt filter counts octets, that of the dictionary bits; version 4 has always 128.
  const auto version = number_of(dictionary, "/V", 0);
  if (version >= 2) lock.key_bits = version == 4 ? 128 : static_cast<int>(number_of(dictionary, "/Length", 40));
  if (const auto at = value_of(dictionary, "/EncryptMetadata"); at != std::string_view::npos)
    lock.encrypts_metadata = !dictionary.substr(at).starts_with("false");
  if (const auto at = pdf.rfind("/ID"); at != std::string_view::npos) {
    const auto list = pdf.find('[', at);
    if (list != std::string_view::npos && list < at + 20) lock.id = read_pdf_string(pdf, list + 1, string_limit);
  }
  return lock;
}

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out, &size, algorithm, nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(out), size};
}

std::string rc4(std::string_view key, std::string text) {
  unsigned char state[256];
  std::iota(std::begin(state), std::end(state), static_cast<unsigned char>(0));
  for (unsigned i = 0, j = 0; i < 256; ++i) {
    j = (j + state[i] + static_cast<unsigned char>(key[i % key.size()])) & 255U;
    std::swap(state[i], state[j]);
  }
  unsigned i = 0;
  unsigned j = 0;
  for (auto& c : text) {
    i = (i + 1) & 255U;
    j = (j + state[i]) & 255U;
    std::swap(state[i], state[j]);
    c = static_cast<char>(static_cast<unsigned char>(c) ^ state[(state[i] + state[j]) & 255U]);
  }
  return text;
}

constexpr auto padding =
    "\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c"
    "\xa9\xfe\x64\x53\x69\x7a"sv;

/// ISO 32000-1, algorithms 2, 4 and 5.
bool fits_old(const Lock& lock) {
  if (lock.owner.size() < 32 || lock.user.size() < 32) return false;
  auto input = std::string{padding} + lock.owner.substr(0, 32);
  for (int i = 0; i < 4; ++i) input += static_cast<char>(lock.permissions >> (8 * i) & 0xff);
  input += lock.id;
  if (lock.revision >= 4 && !lock.encrypts_metadata) input += "\xff\xff\xff\xff";
  auto key = digest(EVP_md5(), input);
  const auto size = lock.revision == 2 ? 5U : static_cast<std::size_t>(std::clamp(lock.key_bits / 8, 5, 16));
  if (key.size() < size) return false;
  for (int i = 0; lock.revision >= 3 && i < 50; ++i) key = digest(EVP_md5(), key.substr(0, size));
  key.resize(size);
  if (lock.revision == 2) return rc4(key, std::string{padding}) == lock.user.substr(0, 32);
  auto proof = digest(EVP_md5(), std::string{padding} + lock.id);
  for (int i = 0; i < 20; ++i) {
    auto turned = key;
    for (auto& c : turned) c = static_cast<char>(c ^ i);
    proof = rc4(turned, std::move(proof));
  }
  return proof == lock.user.substr(0, 16);
}

std::string aes_cbc(std::string_view key, std::string_view start, const std::string& text) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free};
  const auto* octets = [](std::string_view view) { return reinterpret_cast<const unsigned char*>(view.data()); }(key);
  std::string out(text.size(), '\0');
  int size = 0;
  if (!context ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, octets,
                         reinterpret_cast<const unsigned char*>(start.data())) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())) != 1) {
    return {};
  }
  return out;
}

/// ISO 32000-2, algorithms 2.B and 11, for a password of no octets.
bool fits_new(const Lock& lock) {
  if (lock.user.size() < 48) return false;
  auto key = digest(EVP_sha256(), std::string_view{lock.user}.substr(32, 8));
  for (int round = 0; lock.revision >= 6; ++round) {
    if (key.size() < 32) return false;
    std::string input;
    for (int i = 0; i < 64; ++i) input += key;
    const auto mixed = aes_cbc(std::string_view{key}.substr(0, 16), std::string_view{key}.substr(16, 16), input);
    if (mixed.empty()) return false;
    int sum = 0;
    for (int i = 0; i < 16; ++i) sum += static_cast<unsigned char>(mixed[static_cast<std::size_t>(i)]);
    const auto* algorithm = sum % 3 == 0 ? EVP_sha256() : sum % 3 == 1 ? EVP_sha384() : EVP_sha512();
    key = digest(algorithm, mixed);
    constexpr int least = 63;
    if (round >= least && static_cast<unsigned char>(mixed.back()) <= round - 31) break;
  }
  return key.substr(0, 32) == lock.user.substr(0, 32);
}

}  // namespace

bool opens_without_password(std::string_view pdf) {
  const auto lock = read_lock(pdf);
  if (!lock) return false;
  if (lock->revision >= 2 && lock->revision <= 4) return fits_old(*lock);
  return (lock->revision == 5 || lock->revision == 6) && fits_new(*lock);
}

}  // namespace mailreeve::scan
