// SPDX-License-Identifier: Apache-2.0
// The allow-list: which elements and attributes may pass, and as what.
#pragma once

#include <string>
#include <string_view>

#include "scan/html_builder.h"
#include "scan/html_tokens.h"

namespace mailreeve::scan {

struct SafeElement {
  std::string_view source;
  Part part;
  std::string_view name;  // it comes out as
  bool apart = false;     // in text: an empty line around it
};

/// Null when it may not pass.
const SafeElement* safe_element(std::string_view source);

/// Elements that go with all that is in them.
bool goes_whole(std::string_view source);

/// ` dir="ltr" style="color:red"`: what may pass of a tag's attributes for an element that comes out as `name`.
std::string safe_attributes(const HtmlTag& tag, std::string_view name);

/// Attributes that anybody here looks at.
std::span<const std::string_view> read_attributes();

}  // namespace mailreeve::scan
