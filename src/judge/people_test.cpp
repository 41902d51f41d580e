// SPDX-License-Identifier: Apache-2.0
#include "judge/people.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::judge {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text) {
  const auto person = parse_person(text);
  EXPECT_FALSE(person.has_value()) << text;
  return person ? std::string{} : person.error().text;
}

TEST(People, AreWrittenWithOrWithoutAnAddress) {
  EXPECT_EQ(*parse_person("Anna Muster"), (NamedPerson{"Anna Muster", ""}));
  EXPECT_EQ(*parse_person(" \"Muster, Anna\" <Anna.Private@Example.NET> "),
            (NamedPerson{"Muster, Anna", "anna.private@example.net"}));
  EXPECT_EQ(*parse_person("Jürgen Müller <j@müller.example>"),
            (NamedPerson{"Jürgen Müller", "j@xn--mller-kva.example"}));
}

TEST(People, WhatIsWrittenReadsAgainAsTheSame) {
  for (const auto* text : {"Anna Muster", "Anna Muster <anna@example.net>", "\"Muster, Anna\" <anna@example.net>"}) {
    const auto person = parse_person(text);
    ASSERT_TRUE(person) << text;
    EXPECT_EQ(*parse_person(person->text()), *person);
  }
}

TEST(People, MistakesAreTold) {
  EXPECT_THAT(error_of("Anna"), HasSubstr("first and last name"));
  EXPECT_THAT(error_of(""), HasSubstr("first and last name"));
  EXPECT_THAT(error_of("<anna@example.net>"), HasSubstr("first and last name"));
  EXPECT_THAT(error_of("Anna Muster <anna>"), HasSubstr("Anna Muster <anna>"));
  EXPECT_THAT(error_of("Anna Muster <>"), HasSubstr("Anna Muster <>"));
  EXPECT_THAT(error_of("Anna Muster >"), HasSubstr("Anna Muster >"));
  EXPECT_THAT(error_of("Anna M\xfcster"), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of(std::string(300, 'a') + " b"), HasSubstr("256"));
}

TEST(People, ABorrowedNameIsKnown) {
  People people;
  EXPECT_TRUE(people.empty());
  EXPECT_FALSE(people.is_borrowed("Anna Muster", "thief@sender.example"));
  people.add({"Anna Muster", ""});
  people.add({"Ben Beispiel", "ben@example.net"});
  EXPECT_TRUE(people.is_borrowed("MUSTER, Anna", "thief@sender.example"));
  EXPECT_TRUE(people.is_borrowed("Ben Beispiel", "thief@sender.example"));
  EXPECT_FALSE(people.is_borrowed("Ben Beispiel", "BEN@example.NET"));
  EXPECT_FALSE(people.is_borrowed("Clara Beispiel", "thief@sender.example"));
  EXPECT_FALSE(people.is_borrowed("Anna", "thief@sender.example"));
}

TEST(People, OfOneNameMayWriteFromAnyOfTheirAddresses) {
  People people;
  people.add({"Anna Muster", "anna@example.net"});
  people.add({"Muster, Anna", "muster@example.com"});
  EXPECT_FALSE(people.is_borrowed("Anna Muster", "anna@example.net"));
  EXPECT_FALSE(people.is_borrowed("Anna Muster", "muster@example.com"));
  EXPECT_TRUE(people.is_borrowed("Anna Muster", "muster@example.net"));
}

TEST(People, AnAddressIsTheSameInEitherSpellingOfItsDomain) {
  People people;
  people.add(*parse_person("Jürgen Müller <j@müller.example>"));
  EXPECT_FALSE(people.is_borrowed("Jürgen Müller", "j@müller.example"));
  EXPECT_FALSE(people.is_borrowed("Juergen Mueller", "j@xn--mller-kva.example"));
}

}  // namespace
}  // namespace mailreeve::judge
