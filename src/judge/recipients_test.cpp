// SPDX-License-Identifier: Apache-2.0
#include "judge/recipients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

namespace mailreeve::judge {
namespace {

using Kind = RecipientDecision::Kind;
using testing::HasSubstr;

/// Runs a task that must not suspend for anything outside.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context context;
  std::optional<T> result;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr, T value) { result = std::move(value); });
  context.run();
  return std::move(result.value());
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    path_ = (std::filesystem::temp_directory_path() / "mailreeve-recipients-XXXXXX").string();
    const int descriptor = ::mkstemp(path_.data());
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    std::ofstream{path_} << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::shared_ptr<const Directory> directory_of(std::string_view lines) {
  const TemporaryFile file{lines};
  auto directory = load_file_directory(file.path());
  EXPECT_TRUE(directory.has_value()) << directory.error().text;
  return std::shared_ptr<const Directory>{std::move(*directory)};
}

std::string error_of(std::string_view lines) {
  const TemporaryFile file{lines};
  const auto directory = load_file_directory(file.path());
  EXPECT_FALSE(directory.has_value());
  return directory ? std::string{} : directory.error().text;
}

bool finds(const Directory& directory, std::string_view address) {
  return run(directory.find(*mail::Mailbox::parse(address, mail::Utf8::allow))) == Directory::Answer::found;
}

mail::Domain domain(std::string_view name) { return *mail::Domain::parse(name); }

IpAddress stranger() { return *IpAddress::parse("198.51.100.7"); }
IpAddress colleague() { return *IpAddress::parse("10.1.2.3"); }

RecipientOptions options_with(std::shared_ptr<const Directory> directory) {
  RecipientOptions options;
  options.domains.push_back({domain("example.org"), {domain("alias.example")}, std::move(directory)});
  options.domains.push_back({domain("any.example"), {}, make_any_directory()});
  options.relay_networks.push_back(*IpNetwork::parse("10.0.0.0/8"));
  return options;
}

AddressBook book() { return AddressBook{options_with(directory_of("alice@example.org\n\"listed%x\"@example.org\n"))}; }

RecipientDecision decide(const AddressBook& addresses, std::string_view address, IpAddress client = stranger()) {
  mail::ForwardPath path;
  path.mailbox = *mail::Mailbox::parse(address, mail::Utf8::allow);
  return run(addresses.decide(std::move(path), client));
}

TEST(FileDirectory, FindsListedAddressesWithoutCase) {
  const auto directory = directory_of("Alice@Example.ORG\n\n# nobody@example.org\nbob@example.org # the builder\r\n");
  EXPECT_TRUE(finds(*directory, "alice@example.org"));
  EXPECT_TRUE(finds(*directory, "ALICE@EXAMPLE.org"));
  EXPECT_TRUE(finds(*directory, "bob@example.org"));
  EXPECT_FALSE(finds(*directory, "nobody@example.org"));
  EXPECT_FALSE(finds(*directory, "alice@example.net"));
}

TEST(FileDirectory, FindsAnAddressWithATagWhenItOrTheOneWithoutIsListed) {
  const auto directory = directory_of("alice@example.org\nbob+list@example.org\n");
  EXPECT_TRUE(finds(*directory, "alice+news@example.org"));
  EXPECT_TRUE(finds(*directory, "alice+a+b@example.org"));
  EXPECT_TRUE(finds(*directory, "bob+list@example.org"));
  EXPECT_FALSE(finds(*directory, "bob@example.org"));
  EXPECT_FALSE(finds(*directory, "+alice@example.org"));
}

TEST(FileDirectory, ADomainLineMeansEverybodyThere) {
  const auto directory = directory_of("@example.org\n");
  EXPECT_TRUE(finds(*directory, "anybody@example.org"));
  EXPECT_FALSE(finds(*directory, "anybody@sub.example.org"));
}

TEST(FileDirectory, PatternsMatchAnyRunOfCharacters) {
  const auto directory = directory_of("Sales-*@example.org\n*@*.lab.example\n*.team@example.net\na*b*c@x.example\n");
  EXPECT_TRUE(finds(*directory, "sales-north@example.org"));
  EXPECT_TRUE(finds(*directory, "sales-@example.org"));
  EXPECT_TRUE(finds(*directory, "sales-north+tag@example.org"));
  EXPECT_FALSE(finds(*directory, "sales@example.org"));
  EXPECT_TRUE(finds(*directory, "who@one.lab.example"));
  EXPECT_FALSE(finds(*directory, "who@lab.example"));
  EXPECT_TRUE(finds(*directory, "red.team@example.net"));
  EXPECT_TRUE(finds(*directory, "aXbXbXc@x.example"));
  EXPECT_FALSE(finds(*directory, "aXbXbXd@x.example"));
}

