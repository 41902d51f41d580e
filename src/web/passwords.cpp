// SPDX-License-Identifier: Apache-2.0
#include "web/passwords.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "mail/characters.h"

namespace mailreeve::web {
namespace {

constexpr int waiting_limit = 16;
constexpr std::size_t name_limit = 64;

std::unexpected<Error> bad(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

}  // namespace

Result<void> check_new_password(std::string_view name, std::string_view password) {
  const auto characters =
      std::ranges::count_if(password, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  if (characters < static_cast<std::ptrdiff_t>(password_least)) {
    return bad(fmt::format("a password needs at least {} characters; some words together are good", password_least));
  }
  if (password.size() > password_most) return bad(fmt::format("a password has at most {} octets", password_most));
  // Somebody's name, however often, is the first thing that is tried.
  auto rest = mail::lower(password);
  const auto own = mail::lower(name);
  while (!own.empty() && rest.starts_with(own)) rest.erase(0, own.size());
  if (rest.size() < password_least / 2 && rest.size() < password.size()) {
    return bad("the password is little more than the name; choose another");
  }
  if (password.find_first_not_of(password.front()) == std::string_view::npos) {
    return bad("the password is one character again and again; choose another");
  }
  return {};
}

Result<std::string> check_account_name(std::string_view name) {
  auto own = mail::lower(name);
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  if (own.empty() || own.size() > name_limit || own.find_first_not_of(letters) != std::string::npos ||
      own.front() == '-' || own.front() == '.') {
    return bad("the name of an account has letters a to z, digits, '.', '_' and '-', at most 64 of them");
  }
  return own;
}

std::string Passwords::make_hash(const std::string& password) const {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const int done = crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost_.passes, cost_.memory,
                                         crypto_pwhash_ALG_ARGON2ID13);
  return done == 0 ? std::string{out.data()} : std::string{};
}

template <class T>
Task<Result<T>> Passwords::run(std::function<T()> work) {
  if (waiting_.fetch_add(1) >= waiting_limit) {
    waiting_.fetch_sub(1);
    co_return fail(ErrorKind::busy, "too many people are signing in at this moment; try again");
  }
  auto done = co_await threads_.run<T>(std::move(work));
  waiting_.fetch_sub(1);
  co_return done;
}

Task<Result<std::string>> Passwords::hash(std::string password) {
  std::function<std::string()> work = [this, password = std::move(password)] { return make_hash(password); };
  auto made = co_await run<std::string>(std::move(work));
  if (made && made->empty()) co_return fail(ErrorKind::full, "there is no memory to hash the password");
  co_return made;
}

Task<Result<bool>> Passwords::verify(std::string hash, std::string password) {
  std::function<bool()> work = [this, hash = std::move(hash), password = std::move(password)] {
    std::string dummy;
    if (hash.empty()) {
      std::lock_guard lock{mutex_};
      if (dummy_.empty()) dummy_ = make_hash("nobody has this password");
      dummy = dummy_;
    }
    const auto& against = hash.empty() ? dummy : hash;
    const bool same = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    return same && !hash.empty();
  };
  auto verified = co_await run<bool>(std::move(work));
  co_return verified;
}

}  // namespace mailreeve::web
