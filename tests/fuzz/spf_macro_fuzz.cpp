// SPDX-License-Identifier: Apache-2.0
// A macro string: the text is up to the first line end; the lines behind it are sender, HELO and client's name.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/spf_record.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& rest) {
  const auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const auto text = take_line(rest);
  auth::SpfMacroValues values;
  values.sender = take_line(rest);
  values.local = values.sender.substr(0, values.sender.find('@'));
  values.sender_domain = values.sender.substr(std::min(values.local.size() + 1, values.sender.size()));
  values.domain = values.sender_domain;
  values.helo = take_line(rest);
  values.validated_name = take_line(rest);
  values.now = 1'700'000'000;
  for (const char c : std::string_view{"slodiphvcrt"}) (void)auth::uses_macro(text, c);
  const bool in_domain = auth::is_macro_string(text, false);
  const bool in_explanation = auth::is_macro_string(text, true);
  require(!in_domain || in_explanation);
  if (!in_explanation) return 0;
  std::array<std::uint8_t, 16> six{0x20, 1, 0xd, 0xb8};
  for (const auto& client : {IpAddress::v4(0xc0000201), IpAddress::from_bytes(six.data(), six.size())}) {
    values.client = client;
    const auto expanded = auth::expand_macros(text, values);
    require(expanded.size() <= 4096);
    if (text.find('%') == std::string_view::npos) require(expanded == text.substr(0, 4096));
    const auto name = auth::expand_domain(text, values);
    // Longer only where there is no dot to cut at; such a name is not asked.
    require(name.size() <= 253 || name.find('.') == std::string::npos);
    require(expanded.ends_with(name) ||
            (expanded.ends_with('.') && expanded.substr(0, expanded.size() - 1).ends_with(name)));
  }
  return 0;
}
