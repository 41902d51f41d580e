// SPDX-License-Identifier: Apache-2.0
// Any text as a settings file: no crash, bounded work, and what loads is shown in a form that loads again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve::config;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto loaded = load_text(text, "fuzz.toml", FileChecks::skip);
  for (const auto& problem : loaded.problems) static_cast<void>(problem.format("fuzz.toml"));
  if (!loaded.settings) {
    if (loaded.problems.empty()) std::abort();
    return 0;
  }
  const auto shown = show(*loaded.settings);
  const auto again = load_text(shown, "shown.toml", FileChecks::skip);
  if (!again.settings || show(*again.settings) != shown) {
    std::fputs(shown.c_str(), stderr);
    for (const auto& problem : again.problems) std::fprintf(stderr, "%s\n", problem.format("shown").c_str());
    std::abort();
  }
  return 0;
}
