// SPDX-License-Identifier: Apache-2.0
#include "scan/inspector.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/digest.h"
#include "mail/characters.h"
#include "scan/charset.h"
#include "scan/file_type.h"
#include "scan/html.h"
#include "scan/links.h"
#include "scan/ole.h"
#include "scan/package.h"
#include "scan/pdf.h"
#include "scan/wrapped.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t hashed_items = 100;
constexpr std::size_t name_limit = 300;
constexpr std::size_t place_limit = 600;
constexpr std::size_t reported_items = 1'000;
constexpr std::size_t told_of_a_category = 20;  // of files beyond those
constexpr std::size_t text_limit = 512U << 10;  // octets of text that are kept for words
constexpr std::size_t shown_limit = 200;

bool is_text(std::string_view declared) { return declared.empty() || declared.starts_with("text/"); }

bool is_html(std::string_view declared) {
  return declared == "text/html" || declared == "application/xhtml+xml" || declared == "image/svg+xml";
}

/// Of an archive or document, not of the message itself.
bool is_member(const Label& label) { return label.place.find('!') != std::string::npos; }

/// "#!" makes a script of a file that is started by its name, not of what the message shows or an editor opens.
bool is_only_text(const Label& label) {
  if (label.names.empty()) return !label.is_attachment && !is_member(label) && is_text(label.declared);
  return std::ranges::all_of(label.names, is_text_name);
}

/// Would a program make the same harmless thing of every reading?
bool are_alike(const std::vector<std::string>& readings) {
  const auto type = type_of(readings.front());
  constexpr std::string_view holders[] = {"ole", "rtf", "tnef", "cms"};
  if (!category_of_type(type).empty() || is_archive(type)) return false;
  if (std::ranges::find(holders, type) != std::end(holders)) return false;
  return std::ranges::all_of(readings, [type](const std::string& reading) { return type_of(reading) == type; });
}

template <class T>
void add_once(std::vector<T>& list, T value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

/// Must the last of a long list be kept? However many files are harmless, none pushes a dangerous one out.
bool is_telling(const std::vector<Item>& items) {
  const auto& last = items.back();
  return std::ranges::any_of(last.categories, [&](const auto& category) {
    const auto others = std::span{items}.subspan(reported_items - 1).first(items.size() - reported_items);
    const auto same = std::ranges::count_if(others, [&](const Item& item) {
      return std::ranges::find(item.categories, category) != item.categories.end();
    });
    return static_cast<std::size_t>(same) < told_of_a_category;
  });
}

}  // namespace

Inspector::Inspector(const ScanOptions& options, ContentReport& report, Notes& notes)
    : options_{options},
      report_{report},
      notes_{notes},
      budget_{options.limits.decoded_bytes, options.limits.items},
      pictures_left_{options.limits.pictures},
      picture_work_left_{options.limits.picture_work},
      code_effort_left_{options.limits.code_effort} {}

void Inspector::message(std::string_view bytes, const Place& within, unsigned depth, Root root) {
  const auto structure = read_structure(bytes, options_.limits, notes_, depth, within, root);
  for (const auto& part : structure.entities) {
    if (part.media_type == "message/partial")
      notes_.add("mime.partial", part.place, "a piece of a message: nobody can look at the whole");
    if (part.media_type == "message/external-body")
      notes_.add("mime.external-body", part.place, "its content is elsewhere");
    if (part.media_type == "multipart/encrypted")
      notes_.add("mime.encrypted", part.place, "it is encrypted: nobody but its recipient can look into it");
    if (part.is_leaf) entity(part);
  }
}

void Inspector::entity(const Entity& part) {
  Label label{part.place,         part.names, part.typed ? part.media_type : std::string{}, part.charset, part.depth,
              part.is_attachment, part.shown};
  for (const auto coding : part.codings) {
    const auto most = std::min<std::uint64_t>(options_.limits.member_bytes, budget_.bytes);
    const auto readings = decode(part.body, coding, most);
    if (readings.odd && !part.body.empty() && !are_alike(readings.bytes)) {
      notes_.add("mime.ambiguous", part.place,
                 coding == Coding::base64 ? "base64 with padding in the middle or foreign characters"
                                          : "broken quoted-printable");
    }
    for (const auto& bytes : readings.bytes) {
      if (bytes.size() >= most && part.body.size() > most) {
        notes_.add("scan.limit.size", part.place, fmt::format("more than {} octets", most));
      }
      budget_.bytes -= std::min<std::uint64_t>(budget_.bytes, bytes.size());
      file(bytes, label);
    }
  }
}

