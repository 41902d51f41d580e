// SPDX-License-Identifier: Apache-2.0
// What is parsed as an address and written again is the same address, and fits the limits of RFC 5321.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/address.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve::mail;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const auto utf8 : {Utf8::refuse, Utf8::allow}) {
    const auto mailbox = Mailbox::parse(text, utf8);
    if (!mailbox) continue;
    const auto written = mailbox->text();
    require(written.size() <= 254 && mailbox->local().size() <= 64 && mailbox->domain().text().size() <= 255);
    require(written.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
    require(utf8 == Utf8::allow || !mailbox->needs_utf8());
    const auto again = Mailbox::parse(written, utf8);
    require(again && *again == *mailbox && again->text() == written);
  }
  const auto domain = Domain::parse(text);
  if (domain) {
    const auto again = Domain::parse(domain->text());
    require(again && *again == *domain && again->is_literal() == domain->is_literal());
  }
  return 0;
}