TEST(FileDirectory, ALocalPartMayHoldAHash) {
  const auto directory = directory_of("room#4@example.org\n");
  EXPECT_TRUE(finds(*directory, "room#4@example.org"));
}

TEST(FileDirectory, InternationalDomainsAreOneInBothForms) {
  const auto directory = directory_of(
      "info@b\xc3\xbc"
      "cher.example\n");
  EXPECT_TRUE(finds(*directory, "info@xn--bcher-kva.example"));
}

TEST(FileDirectory, AnAddressMayStandBehindItsOwnersName) {
  const auto directory = directory_of(
      "\"Muster, Anna\" <Anna@example.org>\nBen Beispiel <ben@example.org> # sales\nSales <sales@example.org>\n"
      "<bare@example.org>\nAll of Them <x-*@example.org>\nplain@example.org\n");
  for (const auto* address : {"anna@example.org", "ben@example.org", "sales@example.org", "bare@example.org",
                              "x-1@example.org", "plain@example.org"}) {
    EXPECT_TRUE(finds(*directory, address)) << address;
  }
  EXPECT_FALSE(finds(*directory, "muster@example.org"));
  EXPECT_THAT(directory->people(), testing::ElementsAre(NamedPerson{"Muster, Anna", "anna@example.org"},
                                                        NamedPerson{"Ben Beispiel", "ben@example.org"}));
  EXPECT_THAT(directory_of("plain@example.org\n")->people(), testing::IsEmpty());
  EXPECT_THAT(make_any_directory()->people(), testing::IsEmpty());
}

TEST(FileDirectory, MistakesInNamedLinesAreTold) {
  EXPECT_THAT(error_of("Anna Muster <anna>\n"), HasSubstr(":1: \"anna\" has no @"));
  EXPECT_THAT(error_of("Anna Muster <>\n"), HasSubstr(":1: "));
  EXPECT_THAT(error_of("Anna M\xfcster <anna@example.org>\n"), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of("Anna Muster <anna@example.org\n"), HasSubstr(":1: "));
}

TEST(FileDirectory, MistakesAreToldWithTheirLine) {
  const auto text = error_of("alice@example.org\nbob\n\nx@@y\nca*rol@exa mple.org\n");
  EXPECT_THAT(text, HasSubstr(":2: \"bob\" has no @"));
  EXPECT_THAT(text, HasSubstr(":4: "));
  EXPECT_THAT(text, HasSubstr(":5: "));
}

TEST(FileDirectory, ALongListOfMistakesIsCutShort) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "wrong\n";
  const auto text = error_of(lines);
  EXPECT_THAT(text, HasSubstr("and 990 more"));
  EXPECT_LT(text.size(), 4000U);
}

TEST(FileDirectory, AListThatNamesNobodyIsAMistake) {
  EXPECT_THAT(error_of("# all gone\n"), HasSubstr("names nobody"));
}

TEST(FileDirectory, AMissingFileIsNamed) {
  const auto directory = load_file_directory("/nonexistent/recipients");
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().text, HasSubstr("/nonexistent/recipients"));
}

TEST(AddressBook, OursKnownAndUnknown) {
  const auto addresses = book();
  const auto known = decide(addresses, "Alice@EXAMPLE.org");
  EXPECT_EQ(known.kind, Kind::ours);
  EXPECT_EQ(known.domain, "example.org");
  EXPECT_EQ(known.recipient->text(), "Alice@example.org");
  EXPECT_EQ(decide(addresses, "nobody@example.org").kind, Kind::unknown);
  EXPECT_EQ(decide(addresses, "anybody@any.example").kind, Kind::ours);
}

TEST(AddressBook, AliasesAreRewrittenToTheMainDomain) {
  const auto decision = decide(book(), "Alice+x@alias.example");
  EXPECT_EQ(decision.kind, Kind::ours);
  EXPECT_EQ(decision.domain, "example.org");
  EXPECT_EQ(decision.recipient->text(), "Alice+x@example.org");
  EXPECT_EQ(decide(book(), "nobody@alias.example").kind, Kind::unknown);
}

