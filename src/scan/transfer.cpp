// SPDX-License-Identifier: Apache-2.0
#include "scan/transfer.h"

#include <algorithm>
#include <array>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t uu_files = 100;
constexpr signed char junk = -1;
constexpr signed char blank = -2;

constexpr std::array<signed char, 256> make_alphabet() {
  std::array<signed char, 256> table{};
  for (auto& value : table) value = junk;
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    table[static_cast<unsigned char>(letters[i])] = static_cast<signed char>(i);
  }
  for (const char c : {' ', '\t', '\r', '\n'}) table[static_cast<unsigned char>(c)] = blank;
  return table;
}
constexpr auto alphabet = make_alphabet();

/// Six bits after six bits.
class BitSink {
 public:
  BitSink(std::string& out, std::size_t most) : out_{out}, most_{most} {}
  bool add(unsigned six) {
    bits_ = (bits_ << 6) | six;
    count_ += 6;
    if (count_ < 8) return true;
    count_ -= 8;
    if (out_.size() >= most_) return false;
    out_ += static_cast<char>((bits_ >> count_) & 0xff);
    return true;
  }
  void align() { count_ = 0; }

 private:
  std::string& out_;
  std::size_t most_;
  unsigned bits_ = 0;
  int count_ = 0;
};

struct Base64Look {
  bool has_junk = false;
  bool goes_on = false;  // letters behind padding
  bool urlsafe = false;
  bool is_uneven = false;  // a letter alone at the end
};

enum class Padding : std::uint8_t {
  ends_run,  // another may begin behind it
  ends_all,
  ends_group,  // ends all where it completes four letters, and is nothing elsewhere
};

std::string base64(std::string_view text, Padding padding, std::size_t most, Base64Look& look) {
  std::string out;
  out.reserve(std::min(most, text.size() / 4 * 3 + 3));
  BitSink sink{out, most};
  bool padded = false;
  unsigned letters = 0;  // of a group
  unsigned pads = 0;
  for (const char c : text) {
    auto value = alphabet[static_cast<unsigned char>(c)];
    if (value == blank) continue;
    if (c == '=') {
      if (padding == Padding::ends_group) {
        if (letters >= 2 && letters + ++pads >= 4) break;
        continue;
      }
      padded = true;
      letters = 0;
      sink.align();
      continue;
    }
    if (value == junk) {
      // RFC 4648 5: some programs read this alphabet too.
      if (c == '-' || c == '_') {
        look.urlsafe = true;
        value = c == '-' ? 62 : 63;
      } else {
        look.has_junk = true;
        continue;
      }
    }
    if (padded) {
      look.goes_on = true;
      if (padding == Padding::ends_all) break;
      padded = false;
    }
    letters = (letters + 1) % 4;
    pads = 0;
    if (!sink.add(static_cast<unsigned>(value))) break;
  }
  look.is_uneven = letters == 1;
  return out;
}

/// What stands before the first octet outside the alphabet: some programs stop there.
std::string_view before_junk(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (alphabet[static_cast<unsigned char>(text[i])] == junk && text[i] != '=') return text.substr(0, i);
  }
  return text;
}

Readings decode_base64(std::string_view text, std::size_t most) {
  Readings readings;
  Base64Look look;
  readings.bytes.push_back(base64(text, Padding::ends_run, most, look));
  readings.odd = look.has_junk || look.goes_on || look.urlsafe || look.is_uneven;
  const auto add = [&](std::string other) {
    if (std::ranges::find(readings.bytes, other) == readings.bytes.end()) readings.bytes.push_back(std::move(other));
  };
  Base64Look ignored;
  if (look.goes_on) {
    add(base64(text, Padding::ends_all, most, ignored));
    add(base64(text, Padding::ends_group, most, ignored));
  }
  if (look.has_junk || look.urlsafe) {
    // Programs that take every octet of the alphabet alone, and programs that stop at the first other one.
    std::string strict;
    for (const char c : text) {
      if (c != '-' && c != '_') strict += c;
    }
    if (look.urlsafe) {
      add(base64(strict, Padding::ends_run, most, ignored));
      if (look.goes_on) {
        add(base64(strict, Padding::ends_all, most, ignored));
        add(base64(strict, Padding::ends_group, most, ignored));
      }
    }
    add(base64(before_junk(text), Padding::ends_run, most, ignored));
  }
  // And those that then show it as it is.
  if (readings.odd) add(std::string{text.substr(0, most)});
  return readings;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// What programs make of what the grammar does not allow.
enum class Quoting : std::uint8_t {
  lenient,  // RFC 2045 6.7, and its advice for the rest: it stays as it is
  strict,   // blanks or a bare CR behind "=" make it no soft line break; "=" and two more stay as they are
  doubled,  // the same, but "==" is "=", and "=" with a bare CR hides the rest of the line
};

std::string quoted_printable(std::string_view text, Quoting quoting, std::size_t most, bool& odd) {
  std::string out;
  out.reserve(std::min(most, text.size()));
  for (std::size_t i = 0; i < text.size() && out.size() < most; ++i) {
    const char c = text[i];
    if (c != '=') {
      out += c;
      continue;
    }
    auto next = i + 1;
    while (next < text.size() && (text[next] == ' ' || text[next] == '\t')) ++next;
    if (next > i + 1) odd = true;
    if (quoting != Quoting::lenient) next = i + 1;
    if (next >= text.size()) break;
    if (text[next] == '\r' && next + 1 < text.size() && text[next + 1] == '\n') {
      i = next + 1;
      continue;
    }
    if (text[next] == '\n' || text[next] == '\r') {
      odd = true;
      if (text[next] == '\r' && quoting == Quoting::doubled) {
        next = text.find('\n', next);
        if (next == std::string_view::npos) break;
      }
      if (text[next] != '\r' || quoting == Quoting::lenient) {
        i = next;
        continue;
      }
    }
    const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
      continue;
    }
    odd = true;
    out += c;
    if (quoting == Quoting::strict) {
      out += text.substr(i + 1, 2);
      i += 2;
    } else if (quoting == Quoting::doubled && i + 1 < text.size()) {
      ++i;
      if (text[i] != '=') out += text[i];
    }
  }
  if (out.size() > most) out.resize(most);
  return out;
}

