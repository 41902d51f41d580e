// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "dns/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto name = mailreeve::dns::read_host_name(bytes);
  if (name && name->size() > 255) std::abort();
  static_cast<void>(mailreeve::dns::read_mail_exchanger(bytes));
  const auto text = mailreeve::dns::read_text(bytes);
  if (text && text->size() > size) std::abort();
  const auto wire = mailreeve::dns::write_name(bytes);
  if (wire && wire->size() > 255) std::abort();
  return 0;
}
