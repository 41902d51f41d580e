// SPDX-License-Identifier: Apache-2.0
#include "scan/tnef.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scan/charset.h"
#include "scan/octets.h"

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::uint32_t signature = 0x223e9f78;
constexpr std::size_t name_limit = 1'000;
constexpr std::size_t names_a_file = 8;
constexpr std::uint32_t property_limit = 4'096;
constexpr std::size_t rtf_limit = 4U << 20;

// [MS-OXTNEF] 2.1.3.2: what an attribute is, without its type.
enum class Attribute : std::uint32_t {
  body = 0x800c,
  attach_data = 0x800f,
  attach_title = 0x8010,
  attach_transport_name = 0x9001,
  attach_render_data = 0x9002,
  message_properties = 0x9003,
  attachment_properties = 0x9005,
  code_page = 0x9007,
};

// [MS-OXPROPS]
constexpr std::uint32_t prop_body = 0x1000;
constexpr std::uint32_t prop_rtf = 0x1009;
constexpr std::uint32_t prop_html = 0x1013;
constexpr std::uint32_t prop_display_name = 0x3001;
constexpr std::uint32_t prop_attach_data = 0x3701;
constexpr std::uint32_t prop_attach_name = 0x3704;
constexpr std::uint32_t prop_attach_long_name = 0x3707;
constexpr std::uint32_t prop_code_page = 0x3fde;

// [MS-OXCDATA] 2.11.1
constexpr std::uint32_t type_object = 0x000d;
constexpr std::uint32_t type_string8 = 0x001e;
constexpr std::uint32_t type_unicode = 0x001f;
constexpr std::uint32_t type_binary = 0x0102;
constexpr std::uint32_t many_values = 0x1000;

struct Property {
  std::uint32_t id;
  std::uint32_t type;
  std::string_view value;
};

/// Octets that a value takes; 0: its length stands before it.
std::size_t fixed_size(std::uint32_t type) {
  constexpr std::size_t identifier = 16;
  switch (type) {
    case 0x0000:
    case 0x0001:
    case 0x0002:
    case 0x0003:
    case 0x0004:
    case 0x000a:
    case 0x000b:
      return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040:
      return 8;
    case 0x0048:
      return identifier;
    default:
      return 0;
  }
}

bool is_variable(std::uint32_t type) {
  return type == type_object || type == type_string8 || type == type_unicode || type == type_binary;
}

std::string_view take_padded(Octets& in, std::size_t size) {
  const auto value = in.take(size);
  in.take(std::min((4 - size % 4) % 4, in.left()));
  return value;
}

/// [MS-OXTNEF] 2.1.3.4: false when it cannot be read to its end.
template <class Visit>
bool each_property(std::string_view bytes, Visit visit) {
  Octets in{bytes};
  const auto count = in.number(4);
  for (std::uint32_t i = 0; i < std::min(count, property_limit) && !in.ended(); ++i) {
    const auto whole_type = in.number(2);
    const auto id = in.number(2);
    if (id >= 0x8000) {
      in.take(16);
      const bool has_name = in.number(4) != 0;
      const auto size = in.number(4);
      if (has_name) take_padded(in, size);
    }
    const auto type = whole_type & ~many_values;
    const auto size = fixed_size(type);
    const bool variable = is_variable(type);
    if (size == 0 && !variable) return false;
    const auto values = variable || (whole_type & many_values) != 0 ? in.number(4) : 1;
    for (std::uint32_t value = 0; value < values && !in.ended(); ++value) {
      const auto length = variable ? in.number(4) : size;
      visit(Property{id, type, take_padded(in, length)});
    }
  }
  return !in.ended();
}

std::string charset_of(std::uint32_t code_page) {
  constexpr std::uint32_t utf8 = 65'001;
  if (code_page == 0) return {};
  return code_page == utf8 ? "utf-8" : fmt::format("windows-{}", code_page);
}

class Reading {
 public:
  Reading(TnefLook& look, std::size_t most) : look_{look}, most_{most} {}

  void attribute(Attribute id, std::string_view data) {
    switch (id) {
      case Attribute::code_page:
        if (look_.charset.empty()) look_.charset = charset_of(Octets{data}.number(4));
        break;
      case Attribute::body:
        look_.text = data;
        break;
      case Attribute::message_properties:
        message(data);
        break;
      case Attribute::attach_render_data:
        finish();
        begun_ = true;
        break;
      case Attribute::attach_title:
      case Attribute::attach_transport_name:
        add_name(data, {});
        break;
      case Attribute::attach_data:
        add_data(data);
        break;
      case Attribute::attachment_properties:
        attachment(data);
        break;
    }
  }

