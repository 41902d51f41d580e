// SPDX-License-Identifier: Apache-2.0
// A message's header as fields, over the bytes as they came: what signatures cover and what people forge.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::mail {

/// One field. Views point into the Header that holds it.
struct HeaderField {
  std::string_view name;   // as written, without white space before the colon (which is obsolete, and a trick)
  std::string_view raw;    // the whole field with its folds and final CRLF, octet by octet as it came
  std::string_view value;  // behind the colon, folds included, without the final CRLF
  std::size_t offset = 0;  // of `raw` from the start of the header
  bool odd_name = false;   // white space before the colon (RFC 5322 4.5.8 obsolete form)
};

/// Bounded: what goes beyond `field_limit` fields is kept as bytes, but is not in `fields` (see `too_many`).
class Header {
 public:
  static constexpr std::size_t field_limit = 2000;

  Header() = default;
  /// `bytes`: all octets before the empty line, lines ending in CRLF. A line that is neither a field nor a
  /// continuation ends nothing: it is skipped and `broken` is set.
  explicit Header(std::string bytes);
  Header(Header&& other) noexcept;
  Header& operator=(Header&& other) noexcept;

  const std::string& bytes() const { return bytes_; }
  const std::vector<HeaderField>& fields() const { return fields_; }
  /// Top to bottom; names compared without case.
  std::vector<const HeaderField*> all(std::string_view name) const;
  const HeaderField* first(std::string_view name) const;
  bool broken() const { return broken_; }
  bool too_many() const { return too_many_; }

 private:
  std::string bytes_;
  std::vector<HeaderField> fields_;
  bool broken_ = false;
  bool too_many_ = false;
};

/// Folds undone: CRLF before white space goes; nothing else changes (RFC 5322 2.2.3).
std::string unfolded(std::string_view value);

/// The addresses of a From, Sender, Reply-To, To or Cc value (RFC 5322 3.4, obsolete forms read too, RFC 6532).
struct NamedAddress {
  std::string display;  // decoded of quotes, not of encoded words
  std::string address;  // "local@domain" as written, comments and white space removed; domain not yet an A-label
  std::string local, domain;
};
struct AddressList {
  std::vector<NamedAddress> addresses;  // of groups too, in order
  bool well_formed = true;              // RFC 5322's grammar held, leaving nothing over
  bool has_group = false;
};
/// Never fails: what can be read is read, `well_formed` tells the rest. At most 1,000 addresses, nesting of comments
/// 100.
AddressList parse_address_list(std::string_view value);

}  // namespace mailreeve::mail