Item& Inspector::item(std::string_view bytes, const Label& label, std::string_view type) {
  Item item;
  item.place = clean_text(label.place, place_limit);
  item.declared = label.declared;
  item.type = type;
  item.size = bytes.size();
  if (!bytes.empty() && report_.items.size() < hashed_items) item.sha256 = hex(sha256_of(bytes));
  item.depth = label.depth;
  item.offered = label.is_attachment || !label.names.empty();
  for (const auto& name : label.names) add_once(item.names, clean_text(name, name_limit));
  look_at_names(bytes, item, label);
  if (report_.items.size() >= reported_items && !is_telling(report_.items)) report_.items.pop_back();
  report_.items.push_back(std::move(item));
  return report_.items.back();
}

void Inspector::look_at_names(std::string_view bytes, Item& item, const Label& label) {
  for (const auto& name : label.names) {
    if (label.in_package) break;
    const auto category = category_of_file(name, bytes);
    if (!category.empty()) add_once(item.categories, std::string{category});
    if (!category.empty() && has_double_extension(name)) notes_.add("attachment.double-extension", label.place, name);
    if (has_hidden_characters(name)) notes_.add("attachment.hidden-characters", label.place, name);
  }
  const auto category = category_of_type(item.type);
  if (!category.empty()) add_once(item.categories, std::string{category});
}

void Inspector::mark(std::size_t index, std::string_view category) {
  add_once(report_.items[index].categories, std::string{category});
}

void Inspector::file(std::string_view bytes, Label label) {
  const auto types = types_of(bytes);
  auto type = types.empty() ? std::string_view{} : types.front();
  if (type == "script" && is_only_text(label)) type = {};
  label.package = type == "zip" ? package_type(bytes, label.names) : std::string_view{};
  const bool is_file = label.is_attachment || !label.names.empty() || is_member(label) ||
                       (!type.empty() && type != "html" && type != "xml");
  const bool is_plain =
      is_text(label.declared) && (type.empty() || type == "html" || type == "xml" || type == "svg" || type == "pgp");
  std::size_t index = report_.items.size();
  if (is_file || !is_plain) {
    item(bytes, label, label.package.empty() ? type : label.package);
    index = report_.items.size() - 1;
  }
  // A name that promises a picture, and a program inside.
  const auto by_name = label.names.empty() ? std::string_view{} : category_of_name(label.names.front());
  const auto by_type = category_of_type(type);
  if (!label.names.empty() && by_name.empty() &&
      (by_type == "executable" || by_type == "script" || by_type == "shortcut")) {
    notes_.add("attachment.disguised", label.place,
               fmt::format("{} is in truth of type {}", label.names.front(), type));
  }
  if (types.size() > 1) {
    notes_.add("attachment.polyglot", label.place, fmt::format("it is {} at once", fmt::join(types, " and ")));
  }
  for (const auto each : types) {
    if (index < report_.items.size()) {
      document(bytes, each, label, index);
      if (is_archive(each)) container(bytes, each, label, index);
    }
  }
  const bool looks_like_html = is_html(label.declared) || type == "html" || type == "svg" || type == "hta";
  if (looks_like_html) {
    html(bytes, label, is_file);
  } else if (is_plain) {
    text(bytes, label);
  }
  const auto extension = label.names.empty() ? std::string{} : extension_of(label.names.front());
  if (extension == "eml" && label.declared != "message/rfc822" && label.depth < options_.limits.depth) {
    message(bytes, label.place, label.depth + 1);
  }
  if (extension == "p7m" && type.empty()) encoded_cms(bytes, label);
  for (const auto& found : find_uuencoded(bytes.substr(0, options_.limits.member_bytes))) {
    if (label.depth >= options_.limits.depth || budget_.items == 0) break;
    --budget_.items;
    auto readings =
        decode(found.body, Coding::uuencode, std::min<std::uint64_t>(options_.limits.member_bytes, budget_.bytes));
    budget_.bytes -= std::min<std::uint64_t>(budget_.bytes, readings.bytes.front().size());
    Label inner{label.place + "!" + clean_text(found.name, name_limit),
                {to_utf8(found.name, {}, name_limit).utf8},
                {},
                {},
                label.depth + 1,
                true,
                false};
    file(readings.bytes.front(), std::move(inner));
  }
}

