// SPDX-License-Identifier: Apache-2.0
// The outside suites, read where they lie.
#include <gtest/gtest.h>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/json.hpp>
#include <fstream>

#include "smtp/server_test_driver.h"

namespace mailreeve::smtp {
namespace {

using testing::Driver;
using testing::test_options;
namespace json = boost::json;

std::vector<json::value> read_suite(const std::string& name) {
  std::vector<json::value> rows;
  std::ifstream file{std::string{MAILREEVE_SUITES_DIR} + "/" + name};
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) rows.push_back(json::parse(line));
  return rows;
}

std::string text(const json::value& row, const char* key) { return std::string{row.at(key).as_string()}; }

std::string decode(const std::string& base64) {
  namespace codec = boost::beast::detail::base64;
  std::string bytes(codec::decoded_size(base64.size()), '\0');
  bytes.resize(codec::decode(bytes.data(), base64.data(), base64.size()).first);
  return bytes;
}

std::string replace_all(std::string where, std::string_view what, std::string_view with) {
  for (auto at = where.find(what); at != std::string::npos; at = where.find(what, at + with.size()))
    where.replace(at, what.size(), with);
  return where;
}

class SmtpSmuggling : public ::testing::Test {
 protected:
  void SetUp() override {
    cases_ = read_suite("smtp-smuggling/cases.jsonl");
    if (cases_.empty()) GTEST_SKIP() << "no suite smtp-smuggling in " MAILREEVE_SUITES_DIR;
  }
  std::vector<json::value> cases_;
};

TEST_F(SmtpSmuggling, NoSequenceEndsTheDataEarlyWhereverItIsCut) {
  for (const auto& row : cases_) {
    const auto& input = row.at("input");
    std::string opening;
    for (const auto& command : input.at("commands").as_array())
      opening += replace_all(std::string{command.as_string()}, "{rcpt}", "c@d.example") + "\r\n";
    const auto data = replace_all(decode(text(input, "data_b64")), "{rcpt}", "c@d.example");
    const bool really_ends = row.at("contains_true_eod").as_bool();
    const bool forbidden = row.at("has_bare_cr_or_lf").as_bool() || row.at("has_nul").as_bool();
    for (std::size_t cut = 0; cut < data.size(); ++cut) {
      SCOPED_TRACE(fmt::format("{} {} cut at {}", text(row, "id"), text(row, "sequence"), cut));
      Driver driver{test_options()};
      ASSERT_EQ(driver.codes(opening), "250, 250 2.1.0, 250 2.1.5, 354");
      auto codes = driver.codes(data.substr(0, cut));
      const auto more = driver.codes(data.substr(cut));
      if (!codes.empty() && !more.empty()) codes += ", ";
      codes += more;
      if (!really_ends) {  // else the client did end its message, and a second one may follow
        // One reply, and none to the commands hidden in the text.
        ASSERT_EQ(codes, forbidden ? "550 5.5.2" : "250 2.0.0");
        ASSERT_EQ(driver.messages.size(), forbidden ? 0U : 1U);
        ASSERT_EQ(driver.closed, forbidden ? "smuggling" : "");
      }
    }
  }
}

/// What the suite calls valid and we refuse, or the other way, with the reason.
struct Difference {
  std::string_view id;
  std::string_view reason;
};

class SmtpCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    rows_ = read_suite("smtp-protocol/commands.jsonl");
    if (rows_.empty()) GTEST_SKIP() << "no suite smtp-protocol in " MAILREEVE_SUITES_DIR;
  }
  std::vector<json::value> rows_;
};

TEST_F(SmtpCommands, AreAcceptedOrRefusedAsTheSuiteSays) {
  constexpr Difference differences[] = {
      {"smtp-proto/8", "a bare CR closes the session, also inside quotes"},
      {"smtp-proto/9", "VRFY takes any string: the answer is 252 whatever it is"},
      {"smtp-proto/50", "no blank before the colon"},
      {"smtp-proto/51", "no blank before the colon"},
      {"smtp-proto/52", "no blank before the colon"},
      {"smtp-proto/78", "BINARYMIME is not offered, and a parameter is given once"},
      {"smtp-proto/114", "a parameter is given once"},
  };
  // Extensions that we do not offer: never accepted, and answered as such.
  constexpr std::string_view not_offered[] = {"LHLO",       "EXPN",   "AUTH",        "ETRN",    "ATRN",      "BURL",
                                              "REQUIRETLS", "CONNEG", " BY=",        "HOLDFOR", "HOLDUNTIL", "SOLICIT",
                                              "TRANSID",    "MTRK=",  "MT-PRIORITY", "RRVS="};
  for (const auto& row : rows_) {
    const auto id = text(row, "id");
    auto command = text(row, "command");
    SCOPED_TRACE(::testing::Message() << id << " " << command);
    bool expected = row.at("ok").as_bool();
    const auto contains = [&](std::string_view word) { return command.find(word) != std::string::npos; };
    const bool extension = std::ranges::any_of(not_offered, contains);
    if (extension) expected = false;
    if (std::ranges::any_of(differences, [&](const Difference& one) { return one.id == id; })) expected = !expected;
    // The suite tries parameters on the empty forward-path, which RFC 5321 has not.
    command = replace_all(command, "RCPT TO:<>", "RCPT TO:<c@d.example>");
    if (command == "MAIL FROM:<postmaster>") expected = false;

    Driver driver{test_options()};
    if (!command.starts_with("EHLO") && !command.starts_with("HELO")) driver.codes("EHLO x\r\n");
    const bool needs_mail = command.starts_with("RCPT") || command.starts_with("DATA") || command.starts_with("BDAT");
    if (needs_mail) driver.codes("MAIL FROM:<> SMTPUTF8\r\n");
    if (needs_mail && !command.starts_with("RCPT")) driver.codes("RCPT TO:<c@d.example>\r\n");
    auto codes = driver.codes(command + "\r\n");
    if (codes.empty() && command.starts_with("BDAT")) codes = driver.codes(std::string(123456, 'x'));
    const bool accepted = codes.starts_with('2') || codes.starts_with('3');
    EXPECT_EQ(accepted, expected) << codes;
    const bool has_bare_cr = command.find('\r') != std::string::npos;
    if (extension && !has_bare_cr) EXPECT_TRUE(codes.starts_with("50") || codes.starts_with("555")) << codes;
  }
}

}  // namespace
}  // namespace mailreeve::smtp
