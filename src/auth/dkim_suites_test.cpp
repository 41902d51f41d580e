// SPDX-License-Identifier: Apache-2.0
// The DKIM suite, case by case.
#include "auth/canonical.h"
#include "auth/dkim.h"
#include "auth/tag_list.h"
#include "support/dkim_keys.h"
#include "support/run.h"
#include "support/suite.h"

namespace mailreeve::auth {
namespace {

using support::text_at;

WallTime time_of(const support::json::value& input) {
  const auto* now = input.as_object().if_contains("now");
  const auto seconds = now != nullptr && now->is_int64() ? now->as_int64() : 1'780'000'000;
  return WallTime{std::chrono::seconds{seconds}};
}

std::string story(const std::vector<DkimSignature>& signatures) {
  std::string out;
  for (const auto& s : signatures)
    out += fmt::format("{} {} {}: {}\n", s.domain, s.algorithm, name(s.result), s.reason);
  return out;
}

class DkimSuite : public ::testing::TestWithParam<support::json::value> {
 protected:
  std::vector<DkimSignature> verify(bool obsolete, std::size_t step) {
    const auto& row = GetParam();
    const auto resolver = support::zone_of(row);
    const auto text = support::decode_base64(text_at(row.at("input"), "message_b64"));
    message_ = MessageDigest{};
    for (std::size_t at = 0; at < text.size(); at += step) message_.feed(std::string_view{text}.substr(at, step));
    message_.finish();
    DkimOptions options;
    options.allow_obsolete = obsolete;
    return support::run(verify_dkim(message_, *resolver, time_of(row.at("input")), options));
  }
  void expect(const std::vector<DkimSignature>& found, const support::json::value& wanted) {
    bool fits = false;
    const auto result = name(overall(message_, found));
    for (const auto& one : wanted.as_array()) fits = fits || result == std::string_view{one.as_string()};
    EXPECT_TRUE(fits) << result << " instead of " << wanted << "\n" << story(found);
  }
  MessageDigest message_;
};

TEST_P(DkimSuite, VerifiesAsItDidThen) { expect(verify(true, 1'000'000), GetParam().at("expected")); }
TEST_P(DkimSuite, VerifiesByTodaysRules) { expect(verify(false, 1'000'000), GetParam().at("expected_rfc8301")); }
TEST_P(DkimSuite, DoesNotMindHowTheMessageIsCut) { EXPECT_EQ(story(verify(true, 1)), story(verify(true, 1'000'000))); }

std::string name_of(const ::testing::TestParamInfo<support::json::value>& info) {
  return support::case_name(info.param, info.index);
}

INSTANTIATE_TEST_SUITE_P(Cases, DkimSuite, ::testing::ValuesIn(support::read_suite("dkim/cases.jsonl")), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DkimSuite);

TEST(DkimSuites, AreThere) {
  if (support::read_suite("dkim/cases.jsonl").empty()) GTEST_SKIP() << "no suite dkim in " MAILREEVE_SUITES_DIR;
}

std::vector<support::json::value> sign_cases() {
  auto rows = support::read_suite("dkim/cases.jsonl");
  std::erase_if(rows, [](const auto& row) {
    const auto* sign = row.as_object().if_contains("sign");
    return sign == nullptr || !sign->is_object();
  });
  return rows;
}

/// The suite keeps its private keys to itself: everything but b= must be what it expects, and our own b= must hold.
class SignSuite : public ::testing::TestWithParam<support::json::value> {};

TEST_P(SignSuite, WritesTheExpectedTags) {
  const auto& row = GetParam();
  const auto expected_text = text_at(row.at("sign"), "expected_header");
  const auto expected = TagList::parse(expected_text);
  ASSERT_TRUE(expected) << expected.error().text;
  const auto tag = [](const TagList& tags, std::string_view name) {
    return without_blanks(tags.find(name).value_or(""));
  };
  const auto time = [&](std::string_view name) -> std::optional<WallTime> {
    if (!expected->find(name)) return std::nullopt;
    return WallTime{std::chrono::seconds{std::stoll(tag(*expected, name))}};
  };
  auto message = support::decode_base64(text_at(row.at("input"), "message_b64"));
  // The input is signed already.
  const mail::Header signed_header{message.substr(0, message.find("\r\n\r\n") + 2)};
  const auto* present = signed_header.first("DKIM-Signature");
  ASSERT_NE(present, nullptr);
  message.erase(present->offset, present->raw.size());

  DkimSignOptions options;
  options.domain = tag(*expected, "d");
  options.selector = tag(*expected, "s");
  options.identity = tag(*expected, "i");
  options.canonicalization = tag(*expected, "c");
  options.algorithm = tag(*expected, "a");
  options.signed_at = time("t");
  options.expires_at = time("x");
  for (const auto name : split(expected->find("h").value_or(""), ':')) options.fields.emplace_back(name);
  const auto key = SigningKey::from_pem(support::rsa_key(2048).pem);
  const auto field = sign_dkim(message, *key, options);
  ASSERT_TRUE(field) << field.error().text;
  const auto written = TagList::parse(std::string_view{*field}.substr(field->find(':') + 1));
  ASSERT_TRUE(written) << written.error().text;
  // Not compared: l= and z=, which we never write, foo= and r=, which mean nothing.
  for (const auto* name : {"v", "a", "c", "d", "s", "i", "t", "x", "h", "bh"}) {
    EXPECT_EQ(tag(*written, name), tag(*expected, name)) << name;
  }

  const auto resolver =
      dns::zone_resolver_from(support::key_line(options.selector, options.domain, support::rsa_key(2048).record));
  MessageDigest digest;
  digest.feed(*field + message);
  digest.finish();
  DkimOptions verification;
  verification.allow_obsolete = true;
  const auto found = support::run(verify_dkim(digest, **resolver, *options.signed_at, verification));
  EXPECT_EQ(overall(digest, found), DkimResult::pass) << story(found);
}

INSTANTIATE_TEST_SUITE_P(Cases, SignSuite, ::testing::ValuesIn(sign_cases()), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SignSuite);

/// The vectors were made for lines that end in LF alone, too.
std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

class CanonicalSuite : public ::testing::TestWithParam<support::json::value> {};

TEST_P(CanonicalSuite, HashesTheCanonicalForm) {
  const auto& row = GetParam();
  const auto canonical = text_at(row, "algorithm") == "relaxed" ? Canonical::relaxed : Canonical::simple;
  const auto input = with_crlf(support::decode_base64(text_at(row, "input_b64")));
  const auto expected = support::decode_base64(text_at(row, "expected_b64"));
  const auto empty = input.starts_with("\r\n") ? 0 : input.find("\r\n\r\n");
  const auto header_end = empty == std::string::npos ? input.size() : input.starts_with("\r\n") ? 0 : empty + 2;
  const auto body = empty == std::string::npos ? std::string{} : input.substr(header_end + 2);
  std::string header;
  const mail::Header fields{input.substr(0, header_end)};
  for (const auto& field : fields.fields()) append_canonical(header, field, canonical);
  header += "\r\n";
  ASSERT_TRUE(expected.starts_with(header)) << "expected: " << expected << "\nheader: " << header;
  for (const std::size_t step : {1UL, 2UL, 3UL, 100'000UL}) {
    BodyHasher hasher{canonical, HashAlgorithm::sha256, std::nullopt};
    for (std::size_t at = 0; at < body.size(); at += step) hasher.feed(std::string_view{body}.substr(at, step));
    Hash wanted{HashAlgorithm::sha256};
    wanted.update(std::string_view{expected}.substr(header.size()));
    EXPECT_EQ(to_base64(hasher.finish()), to_base64(wanted.finish())) << "cut at " << step;
    EXPECT_EQ(hasher.length(), expected.size() - header.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, CanonicalSuite, ::testing::ValuesIn(support::read_suite("dkim/canon.jsonl")),
                         name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CanonicalSuite);

}  // namespace
}  // namespace mailreeve::auth
