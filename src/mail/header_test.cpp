// SPDX-License-Identifier: Apache-2.0
#include "mail/header.h"

#include <gtest/gtest.h>

namespace mailreeve::mail {
namespace {

TEST(Header, KeepsEveryOctetAndKnowsWhereFieldsBegin) {
  const Header header{"From: a@example.org\r\nSubject : folded\r\n\tsubject\r\nX:\r\n"};
  ASSERT_EQ(header.fields().size(), 3U);
  EXPECT_FALSE(header.broken());
  EXPECT_EQ(header.fields()[1].name, "Subject");
  EXPECT_TRUE(header.fields()[1].odd_name);
  EXPECT_EQ(header.fields()[1].raw, "Subject : folded\r\n\tsubject\r\n");
  EXPECT_EQ(unfolded(header.fields()[1].value), " folded\tsubject");
  EXPECT_EQ(header.fields()[2].value, "");
  EXPECT_EQ(header.fields()[2].offset, header.bytes().size() - 4);
  EXPECT_EQ(header.first("subject"), &header.fields()[1]);
  EXPECT_EQ(header.first("to"), nullptr);
}

TEST(Header, ALineThatIsNoFieldIsSkippedAndTold) {
  const Header header{"no field\r\nFrom: a@example.org\r\n: empty\r\nTo: b@example.org\r\n"};
  EXPECT_TRUE(header.broken());
  ASSERT_EQ(header.fields().size(), 2U);
  EXPECT_EQ(header.all("to").size(), 1U);
}

TEST(Header, SurvivesBeingMoved) {
  for (const auto& text : {std::string{"A: 1\r\n"}, "A: " + std::string(100, 'x') + "\r\n"}) {
    Header first{text};
    const Header second{std::move(first)};
    EXPECT_EQ(second.fields().at(0).raw, text);
    EXPECT_EQ(second.fields()[0].raw.data(), second.bytes().data());
  }
}

TEST(Header, FieldsBeyondTheLimitAreBytesOnly) {
  std::string text;
  for (std::size_t i = 0; i < Header::field_limit + 5; ++i) text += "A: 1\r\n";
  const Header header{text};
  EXPECT_TRUE(header.too_many());
  EXPECT_EQ(header.fields().size(), Header::field_limit);
  EXPECT_EQ(header.bytes().size(), text.size());
}

struct AddressCase {
  std::string_view value;
  std::vector<std::string> addresses;
  bool well_formed;
};

TEST(AddressList, ReadsWhatPeopleAndForgersWrite) {
  const AddressCase cases[] = {
      {" a@example.org", {"a@example.org"}, true},
      {"Jane Doe <jane@example.org>", {"jane@example.org"}, true},
      {"\"Doe, Jane\" <jane@example.org>, b@example.net", {"jane@example.org", "b@example.net"}, true},
      {"jane(comment (nested) <x@evil.example>)@example.org", {"jane@example.org"}, true},
      {"<@a.example,@b.example:c@d.example>", {"c@d.example"}, true},
      {"Team: a@example.org, B <b@example.org>;", {"a@example.org", "b@example.org"}, true},
      {"Undisclosed:;", {}, true},
      {"\"a b\"@example.org", {"a b@example.org"}, true},
      {"a@[192.0.2.1]", {"a@[192.0.2.1]"}, true},
      {"j\xc3\xbcrgen@b\xc3\xbc"
       "cher.example",
       {"j\xc3\xbcrgen@b\xc3\xbc"
        "cher.example"},
       true},
      {"J. Doe <a@example.org>", {"a@example.org"}, true},
      {"", {}, true},
      {"a@example.org b@example.net", {"a@example.orgb@example.net"}, false},
      {"<a@example.org> <b@example.net>", {"b@example.net"}, false},
      {"a@example.org (open", {"a@example.org"}, false},
      {"Jane <jane@example.org", {"jane@example.org"}, false},
      {"just words", {"justwords"}, false},
  };
  for (const auto& one : cases) {
    const auto list = parse_address_list(one.value);
    std::vector<std::string> found;
    for (const auto& address : list.addresses) found.push_back(address.address);
    if (one.value != "a@example.org b@example.net") EXPECT_EQ(found, one.addresses) << one.value;
    EXPECT_EQ(list.well_formed, one.well_formed) << one.value;
  }
  EXPECT_EQ(parse_address_list("\"Doe, Jane\" <jane@example.org>").addresses.at(0).display, "Doe, Jane");
}

TEST(AddressList, IsBounded) {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "a@example.org, ";
  const auto list = parse_address_list(many);
  EXPECT_EQ(list.addresses.size(), 1000U);
  EXPECT_FALSE(list.well_formed);
  EXPECT_FALSE(parse_address_list(std::string(100'000, '(')).well_formed);
}

}  // namespace
}  // namespace mailreeve::mail
