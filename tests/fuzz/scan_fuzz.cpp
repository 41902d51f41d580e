// SPDX-License-Identifier: Apache-2.0
// Whole messages: whatever is in them, the scanner answers with a bounded report that survives its own codec.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scan/report_codec.h"
#include "scan/scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve::scan;
  ScanOptions options;
  options.limits.decoded_bytes = 4U << 20;
  options.limits.member_bytes = 1U << 20;
  options.limits.items = 200;
  const auto report = scan({reinterpret_cast<const char*>(data), size}, options);
  const auto bytes = write_report(report);
  const auto again = read_report(bytes);
  if (bytes.size() > report_limit || !again || *again != report) std::abort();
  // A report from a scanner that somebody took over.
  static_cast<void>(read_report({reinterpret_cast<const char*>(data), size}));
  return 0;
}
