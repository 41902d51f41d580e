// SPDX-License-Identifier: Apache-2.0
#include "scan/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "mail/characters.h"
#include "mail/header.h"
#include "scan/charset.h"
#include "scan/cms.h"
#include "scan/file_type.h"
#include "scan/links.h"
#include "scan/part_header.h"
#include "scan/scan.h"
#include "scan/structure.h"
#include "scan/tnef.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t html_read = 4U << 20;  // octets; pictures may be within
constexpr std::size_t fields_of_a_name = 3;  // more of one is a trick, and three show it
constexpr std::size_t names_shown = 3;
constexpr std::size_t shown_link_limit = 200;
constexpr std::size_t content_ids = 200;
constexpr std::size_t wrapping_read = 16U << 20;
constexpr unsigned wrappings = 3;  // in one another

/// Marks that turn the writing direction (U+202A to U+202E, U+2066 to U+2069) would let a name read otherwise than it
/// is.
std::string without_turns(std::string text) {
  for (std::size_t at = text.find("\xe2\x80"); at != std::string::npos; at = text.find("\xe2\x80", at + 3)) {
    const auto third = at + 2 < text.size() ? static_cast<unsigned char>(text[at + 2]) : 0U;
    if (third >= 0xaa && third <= 0xae) text.replace(at, 3, "\xef\xbf\xbd");
  }
  for (std::size_t at = text.find("\xe2\x81"); at != std::string::npos; at = text.find("\xe2\x81", at + 3)) {
    const auto third = at + 2 < text.size() ? static_cast<unsigned char>(text[at + 2]) : 0U;
    if (third >= 0xa6 && third <= 0xa9) text.replace(at, 3, "\xef\xbf\xbd");
  }
  return text;
}

std::string plain_value(std::string_view value, std::size_t most) {
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  return decode_words(value, most);
}

/// Encoded words are decoded after the addresses are told apart (RFC 2047 5).
std::string people_value(std::string_view value, std::size_t most) {
  const auto list = mail::parse_address_list(value);
  if (list.addresses.empty()) return plain_value(value, most);
  std::string out;
  for (const auto& one : list.addresses) {
    const auto display = decode_words(one.display, most);
    const auto address = clean_text(one.address, most);
    const auto shown = display.empty() ? address : fmt::format("{} <{}>", display, address);
    if (out.size() + shown.size() + 2 > most) {
      out += out.empty() ? clean_text(shown, most) : ", ...";
      break;
    }
    if (!out.empty()) out += ", ";
    out += shown;
  }
  return out;
}

std::vector<Preview::Field> fields_of(const mail::Header& header, std::size_t most) {
  std::vector<Preview::Field> fields;
  for (const std::string_view name : {"From", "To", "Cc", "Reply-To", "Subject", "Date"}) {
    const bool plain = name == "Subject" || name == "Date";
    std::size_t left = fields_of_a_name;
    for (const auto* field : header.all(name)) {
      if (left-- == 0) break;
      auto value = plain ? plain_value(field->value, most) : people_value(field->value, most);
      fields.push_back({std::string{name}, without_turns(std::move(value))});
    }
  }
  return fields;
}

/// Which parts are the text itself, and which belong to a message in the message or to another reading.
class Body {
 public:
  Body(const PreviewLimits& limits, std::string_view bytes, Root root, unsigned depth)
      : limits_{limits}, html_left_{limits.html}, depth_{depth} {
    Notes notes{limits.scan.notes};
    structure_ = read_structure(bytes, limits.scan, notes, depth, {}, root);
    for (const auto& part : structure_.entities) {
      if (!part.place.empty() && part.media_type.starts_with("message/")) within_.push_back(part.place + ".");
      note_content_id(part);
    }
  }

  void read(Preview& preview) {
    const auto is_empty = [&] { return preview.text.empty() && preview.html.empty(); };
    show_parts(preview, false);
    if (is_empty()) show_parts(preview, true);
    if (is_empty()) unwrap(preview);
    if (preview.text.empty() && !html_text_.empty()) {
      preview.text = clean_lines(html_text_, limits_.text);
      preview.text_from_html = true;
    }
  }

 private:
  bool is_main(const Entity& part) const {
    if (part.place.find('~') != Place::npos) return false;
    return std::ranges::none_of(within_, [&](const auto& prefix) { return part.place.starts_with(prefix); });
  }

  void show_parts(Preview& preview, bool all) {
    for (const auto& part : structure_.entities) {
      if (!part.is_leaf || part.is_attachment || !part.shown || (!all && !is_main(part))) continue;
      // No charset takes more than four octets for one of UTF-8, and a little for what it begins with.
      if (part.media_type == "text/plain") add_text(preview, decoded(part, limits_.text * 4 + 16), part.charset);
      if (part.media_type == "text/html" || part.media_type == "application/xhtml+xml")
        add_html(preview, decoded(part, html_read), part.charset);
    }
  }

  /// Texts that mail programs take out of S/MIME's and Outlook's wrappings.
  void unwrap(Preview& preview) {
    for (const auto& part : structure_.entities) {
      if (!part.is_leaf || depth_ >= wrappings) continue;
      if (!preview.text.empty() || !preview.html.empty()) return;  // one is enough, and keeps the limits
      const auto bytes = decoded(part, wrapping_read);
      const auto type = type_of(bytes);
      if (type == "cms") {
        const auto look = read_cms(bytes, wrapping_read);
        if (!look.content.empty()) Body{limits_, look.content, Root::part, depth_ + 1}.read(preview);
      } else if (type == "tnef") {
        const auto look = read_tnef(bytes, limits_.attachments);
        if (!look.text.empty()) add_text(preview, look.text.substr(0, look.text.find('\0')), look.charset);
        if (!look.html.empty()) add_html(preview, look.html, look.charset);
      }
    }
  }

