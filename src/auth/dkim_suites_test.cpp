// SPDX-License-Identifier: Apache-2.0
// The DKIM suite, case by case.
#include "auth/canonical.h"
#include "auth/dkim.h"
#include "auth/tag_list.h"
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