Readings decode_quoted_printable(std::string_view text, std::size_t most) {
  Readings readings;
  readings.bytes.push_back(quoted_printable(text, Quoting::lenient, most, readings.odd));
  if (!readings.odd) return readings;
  for (const auto quoting : {Quoting::strict, Quoting::doubled}) {
    auto other = quoted_printable(text, quoting, most, readings.odd);
    if (std::ranges::find(readings.bytes, other) == readings.bytes.end()) readings.bytes.push_back(std::move(other));
  }
  return readings;
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Where the line that begins a file stands.
std::size_t find_begin(std::string_view text) {
  if (text.starts_with("begin ")) return 0;
  const auto at = text.find("\nbegin ");
  return at == std::string_view::npos ? at : at + 1;
}

/// What is made of a line that is shorter than it says.
enum class Short : std::uint8_t { stays_short, is_filled };

std::string uuencoded(std::string_view text, Short short_lines, std::size_t most, bool& odd) {
  std::string out;
  while (!text.empty() && out.size() < most) {
    const auto line = take_line(text);
    if (line.starts_with("begin ")) odd = true;
    if (line.empty() || line.starts_with("begin ")) continue;
    if (line == "end") break;
    const auto count = static_cast<std::size_t>((line[0] - 32) & 63);
    std::string bytes;
    BitSink sink{bytes, count};
    for (const char c : line.substr(1)) {
      if (c < 32 || c > 96) odd = true;
      sink.add(static_cast<unsigned>(c - 32) & 63);
    }
    if (bytes.size() < count) {
      odd = true;
      while (short_lines == Short::is_filled && bytes.size() < count) sink.add(0);
    }
    if (line.size() > 1 + (count + 2) / 3 * 4) odd = true;
    out += bytes;
  }
  if (out.size() > most) out.resize(most);
  return out;
}

/// Four letters after four, whatever lines they are in; behind as many as a line announced, the next one announces.
std::string uuencoded_stream(std::string_view text, std::size_t most) {
  std::string out;
  int left = 0;
  bool at_start = true;
  unsigned group = 0;
  int letters = 0;
  for (const char c : text) {
    if (out.size() >= most) break;
    if (c == '\n') {
      at_start = true;
      continue;
    }
    if (at_start || left == 0) {
      at_start = false;
      left = (c - 32) & 63;
      if (left == 0) break;
      continue;
    }
    group = group << 6 | (static_cast<unsigned>(c - 32) & 63);
    if (++letters < 4) continue;
    for (int i = 0; i < std::min(left, 3); ++i) out += static_cast<char>(group >> (16 - 8 * i) & 0xff);
    left = std::max(0, left - 3);
    group = 0;
    letters = 0;
  }
  return out;
}

}  // namespace

Readings decode(std::string_view text, Coding coding, std::size_t most) {
  switch (coding) {
    case Coding::base64:
      return decode_base64(text, most);
    case Coding::quoted_printable:
      return decode_quoted_printable(text, most);
    case Coding::uuencode: {
      Readings readings;
      const auto whole = text;
      if (const auto begin = find_begin(text); begin != std::string_view::npos) {
        text.remove_prefix(begin);
        take_line(text);
      }
      readings.bytes.push_back(uuencoded(text, Short::stays_short, most, readings.odd));
      if (readings.odd) {
        readings.bytes.push_back(uuencoded(text, Short::is_filled, most, readings.odd));
        readings.bytes.push_back(uuencoded_stream(text, most));
      }
      readings.bytes.emplace_back(whole.substr(0, most));  // programs that do not know it show it as it is
      return readings;
    }
    case Coding::identity:
      break;
  }
  return {{std::string{text.substr(0, most)}}, false};
}

std::vector<UuFile> find_uuencoded(std::string_view text) {
  std::vector<UuFile> files;
  while (files.size() < uu_files) {
    const auto at = text.starts_with("begin ") && files.empty() ? 0 : text.find("\nbegin ");
    if (at == std::string_view::npos) break;
    text.remove_prefix(text[at] == '\n' ? at + 1 : at);
    auto rest = text;
    const auto line = take_line(rest);
    const auto mode = line.substr(6);
    const auto name = mode.find(' ');
    const bool is_begin = name == 3 || name == 4;
    if (!is_begin || !std::ranges::all_of(mode.substr(0, name), [](char c) { return c >= '0' && c <= '7'; })) {
      text.remove_prefix(5);
      continue;
    }
    auto end = rest.find("\nend");
    if (end == std::string_view::npos) end = rest.size();
    files.push_back({std::string{mode.substr(name + 1)}, rest.substr(0, end)});
    text = rest.substr(end);
  }
  return files;
}

}  // namespace mailreeve::scan
