// SPDX-License-Identifier: Apache-2.0
// Any name gives a few keys, and none of them is empty; an entry that was read is read again as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "judge/people.h"
#include "scan/person_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto keys = scan::name_keys(text);
  if (keys.size() > 6) std::abort();
  for (const auto& key : keys) {
    if (key.empty() || key.size() > 64U << 10U) std::abort();
  }
  if (const auto person = judge::parse_person(text)) {
    judge::People people;
    people.add(*person);
    if (people.empty() || !people.is_borrowed(person->name, "nobody@elsewhere.example")) std::abort();
    if (!person->address.empty() && people.is_borrowed(person->name, person->address)) std::abort();
  }
  return 0;
}
