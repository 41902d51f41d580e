// SPDX-License-Identifier: Apache-2.0
#include "auth/canonical.h"

#include <gtest/gtest.h>

#include <random>

namespace mailreeve::auth {
namespace {

/// RFC 6376 3.4.3 and 3.4.4 word by word, for bodies whose lines end in CRLF.
std::string by_the_book(const std::string& body, Canonical canonical) {
  std::string out;
  for (std::size_t at = 0; at < body.size();) {
    const auto end = body.find("\r\n", at);
    auto line = body.substr(at, end - at);
    at = end == std::string::npos ? body.size() : end + 2;
    if (canonical == Canonical::relaxed) {
      std::string reduced;
      for (const char c : line) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank) reduced += c;
        if (blank && !reduced.ends_with(' ')) reduced += ' ';
      }
      while (reduced.ends_with(' ')) reduced.pop_back();
      line = reduced;
    }
    out += line + "\r\n";
  }
  while (out.ends_with("\r\n\r\n")) out.resize(out.size() - 2);
  if (out == "\r\n") out.clear();
  if (out.empty() && canonical == Canonical::simple) out = "\r\n";
  return out;
}

std::string hash_of(std::string_view octets) {
  Hash hash{HashAlgorithm::sha256};
  hash.update(octets);
  return hash.finish();
}

TEST(BodyHasher, AgreesWithTheBookOnAnyBodyHoweverCut) {
  std::mt19937 random{20261121};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  constexpr std::string_view pieces[] = {"a", "word", " ", "  ", "\t", "\r\n", "\r\n\r\n", "\xc3\xa4", ".", "="};
  for (int round = 0; round < 500; ++round) {
    std::string body;
    for (auto count = below(200); count-- > 0;) body += pieces[below(std::size(pieces))];
    if (round % 50 == 0) body += std::string(20'000, 'x') + " " + std::string(20'000, 'y');
    body += "\r\n";
    for (const auto canonical : {Canonical::simple, Canonical::relaxed}) {
      const auto wanted = by_the_book(body, canonical);
      const auto limit = below(wanted.size() + 1);
      BodyHasher whole{canonical, HashAlgorithm::sha256, std::nullopt};
      BodyHasher limited{canonical, HashAlgorithm::sha256, limit};
      for (std::size_t at = 0; at < body.size();) {
        const auto size = 1 + below(round % 2 == 0 ? 5 : 5000);
        whole.feed(std::string_view{body}.substr(at, size));
        limited.feed(std::string_view{body}.substr(at, size));
        at += size;
      }
      ASSERT_EQ(whole.finish(), hash_of(wanted)) << body;
      ASSERT_EQ(whole.length(), wanted.size());
      ASSERT_EQ(limited.finish(), hash_of(std::string_view{wanted}.substr(0, limit))) << "l=" << limit << ": " << body;
      ASSERT_EQ(limited.length(), wanted.size());
    }
  }
}

}  // namespace
}  // namespace mailreeve::auth
