// SPDX-License-Identifier: Apache-2.0
#include "scan/person_name.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mailreeve::scan {
namespace {

bool are_alike(std::string_view one, std::string_view other) {
  const auto keys = name_keys(other);
  return std::ranges::any_of(name_keys(one),
                             [&](const auto& key) { return std::ranges::find(keys, key) != keys.end(); });
}

TEST(PersonName, IsTheSameHoweverItIsWritten) {
  for (const auto* shown : {"Anna Muster",
                            "anna muster",
                            "ANNA MUSTER",
                            "Muster, Anna",
                            "Muster Anna",
                            "  Anna   Muster ",
                            "Anna.Muster",
                            "anna_muster",
                            "\"Anna Muster\"",
                            "'Anna Muster'",
                            "Dr. Anna Muster",
                            "Frau Prof. Dr. Muster, Anna",
                            "Anna Muster (CEO)",
                            "(Anna Muster)",
                            "Anna Muster, CEO",
                            "Anna Muster | Example Ltd",
                            "Anna Muster - sales",
                            "Anna Muster – Example",
                            "Anna X. Muster",
                            "Anna Muster <anna@example.org>",
                            "Muster, Dr. Anna (sales)"}) {
    EXPECT_TRUE(are_alike("Anna Muster", shown)) << shown;
  }
}

TEST(PersonName, IsSeenThroughLookAlikes) {
  for (const auto& [known, shown] : {
           std::pair{"Anna Muster", "Аnna Muster"},              // Cyrillic A
           std::pair{"Anna Muster", "Αnnа Мuster"},              // Greek A, Cyrillic a and M
           std::pair{"Anna Muster", "Ａｎｎａ Ｍｕｓｔｅｒ"},    // full width
           std::pair{"Anna Muster", "𝐀𝐧𝐧𝐚 𝑴𝒖𝒔𝒕𝒆𝒓"},              // mathematical
           std::pair{"Anna Muster", "An\u200bna Mu\u00adster"},  // invisible characters within
           std::pair{"Anna Muster", "A\u0301nna Muste\u0323r"},  // marks put on
           std::pair{"Paul Miller", "Paul MiIIer"},              // capital i for l
           std::pair{"Paul Miller", "Pau1 Mi11er"},              // digits
           std::pair{"Paul Miller", "PAUL MILLER"},              //
           std::pair{"Emma Miller", "ЕММА MILLER"},              // Cyrillic capitals
           std::pair{"Bob Moore", "B0b M0ore"},                  //
           std::pair{"Emma Miller", "Ernrna Miller"},            // rn for m
       }) {
    EXPECT_TRUE(are_alike(known, shown)) << known << " / " << shown;
  }
}

TEST(PersonName, IsSeenThroughAccentsAndHowTheyAreSpelledOut) {
  for (const auto* shown :
       {"Jürgen Müller", "Jurgen Muller", "Juergen Mueller", "JÜRGEN MÜLLER", "Mu\u0308ller, Ju\u0308rgen"}) {
    EXPECT_TRUE(are_alike("Jürgen Müller", shown)) << shown;
  }
  EXPECT_TRUE(are_alike("Juergen Mueller", "Jürgen Müller"));
  EXPECT_TRUE(are_alike("Łukasz Wójcik", "Lukasz Wojcik"));
  EXPECT_TRUE(are_alike("Søren Ørsted", "Soren Orsted"));
  EXPECT_TRUE(are_alike("Søren Ørsted", "Soeren Oersted"));
  EXPECT_TRUE(are_alike("Anna Weiß", "ANNA WEISS"));
  EXPECT_TRUE(are_alike("Seán O’Neil", "Sean ONeil"));
  EXPECT_TRUE(are_alike("Иван Петров", "ПЕТРОВ Иван"));
}

TEST(PersonName, IsNobodysWithOneWordAlone) {
  for (const auto* name : {"", "Anna", "Dr. Anna", "Anna (Muster)", "Anna, CEO", "...", "(", ",,,", "\xff\xfe",
                           "\u200b \u200b", "\u0301 \u0302\u0303", "\u0301\u0302 Anna"}) {
    EXPECT_TRUE(name_keys(name).empty()) << name;
  }
}

TEST(PersonName, OthersAreOthers) {
  for (const auto* shown : {"Anna", "Muster", "Anna Master", "Annika Muster", "Anna Maria Muster",
                            "Anna Muster via List", "Ann Amuster", "Anna Muster Anna", "Mustafa Anna"}) {
    EXPECT_FALSE(are_alike("Anna Muster", shown)) << shown;
  }
}

TEST(PersonName, IsBounded) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "a b, ";
  EXPECT_LE(name_keys(many).size(), 6U);
  EXPECT_LE(name_keys(std::string(1U << 20U, 'a') + " b").size(), 6U);
}

}  // namespace
}  // namespace mailreeve::scan
