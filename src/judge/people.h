// SPDX-License-Identifier: Apache-2.0
// Our own people by their names, for telling who borrows one.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"

namespace mailreeve::judge {

/// Somebody of us. `address`: where they may write from; empty where only the name is known.
struct NamedPerson {
  std::string name;     // UTF-8, as people write it
  std::string address;  // lower case
  bool operator==(const NamedPerson&) const = default;
  /// As it is written in settings and lists: `Anna Muster`, `Anna Muster <anna@example.net>`.
  std::string text() const { return address.empty() ? name : name + " <" + address + ">"; }
};

/// Both forms, the name in quotes or without. The error says what is wrong: no address between the brackets, less than
/// two words (every Anna would be one of us).
Result<NamedPerson> parse_person(std::string_view text);

class People {
 public:
  /// A name of less than two words is nobody's and left out. The same name twice: either address is right.
  void add(const NamedPerson& person);
  /// Does `shown` read as one of our people (see scan::name_keys) whose address this is not? `address`: any case.
  bool is_borrowed(std::string_view shown, std::string_view address) const;
  bool empty() const { return addresses_.empty(); }

 private:
  std::unordered_map<std::string, std::set<std::string>> addresses_;  // of each key
};

}  // namespace mailreeve::judge
