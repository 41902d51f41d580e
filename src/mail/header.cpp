// SPDX-License-Identifier: Apache-2.0
#include "mail/header.h"

#include "mail/characters.h"

namespace mailreeve::mail {
namespace {

/// RFC 5322 2.2: a field's name is printable US-ASCII without a colon.
bool is_field_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  return true;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Header::Header(std::string bytes) : bytes_{std::move(bytes)} {
  const std::string_view all{bytes_};
  for (std::size_t at = 0; at < all.size();) {
    auto end = all.find('\n', at);
    while (end != std::string_view::npos && end + 1 < all.size() && is_blank(all[end + 1]))
      end = all.find('\n', end + 1);
    const auto next = end == std::string_view::npos ? all.size() : end + 1;
    const auto raw = all.substr(at, next - at);
    const auto colon = raw.find(':');
    auto name = raw.substr(0, colon == std::string_view::npos ? 0 : colon);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    if (!is_field_name(name)) {
      broken_ = true;
    } else if (fields_.size() == field_limit) {
      too_many_ = true;
    } else {
      auto value = raw.substr(colon + 1);
      if (value.ends_with('\n')) value.remove_suffix(1);
      if (value.ends_with('\r')) value.remove_suffix(1);
      fields_.push_back({name, raw, value, at, name.size() != colon});
    }
    at = next;
  }
}

// Views point into the string's memory, which a move may take along or, for short strings, leave behind.
Header::Header(Header&& other) noexcept { *this = std::move(other); }

Header& Header::operator=(Header&& other) noexcept {
  const auto* before = other.bytes_.data();
  bytes_ = std::move(other.bytes_);
  fields_ = std::move(other.fields_);
  broken_ = other.broken_;
  too_many_ = other.too_many_;
  const auto* after = bytes_.data();
  if (before == after) return *this;
  const auto move = [before, after](std::string_view view) {
    return std::string_view{after + (view.data() - before), view.size()};
  };
  for (auto& field : fields_) {
    field.name = move(field.name);
    field.raw = move(field.raw);
    field.value = move(field.value);
  }
  return *this;
}

std::vector<const HeaderField*> Header::all(std::string_view name) const {
  std::vector<const HeaderField*> found;
  for (const auto& field : fields_) {
    if (equals_ignoring_case(field.name, name)) found.push_back(&field);
  }
  return found;
}

const HeaderField* Header::first(std::string_view name) const {
  for (const auto& field : fields_) {
    if (equals_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\n') continue;
    if (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n') continue;
    out += value[i];
  }
  return out;
}

}  // namespace mailreeve::mail
