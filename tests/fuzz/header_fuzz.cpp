// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "auth/dmarc.h"
#include "mail/header.h"

// Fields and address lists: every view lies within the header, and their octets are those that came.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailreeve;
  const mail::Header header{std::string{reinterpret_cast<const char*>(data), size}};
  for (const auto& field : header.fields()) {
    if (field.offset + field.raw.size() > header.bytes().size()) std::abort();
    if (header.bytes().compare(field.offset, field.raw.size(), field.raw) != 0) std::abort();
    if (field.raw.find(field.name) == std::string_view::npos) std::abort();
    const auto list = mail::parse_address_list(field.value);
    if (list.addresses.size() > 1000) std::abort();
  }
  static_cast<void>(auth::authors_of(header));
  return 0;
}