  /// The attachment under way, once for each run of octets that somebody might take for it.
  void finish() {
    if (begun_ && data_.empty()) data_.emplace_back();
    for (const auto data : data_) {
      if (look_.files.size() < most_) look_.files.push_back({names_, data});
    }
    names_.clear();
    data_.clear();
    begun_ = false;
  }

 private:
  void message(std::string_view data) {
    const bool whole = each_property(data, [this](const Property& property) {
      if (property.id == prop_html) look_.html = property.value;
      if (property.id == prop_rtf) look_.rtf = decompress_rtf(property.value, rtf_limit);
      if (property.id == prop_code_page) look_.charset = charset_of(Octets{property.value}.number(4));
      if (property.id == prop_body && property.type == type_string8) look_.text = property.value;
    });
    if (!whole) look_.broken = true;
  }

  void attachment(std::string_view data) {
    begun_ = true;
    const bool whole = each_property(data, [this](const Property& property) {
      const bool is_name =
          property.id == prop_attach_long_name || property.id == prop_attach_name || property.id == prop_display_name;
      if (is_name) add_name(property.value, property.type == type_unicode ? "utf-16le"sv : std::string_view{});
      if (property.id != prop_attach_data) return;
      // An object's octets follow the kind of object that they are ([MS-OXTNEF] 2.1.3.4.2).
      constexpr std::size_t identifier = 16;
      if (property.type == type_object) {
        add_data(property.value.substr(std::min(identifier, property.value.size())));
      } else {
        add_data(property.value);
      }
    });
    if (!whole) look_.broken = true;
  }

  void add_name(std::string_view bytes, std::string_view charset) {
    begun_ = true;
    auto name = to_utf8(bytes, charset.empty() ? std::string_view{look_.charset} : charset, name_limit).utf8;
    name.resize(std::min(name.find('\0'), name.size()));
    if (name.empty() || names_.size() >= names_a_file || std::ranges::find(names_, name) != names_.end()) return;
    names_.push_back(std::move(name));
  }

  void add_data(std::string_view bytes) {
    begun_ = true;
    constexpr std::size_t readings = 8;
    if (data_.size() < readings && std::ranges::find(data_, bytes) == data_.end()) data_.push_back(bytes);
  }

  TnefLook& look_;
  std::size_t most_;
  bool begun_ = false;
  std::vector<std::string> names_;
  std::vector<std::string_view> data_;
};

}  // namespace

TnefLook read_tnef(std::string_view bytes, std::size_t most) {
  TnefLook look;
  Octets in{bytes};
  if (in.number(4) != signature) {
    look.broken = true;
    return look;
  }
  in.take(2);
  Reading reading{look, most};
  while (in.left() > 0 && look.files.size() < most) {
    const auto level = in.number(1);
    if (level != 1 && level != 2) {
      look.broken = true;
      break;
    }
    const auto id = in.number(4) & 0xffff;
    const auto data = in.take(in.number(4));
    reading.attribute(static_cast<Attribute>(id), data);
    in.take(2);
  }
  reading.finish();
  look.broken = look.broken || in.ended();
  return look;
}

std::string decompress_rtf(std::string_view bytes, std::size_t most) {
  constexpr std::uint32_t plain = 0x414c454d;
  constexpr std::uint32_t packed = 0x75465a4c;
  constexpr std::size_t window = 4096;
  constexpr auto start =
      "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
      "Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
      "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"sv;
  static_assert(start.size() == 207);
  Octets in{bytes};
  in.take(8);
  const auto kind = in.number(4);
  in.take(4);
  std::string out;
  if (kind == plain) out = in.take(std::min(in.left(), most));
  if (kind != packed) return out;
  std::array<char, window> dictionary{};
  std::ranges::copy(start, dictionary.begin());
  std::size_t write = start.size();
  const auto put = [&](char c) {
    dictionary[write] = c;
    write = (write + 1) % window;
    if (out.size() < most) out += c;
  };
  while (in.left() > 0 && out.size() < most) {
    const auto flags = in.number(1);
    for (int bit = 0; bit < 8 && in.left() > 0; ++bit) {
      if ((flags >> bit & 1) == 0) {
        put(static_cast<char>(in.number(1)));
        continue;
      }
      const auto high = in.number(1);
      const auto token = high << 8 | in.number(1);
      auto from = token >> 4;
      if (from == write) return out;
      for (auto length = (token & 15) + 2; length > 0; --length, from = (from + 1) % window) put(dictionary[from]);
    }
  }
  return out;
}

}  // namespace mailreeve::scan
