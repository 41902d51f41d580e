// SPDX-License-Identifier: Apache-2.0
#include "scan/pdf.h"

#include <algorithm>

#include "mail/characters.h"
#include "scan/inflate.h"
#include "scan/pdf_lock.h"
#include "scan/pdf_string.h"

namespace mailreeve::scan {
namespace {

constexpr int stream_count = 500;
constexpr std::size_t unpacked_limit = 16U << 20;
constexpr std::size_t one_stream = 4U << 20;
constexpr std::size_t uri_limit = 200;
constexpr std::size_t uri_octets = 2'000;
constexpr std::size_t file_name_octets = 500;
constexpr std::size_t string_count = 20'000;  // however often the same is said

int hex_value(char c) {
  const char low = mail::to_lower(c);
  if (mail::is_digit(c)) return c - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool ends_name(char c) {
  return std::string_view{"()<>[]{}/% \t\r\n\f"}.find(c) != std::string_view::npos || c == '\0';
}

/// A name behind its slash, with #xx undone (7.3.5): /J#61vaScript is /JavaScript.
std::string read_name(std::string_view text, std::size_t& at) {
  std::string name;
  while (at < text.size() && !ends_name(text[at]) && name.size() < 128) {
    const int high = text[at] == '#' && at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[at + 2]) : -1;
    if (low >= 0) {
      name += static_cast<char>(high * 16 + low);
      at += 3;
    } else {
      name += text[at++];
    }
  }
  return name;
}

/// What the objects say of files inside, and how much more of them is read.
struct Files {
  bool any = false;
  bool other = false;  // than XML
  bool named = false;
  bool listed = false;  // under a name in a tree of names (7.9.6), which programs do not save it by
  std::size_t names_left = string_count;
  std::size_t addresses_left = string_count;
};

std::string file_name(std::string_view text, std::size_t at) {
  std::string name;
  for (const char c : read_pdf_string(text, at, file_name_octets)) {
    if (c != '\0') name += mail::to_lower(c);  // octets of UTF-16 taken for themselves
  }
  return name;
}

/// "/Names [(a.xml) 5 0 R]".
void look_at_tree(std::string_view text, std::size_t at, Files& files) {
  at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  if (!text.substr(at).starts_with('[')) return;
  at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at != std::string_view::npos && file_name(text, at).ends_with(".xml")) files.listed = true;
}

/// "(name)" behind /F or /UF.
void look_at_file_name(std::string_view text, std::size_t at, Files& files) {
  const auto name = file_name(text, at);
  if (name.empty()) return;
  files.named = true;
  if (!name.ends_with(".xml")) files.other = true;
}

void look_at_objects(std::string_view text, PdfLook& look, Files& files) {
  for (auto at = text.find('/'); at != std::string_view::npos; at = text.find('/', at)) {
    ++at;
    const auto name = read_name(text, at);
    if (name == "JavaScript" || name == "JS") look.javascript = true;
    if (name == "Launch") look.launch = true;
    if (name == "OpenAction" || name == "AA") look.open_action = true;
    if (name == "EmbeddedFile" || name == "EmbeddedFiles") files.any = true;
    if (name == "RichMedia") files.any = files.other = true;
    if (name == "Encrypt") look.encrypted = true;
    if (name == "XFA" || name == "SubmitForm") look.form = true;
    if (name == "Names" || name == "F" || name == "UF") {
      if (files.names_left == 0) files.other = true;
      if (files.names_left > 0) --files.names_left;
      if (!files.other && name == "Names") look_at_tree(text, at, files);
      if (!files.other && name != "Names") look_at_file_name(text, at, files);
    }
    if (name == "URI" && look.uris.size() < uri_limit && files.addresses_left > 0) {
      --files.addresses_left;
      auto uri = read_pdf_string(text, at, uri_octets);
      if (!uri.empty() && std::ranges::find(look.uris, uri) == look.uris.end()) look.uris.push_back(std::move(uri));
    }
  }
}

/// Where the octets of the stream begin whose dictionary holds `at` (7.3.8.1); npos when none does.
std::size_t stream_behind(std::string_view bytes, std::size_t at) {
  constexpr std::size_t dictionary = 4'096;
  auto start = bytes.substr(0, std::min(bytes.size(), at + dictionary)).find("stream", at);
  if (start == std::string_view::npos) return start;
  start += 6;
  if (start < bytes.size() && bytes[start] == '\r') ++start;
  if (start < bytes.size() && bytes[start] == '\n') ++start;
  return start;
}

}  // namespace

PdfLook look_at_pdf(std::string_view bytes) {
  PdfLook look;
  Files files;
  look_at_objects(bytes, look, files);
  // Objects may stand in streams (7.5.7); their dictionaries name /ObjStm just before "stream".
  std::size_t unpacked = 0;
  int count = 0;
  for (auto at = bytes.find("/ObjStm");
       at != std::string_view::npos && count++ < stream_count && unpacked < unpacked_limit;
       at = bytes.find("/ObjStm", at + 1)) {
    const auto start = stream_behind(bytes, at);
    if (start == std::string_view::npos) continue;
    const auto objects = inflated(bytes.substr(start), one_stream);
    unpacked += objects.size();
    look_at_objects(objects, look, files);
  }
  look.embedded = files.any && (files.other || (!files.named && !files.listed));
  look.locked = look.encrypted && !opens_without_password(bytes);
  return look;
}

}  // namespace mailreeve::scan