void Inspector::container(std::string_view bytes, std::string_view type, const Label& label, std::size_t index) {
  if (label.package.empty()) mark(index, "archive");
  if (!may_open(label)) return;
  const auto visit = [&](const Member& member) {
    Label inner;
    // A compressed file alone is called as its container is, without the ending.
    auto name = member.name;
    if (name.empty() && !label.names.empty()) {
      name = label.names.front();
      if (const auto dot = name.rfind('.'); dot != std::string::npos) name.resize(dot);
    }
    inner.place = fmt::format("{}!{}", label.place, clean_text(name, name_limit));
    if (!name.empty()) inner.names.push_back(name);
    inner.depth = label.depth + 1;
    inner.is_shown = false;
    inner.in_package = !label.package.empty();
    if (member.encrypted) {
      item({}, inner, {}).encrypted = true;
      return;
    }
    file(member.bytes, inner);
    // OOXML: the macros' project is a member of the document.
    const auto lower = mail::lower(name);
    if (inner.in_package && lower.ends_with(".rels")) relationships(member.bytes, label);
    if (lower.ends_with("vbaproject.bin") || lower.find("/macrosheets/") != std::string::npos ||
        lower.starts_with("xl/macrosheets/")) {
      mark(index, "macro");
      notes_.add("office.macro", label.place, fmt::format("macros in {}", name));
    }
  };
  const auto look = open_archive(bytes, type, label.place, options_.limits, budget_, notes_, visit);
  if (look.encrypted) {
    mark(index, "encrypted");
    report_.items[index].encrypted = true;
  }
}

void Inspector::document(std::string_view bytes, std::string_view type, const Label& label, std::size_t index) {
  if (type == "ole") ole(bytes, label, index);
  if (type == "pdf") pdf(bytes, label, index);
  if (type == "rtf") rtf(bytes, label);
  if (is_picture(type)) picture(bytes, type, label.place);
  if (type == "tnef") tnef(bytes, label);
  if (type == "cms") cms(bytes, label, index);
  if (type == "onenote") onenote(bytes, label);
  if (type == "pgp" && bytes.starts_with("-----BEGIN PGP MESSAGE-----")) encrypted(label, index, "OpenPGP");
}

void Inspector::ole(std::string_view bytes, const Label& label, std::size_t index) {
  const auto look = look_at_ole(bytes);
  auto& item = report_.items[index];
  item.type = look.kind;
  if (look.kind == "msi") add_once(item.categories, std::string{"executable"});
  if (look.broken) notes_.add("archive.broken", label.place, "a compound file that cannot be read");
  if (look.macros) {
    add_once(item.categories, std::string{"macro"});
    notes_.add("office.macro", label.place, "macros");
  }
  if (look.auto_run) notes_.add("office.macro.auto-run", label.place, "a macro that runs by itself");
  if (!look.words.empty())
    notes_.add("office.macro.suspicious", label.place, fmt::format("its macros use {}", fmt::join(look.words, ", ")));
  if (look.embedded) notes_.add("office.embedded", label.place, "other files in the document");
  if (look.encrypted) {
    item.encrypted = true;
    add_once(item.categories, std::string{"encrypted"});
    notes_.add("archive.encrypted", label.place, "an encrypted Office document");
  }
  if (!look.files.empty() && may_open(label)) {
    std::size_t number = 0;
    for (const auto& file : look.files) {
      auto name = to_utf8(file.name, {}, name_limit).utf8;
      member(file.bytes, name.empty() ? std::vector<std::string>{} : std::vector{std::move(name)}, label, ++number);
    }
  }
}

void Inspector::relationships(std::string_view xml, const Label& document) {
  for (const auto& target : fetched_targets(xml)) {
    notes_.add("office.remote-template", document.place, fmt::format("it fetches {} when it is opened", target));
    add_link(Link::Kind::other, target, {}, {}, document.place);
  }
}