TEST(AddressBook, PostmasterAndAbuseAlwaysExist) {
  for (const auto* address :
       {"postmaster@example.org", "PostMaster@alias.example", "ABUSE@example.org", "abuse@any.example"}) {
    EXPECT_EQ(decide(book(), address).kind, Kind::ours) << address;
  }
  EXPECT_EQ(decide(book(), "postmaster@elsewhere.example").kind, Kind::denied);
}

TEST(AddressBook, BarePostmasterIsThatOfTheFirstDomain) {
  const auto addresses = book();
  const auto decision = run(addresses.decide(mail::ForwardPath{}, stranger()));
  EXPECT_EQ(decision.kind, Kind::ours);
  EXPECT_EQ(decision.recipient->text(), "postmaster@example.org");
  const AddressBook empty{RecipientOptions{}};
  EXPECT_EQ(run(empty.decide(mail::ForwardPath{}, stranger())).kind, Kind::denied);
}

TEST(AddressBook, RelayNetworksMaySendAnywhereButOurOwnPeopleMustExist) {
  const auto addresses = book();
  const auto decision = decide(addresses, "somebody@elsewhere.example", colleague());
  EXPECT_EQ(decision.kind, Kind::relay);
  EXPECT_EQ(decision.recipient->text(), "somebody@elsewhere.example");
  EXPECT_EQ(decide(addresses, "nobody@example.org", colleague()).kind, Kind::unknown);
  EXPECT_EQ(decide(addresses, "u%v@any.example", colleague()).kind, Kind::denied);
  EXPECT_EQ(decide(addresses, "somebody@elsewhere.example").kind, Kind::denied);
}

TEST(AddressBook, RoutedLocalPartsAreDeniedUnlessListedAsSuch) {
  const auto addresses = book();
  EXPECT_EQ(decide(addresses, "listed%x@example.org").kind, Kind::ours);
  for (const auto* local : {"u%v", "v!u", "\"u@v\"", "\"u@v\\\"\"", "\"@v:u\"", "|cmd", "/etc/passwd", "\"a,b\""}) {
    EXPECT_EQ(decide(addresses, std::string{local} + "@any.example").kind, Kind::denied) << local;
    EXPECT_EQ(decide(addresses, std::string{local} + "@example.org").kind, Kind::denied) << local;
  }
  const AddressBook wild{options_with(directory_of("@example.org\n*%*@example.org\n"))};
  EXPECT_EQ(decide(wild, "u%v@example.org").kind, Kind::denied);
  EXPECT_EQ(decide(wild, "u@example.org").kind, Kind::ours);
}

/// Says that it does not know.
class SilentDirectory final : public Directory {
 public:
  Task<Answer> find(mail::Mailbox) const override { co_return Answer::unavailable; }
};

TEST(AddressBook, ADirectoryThatCannotSayIsNotANo) {
  const AddressBook addresses{options_with(std::make_shared<SilentDirectory>())};
  EXPECT_EQ(decide(addresses, "alice@example.org").kind, Kind::unavailable);
  EXPECT_EQ(decide(addresses, "postmaster@example.org").kind, Kind::ours);
}

TEST(OpenRelay, WideAndPublicNetworksAreRefusedWithTheReason) {
  for (const auto* network : {"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "198.0.0.0/15", "8.0.0.0/8",
                              "10.0.0.0/7", "2000::/3", "2001:db8::/31", "::/1", "fc00::/6", "64:ff9b::/96"}) {
    EXPECT_TRUE(open_relay_reason(*IpNetwork::parse(network))) << network;
  }
  for (const auto* network :
       {"10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "127.0.0.0/8", "198.51.0.0/16", "203.0.113.0/24",
        "2001:db8::/32", "fc00::/7", "::1", "192.0.2.1", "64:ff9b::c000:200/120"}) {
    EXPECT_FALSE(open_relay_reason(*IpNetwork::parse(network))) << network;
  }
  EXPECT_THAT(*open_relay_reason(*IpNetwork::parse("0.0.0.0/0")), HasSubstr("open relay"));
}

}  // namespace
}  // namespace mailreeve::judge
