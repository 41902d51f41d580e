// SPDX-License-Identifier: Apache-2.0
// "tag=value; tag=value" (RFC 6376 3.2), as in signatures and key records.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/error.h"

namespace mailreeve::auth {

class TagList {
 public:
  /// Fails on a tag that stands twice, or on something that is no tag. At most 100 tags.
  static Result<TagList> parse(std::string_view text);
  /// Surrounding white space removed; inner white space and folds as written.
  std::optional<std::string_view> find(std::string_view tag) const;
  /// The first tag of all: key records must begin with v= when they have one.
  std::string_view first_tag() const { return tags_.empty() ? std::string_view{} : tags_.front().first; }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> tags_;
};

std::string_view trimmed(std::string_view text);
/// All white space removed, folds too.
std::string without_blanks(std::string_view text);
/// The parts of a list, trimmed.
std::vector<std::string_view> split(std::string_view text, char separator);
/// White space within is skipped. Nothing when it is no base64.
std::optional<std::string> from_base64(std::string_view text);
using mailreeve::to_base64;

}  // namespace mailreeve::auth
