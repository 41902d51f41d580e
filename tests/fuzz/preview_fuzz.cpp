// SPDX-License-Identifier: Apache-2.0
// Whole messages, and HTML alone: whatever is in them, the preview is bounded, survives its own codec, and its HTML
// passes a reader that knows nothing of how it was made.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "../support/safe_html.h"
#include "scan/preview.h"
#include "scan/report_codec.h"

namespace {

using namespace mailreeve;

void check_html(std::string_view html, std::size_t most, std::size_t depth) {
  support::SafeHtmlReader reader{html};
  const auto problem = reader.problem();
  if (problem.empty() && html.size() <= most && reader.depth() <= depth) return;
  std::fprintf(stderr, "%s\n%.*s\n", problem.c_str(), static_cast<int>(html.size()), html.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  if (input.starts_with('<') || input.starts_with('!')) {
    // "!": within limits that are soon reached.
    scan::SanitiseLimits limits;
    if (input.starts_with('!')) limits = {.html = 500, .text = 100, .elements = 30, .depth = 12, .links = 3};
    const auto safe = scan::sanitise(input.substr(input.starts_with('!') ? 1 : 0), limits, {});
    check_html(safe.html, limits.html + limits.pictures * 2, limits.depth);
    if (safe.text.size() > limits.text || safe.links.size() > limits.links) std::abort();
    return 0;
  }
  scan::PreviewLimits limits;
  limits.scan.decoded_bytes = 4U << 20;
  limits.scan.member_bytes = 1U << 20;
  limits.scan.items = 200;
  const auto preview = scan::preview_of(input, limits);
  check_html(preview.html, limits.html.html + limits.html.pictures * 2, limits.html.depth);
  if (preview.text.size() > limits.text || preview.raw_header.size() > limits.raw_header) std::abort();
  const auto bytes = scan::write_preview(preview);
  const auto again = scan::read_preview(bytes);
  if (bytes.size() > scan::report_limit || !again || *again != preview) std::abort();
  static_cast<void>(scan::read_preview(input));
  return 0;
}