void Inspector::pdf(std::string_view bytes, const Label& label, std::size_t index) {
  const auto look = look_at_pdf(bytes);
  if (look.javascript) notes_.add("pdf.javascript", label.place, "JavaScript in a PDF");
  if (look.launch) notes_.add("pdf.launch", label.place, "a PDF that starts a program");
  if (look.embedded) notes_.add("pdf.embedded", label.place, "files in a PDF");
  if (look.encrypted) notes_.add("pdf.encrypted", label.place, "an encrypted PDF");
  if (look.locked) {
    report_.items[index].encrypted = true;
    mark(index, "encrypted");
  }
  if (look.form) notes_.add("pdf.form", label.place, "a PDF that sends what is typed into it");
  for (const auto& uri : look.uris) add_link(Link::Kind::other, uri, {}, {}, label.place);
  pictures_in_pdf(bytes, label.place);
}

void Inspector::html(std::string_view bytes, const Label& label, bool is_file) {
  const auto decoded = to_utf8(bytes, label.charset, options_.limits.text_bytes);
  if (bytes.size() > options_.limits.text_bytes)
    notes_.add("scan.limit.text", label.place, "a text that is read in part only");
  const auto look = read_html(decoded.utf8, options_.limits.text_bytes, options_.limits.links);
  for (const auto& link : look.links) add_link(link.kind, link.url, link.shown, look.base, label.place);
  pictures_in_html(decoded.utf8, label.place);
  count_unread(look.link_count - static_cast<std::uint32_t>(look.links.size()), label.place);
  const bool has_script = look.script || (look.amp && label.declared != "text/x-amp-html");
  const bool is_offered = is_file && (label.is_attachment || !label.names.empty() || is_member(label));
  if (is_offered) {
    if (has_script) notes_.add("html.script", label.place, "a script in an HTML file");
    if (look.smuggling) notes_.add("html.smuggling", label.place, "an HTML file that makes another file by script");
    if (look.password) notes_.add("html.password", label.place, "an HTML file that asks for a password");
  } else {
    if (look.form) notes_.add("html.form", label.place, "a form in the text");
    if (has_script) notes_.add("html.script", label.place, "a script in the text");
    if (look.smuggling) notes_.add("html.smuggling", label.place, "the text makes a file by script");
  }
  if (label.is_shown) add_text(look.text);
}

void Inspector::text(std::string_view bytes, const Label& label) {
  const auto decoded = to_utf8(bytes, label.charset, options_.limits.text_bytes);
  if (!decoded.known) notes_.add("mime.unknown-charset", label.place, label.charset);
  if (bytes.size() > options_.limits.text_bytes)
    notes_.add("scan.limit.text", label.place, "a text that is read in part only");
  std::uint32_t count = 0;
  const auto urls = find_urls(decoded.utf8, options_.limits.links, count);
  for (const auto& url : urls) add_link(Link::Kind::text, url, {}, {}, label.place);
  count_unread(count - static_cast<std::uint32_t>(urls.size()), label.place);
  if (label.is_shown) add_text(decoded.utf8);
}

void Inspector::add_link(Link::Kind kind, std::string_view url, std::string_view shown, std::string_view base,
                         const Place& place) {
  ++report_.link_count;
  if (report_.links.size() >= options_.limits.links) {
    notes_.add("scan.limit.links", place, fmt::format("more than {} links", options_.limits.links));
    return;
  }
  const auto parsed = parse_url(url, base);
  if (!parsed) return;
  Link link{kind, parsed->text, parsed->host, clean_text(shown, shown_limit), clean_text(place, place_limit)};
  const auto add = [this](Link one) {
    if (report_.links.size() >= options_.limits.links) return;
    if (std::ranges::find(report_.links, one) == report_.links.end()) report_.links.push_back(std::move(one));
  };
  // Where it leads in the end is looked at like any other link.
  for (const auto& inner : wrapped_urls(parsed->text)) {
    const auto target = parse_url(inner);
    if (target) add({Link::Kind::other, target->text, target->host, {}, link.place});
  }
  add(std::move(link));
}

void Inspector::count_unread(std::uint32_t links, const Place& place) {
  report_.link_count += links;
  if (links > 0) notes_.add("scan.limit.links", place, fmt::format("more than {} links", options_.limits.links));
}

void Inspector::add_text(std::string_view text) {
  if (report_.text.size() >= text_limit) return;
  if (!report_.text.empty()) report_.text += ' ';
  report_.text += readable_text(text, text_limit - std::min(text_limit, report_.text.size()));
}

}  // namespace mailreeve::scan
