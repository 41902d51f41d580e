// SPDX-License-Identifier: Apache-2.0
#include "store/vault.h"

#include <algorithm>
#include <array>

namespace mailreeve::store {
namespace {

constexpr std::array<std::string_view, 2> kinds{"held", "refused"};
constexpr std::array<std::string_view, 5> states{"waiting", "asked", "releasing", "released", "deleted"};

template <class Value, std::size_t size>
std::optional<Value> parse(const std::array<std::string_view, size>& names, std::string_view text) {
  for (std::size_t i = 0; i < size; ++i) {
    if (names[i] == text) return static_cast<Value>(i);
  }
  return std::nullopt;
}

}  // namespace

bool has_word(std::string_view typed) {
  return std::ranges::any_of(typed, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

std::string_view name(HeldKind kind) { return kinds[static_cast<std::size_t>(kind)]; }
std::optional<HeldKind> parse_held_kind(std::string_view text) { return parse<HeldKind>(kinds, text); }
std::string_view name(HeldState state) { return states[static_cast<std::size_t>(state)]; }
std::optional<HeldState> parse_held_state(std::string_view text) { return parse<HeldState>(states, text); }

}  // namespace mailreeve::store
