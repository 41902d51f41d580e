// SPDX-License-Identifier: Apache-2.0
#include "scan/cms.h"

#include <algorithm>
#include <optional>

#include "scan/inflate.h"

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

constexpr int level_limit = 16;
constexpr unsigned octet_string = 0x04;
constexpr unsigned object_identifier = 0x06;
constexpr unsigned constructed = 0x20;
constexpr unsigned sequence = 0x30;
constexpr unsigned explicit_content = 0xa0;

struct Named {
  std::string_view identifier;
  CmsKind kind;
};
// RFC 5652 4 to 6, RFC 3274 1.1, RFC 5083 2.1.
constexpr Named content_types[] = {
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv, CmsKind::signed_data},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"sv, CmsKind::encrypted},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x04"sv, CmsKind::encrypted},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"sv, CmsKind::encrypted},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"sv, CmsKind::compressed},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"sv, CmsKind::encrypted},
};

/// The beginning of an element (X.690 8.1); its content is what follows.
struct Head {
  unsigned tag = 0;
  std::optional<std::size_t> size;  // nothing: until the end-of-contents
};

class Ber {
 public:
  explicit Ber(std::string_view bytes) : rest_{bytes} {}

  std::string_view rest() const { return rest_; }

  bool is_end_of_contents() const { return rest_.starts_with("\0\0"sv); }

  std::optional<Head> head() {
    if (rest_.size() < 2) return std::nullopt;
    Head head;
    head.tag = octet();
    if ((head.tag & 0x1f) == 0x1f) {  // tags of many octets: none that matters here, but they may be passed over
      int more = 0;
      while (!rest_.empty() && more++ < 4 && (octet() & 0x80) != 0) {
      }
    }
    if (rest_.empty()) return std::nullopt;
    const auto length = octet();
    if (length == 0x80) return head;
    std::size_t size = length;
    if (length > 0x80) {
      size = 0;
      const auto octets = length & 0x7f;
      if (octets > 8 || octets > rest_.size()) return std::nullopt;
      for (unsigned i = 0; i < octets; ++i) size = size << 8 | octet();
    }
    head.size = size;
    return head;
  }

  /// As many as there are.
  std::string_view take(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool skip(int level = 0) {
    const auto element = head();
    if (!element || level > level_limit) return false;
    if (element->size) return take(*element->size).size() == *element->size;
    while (!is_end_of_contents()) {
      if (!skip(level + 1)) return false;
    }
    take(2);
    return true;
  }

  /// Into an element of this tag; what follows it is no longer seen if its length is told.
  bool enter(unsigned tag) {
    const auto element = head();
    if (!element || element->tag != tag) return false;
    if (element->size) rest_ = rest_.substr(0, *element->size);
    return true;
  }

  /// X.690 8.7: in one piece, or in pieces within. False when it ends too early.
  bool octets(std::string& out, std::size_t most, int level = 0) {
    const auto element = head();
    if (!element || level > level_limit) return false;
    if (element->tag == octet_string) {
      const auto piece = take(element->size.value_or(0));
      out += piece.substr(0, most - out.size());
      return piece.size() == element->size.value_or(0);
    }
    if (element->tag != (octet_string | constructed)) return false;
    Ber inside{element->size ? take(*element->size) : rest_};
    bool whole = true;
    while (whole && !inside.rest_.empty() && !inside.is_end_of_contents() && out.size() < most)
      whole = inside.octets(out, most, level + 1);
    if (element->size) return whole;
    rest_ = inside.rest_;
    if (!is_end_of_contents()) return false;
    take(2);
    return whole;
  }

 private:
  unsigned octet() {
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
};

/// ContentInfo: leaves `in` behind the content type.
CmsKind read_kind(Ber& in) {
  if (!in.rest().starts_with('\x30') || !in.enter(sequence)) return CmsKind::none;
  const auto type = in.head();
  if (!type || type->tag != object_identifier || !type->size) return CmsKind::none;
  const auto identifier = in.take(*type->size);
  const auto* const found = std::ranges::find(content_types, identifier, &Named::identifier);
  return found == std::end(content_types) ? CmsKind::none : found->kind;
}

}  // namespace

CmsKind cms_kind(std::string_view bytes) {
  Ber in{bytes};
  return read_kind(in);
}

CmsLook read_cms(std::string_view bytes, std::size_t most) {
  CmsLook look;
  Ber in{bytes};
  look.kind = read_kind(in);
  if (look.kind == CmsKind::none || look.kind == CmsKind::encrypted) return look;
  // SignedData and CompressedData begin alike: version, algorithms, encapsulated content.
  look.broken = !in.enter(explicit_content) || !in.enter(sequence) || !in.skip() || !in.skip() || !in.enter(sequence) ||
                !in.skip();
  if (look.broken || in.rest().empty() || in.is_end_of_contents()) return look;
  look.broken = !in.enter(explicit_content) || !in.octets(look.content, most);
  if (look.kind == CmsKind::compressed) look.content = inflated(look.content, most);
  return look;
}

}  // namespace mailreeve::scan
