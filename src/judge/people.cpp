// SPDX-License-Identifier: Apache-2.0
#include "judge/people.h"

#include <fmt/format.h>

#include "mail/address.h"
#include "mail/characters.h"
#include "scan/person_name.h"

namespace mailreeve::judge {
namespace {

constexpr std::size_t name_limit = 256;  // octets

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<NamedPerson> parse_person(std::string_view text) {
  NamedPerson person;
  auto name = trimmed(text);
  if (name.ends_with('>')) {
    const auto open = name.rfind('<');
    const auto inside = open == std::string_view::npos ? std::string_view{} : name.substr(open + 1);
    const auto address =
        mail::Mailbox::parse(inside.substr(0, inside.empty() ? 0 : inside.size() - 1), mail::Utf8::allow);
    if (!address) return fail(ErrorKind::invalid, fmt::format("\"{}\": {}", text, address.error().text));
    person.address = mail::lower(address->text());
    name = trimmed(name.substr(0, open));
  }
  if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) {
    name = trimmed(name.substr(1, name.size() - 2));
  }
  person.name = name;
  if (person.address.empty() && mail::Mailbox::parse(name, mail::Utf8::allow)) {
    return fail(
        ErrorKind::invalid,
        fmt::format("\"{}\" is an address; write whose name nobody else may show: \"Anna Muster <{}>\"", text, name));
  }
  if (person.name.size() > name_limit || !mail::is_safe_utf8(name)) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\": a name is UTF-8 of at most {} octets", text, name_limit));
  }
  if (scan::name_keys(name).empty()) {
    return fail(
        ErrorKind::invalid,
        fmt::format("\"{}\": write first and last name: with one word everybody called so would be found", text));
  }
  return person;
}

void People::add(const NamedPerson& person) {
  for (auto& key : scan::name_keys(person.name)) {
    auto& known = addresses_[std::move(key)];
    if (!person.address.empty()) known.insert(person.address);
  }
}

bool People::is_borrowed(std::string_view shown, std::string_view address) const {
  if (addresses_.empty()) return false;
  const auto mailbox = mail::Mailbox::parse(address, mail::Utf8::allow);
  const auto lower = mailbox ? mail::lower(mailbox->text()) : mail::lower(address);
  bool is_known = false;
  for (const auto& key : scan::name_keys(shown)) {
    const auto found = addresses_.find(key);
    if (found == addresses_.end()) continue;
    is_known = true;
    if (found->second.contains(lower)) return false;
  }
  return is_known;
}

}  // namespace mailreeve::judge