  static std::string decoded(const Entity& part, std::size_t most) {
    const auto coding = part.codings.empty() ? Coding::identity : part.codings.front();
    return std::move(decode(part.body, coding, most).bytes.front());
  }

  void add_text(Preview& preview, std::string_view bytes, const std::string& charset) const {
    const std::string_view gap = preview.text.empty() ? "" : "\n\n";
    const auto room = limits_.text - std::min(limits_.text, preview.text.size() + gap.size());
    // Octets beyond the limit tell that something was cut.
    constexpr std::size_t beyond = 8;
    const auto utf8 = to_utf8(bytes, charset, room + beyond).utf8;
    auto text = clean_lines(utf8, room);
    preview.truncated = preview.truncated || utf8.size() > room;
    while (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) preview.text += std::string{gap} + text;
  }

  void add_html(Preview& preview, std::string_view bytes, const std::string& charset) {
    const FindPicture find = [this](std::string_view id) { return picture(id); };
    auto safe = sanitise(to_utf8(bytes, charset, html_read).utf8, html_left_, find);
    preview.truncated = preview.truncated || safe.truncated || bytes.size() >= html_read;
    if (!preview.html.empty() && !safe.html.empty()) preview.html += "<hr>";
    preview.html += safe.html;
    if (!html_text_.empty() && !safe.text.empty()) html_text_ += "\n\n";
    html_text_ += safe.text;
    take_over(safe, preview);
    // Together they keep the limits of one.
    html_left_.html -= std::min(html_left_.html, safe.html.size() + 4);
    html_left_.text -= std::min(html_left_.text, safe.text.size() + 2);
    html_left_.pictures -= std::min(html_left_.pictures, safe.html.size() / 4 * 3);
  }

  void take_over(SafeHtml& safe, Preview& preview) const {
    preview.link_count += safe.link_count;
    for (auto& link : safe.links) {
      if (preview.links.size() < limits_.html.links) preview.links.push_back(std::move(link));
    }
    preview.blocked.images += safe.blocked.images;
    preview.blocked.scripts += safe.blocked.scripts;
    preview.blocked.forms += safe.blocked.forms;
    preview.blocked.frames += safe.blocked.frames;
  }

  void note_content_id(const Entity& part) {
    if (!part.is_leaf || part.header.empty() || pictures_.size() >= content_ids) return;
    if (part.body.size() > limits_.html.picture * 2) return;
    const mail::Header header{std::string{part.header}};
    const auto* field = header.first("Content-ID");
    if (field == nullptr) return;
    auto id = clean_text(mail::unfolded(field->value), shown_link_limit);
    std::erase_if(id, [](char c) { return c == ' ' || c == '<' || c == '>'; });
    if (!id.empty()) pictures_.try_emplace(std::move(id), Picture{&part, {}, false});
  }

  std::string_view picture(std::string_view id) {
    const auto found = pictures_.find(id);
    if (found == pictures_.end()) return {};
    auto& one = found->second;
    if (!one.is_read) {
      one.bytes = decoded(*one.part, limits_.html.picture + 1);
      one.is_read = true;
    }
    return one.bytes;
  }

  struct Picture {
    const Entity* part = nullptr;
    std::string bytes;
    bool is_read = false;
  };

  const PreviewLimits& limits_;
  SanitiseLimits html_left_;
  unsigned depth_;
  Structure structure_;
  std::vector<Place> within_;
  std::string html_text_;  // of the HTML, as lines
  std::map<std::string, Picture, std::less<>> pictures_;
};

void add_attachments(Preview& preview, std::vector<Item> items, std::size_t most) {
  if (items.size() > most) {
    preview.truncated = true;
    items.resize(most);
  }
  for (auto& item : items) {
    if (item.names.size() > names_shown) item.names.resize(names_shown);
    for (auto& name : item.names) name = without_turns(std::move(name));
    item.place = without_turns(std::move(item.place));
    item.declared = clean_text(item.declared, shown_link_limit);
  }
  preview.attachments = std::move(items);
}

}  // namespace

Preview preview_of(std::string_view message, const PreviewLimits& limits) {
  Preview preview;
  const auto header_text = split_header(message).first;
  const auto shown_header = header_text.substr(0, limits.scan.header_bytes);
  preview.headers = fields_of(mail::Header{std::string{shown_header}}, limits.field);
  preview.raw_header = clean_lines(to_utf8(shown_header, {}, limits.raw_header).utf8, limits.raw_header);
  preview.truncated = header_text.size() > limits.raw_header;

  // Nobody looks for codes, words or languages here: the checks did.
  ScanOptions options{limits.scan};
  options.limits.pictures = 0;
  options.limits.links = 0;
  add_attachments(preview, scan(message, options).items, limits.attachments);

  Body{limits, message, Root::message, 0}.read(preview);
  if (preview.html.empty()) {
    for (const auto& url : find_urls(preview.text, limits.html.links, preview.link_count)) {
      if (const auto parsed = parse_url(url))
        preview.links.push_back({clean_text(url, shown_link_limit), parsed->text, parsed->host});
    }
  }
  return preview;
}

}  // namespace mailreeve::scan
