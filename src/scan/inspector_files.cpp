// SPDX-License-Identifier: Apache-2.0
// What holds other files without being an archive.
#include <fmt/format.h>

#include <algorithm>

#include "mail/characters.h"
#include "scan/cms.h"
#include "scan/file_type.h"
#include "scan/inspector.h"
#include "scan/onenote.h"
#include "scan/package.h"
#include "scan/tnef.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t name_limit = 300;

/// Its first line is a header field's (RFC 5322 2.2).
bool begins_with_field(std::string_view text) {
  const auto colon = text.substr(0, 80).find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::ranges::all_of(text.substr(0, colon), [](char c) { return mail::is_alphanumeric(c) || c == '-'; });
}

/// The name of what is inside: "contract.pdf" of "contract.pdf.p7m".
std::string name_inside(const Label& label) {
  if (label.names.empty()) return {};
  const auto& name = label.names.front();
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? std::string{} : name.substr(0, dot);
}

}  // namespace

bool Inspector::may_open(const Label& label) {
  if (label.depth < options_.limits.depth) return true;
  notes_.add("scan.limit.depth", label.place,
             fmt::format("more than {} containers in one another", options_.limits.depth));
  return false;
}

void Inspector::member(std::string_view bytes, std::vector<std::string> names, const Label& within,
                       std::size_t number) {
  if (budget_.items == 0) {
    notes_.add("scan.limit.items", within.place, fmt::format("more than {} files", options_.limits.items));
    return;
  }
  --budget_.items;
  // Nothing is unpacked here, but the same octets may be claimed by many files.
  if (budget_.bytes < bytes.size()) {
    notes_.add("scan.limit.size", within.place, fmt::format("more than {} octets", options_.limits.decoded_bytes));
    bytes = bytes.substr(0, budget_.bytes);
  }
  budget_.bytes -= bytes.size();
  Label inner;
  inner.place = fmt::format("{}!{}", within.place,
                            names.empty() ? fmt::format("{}", number) : clean_text(names.front(), name_limit));
  inner.names = std::move(names);
  inner.depth = within.depth + 1;
  inner.is_attachment = true;
  inner.is_shown = false;
  file(bytes, std::move(inner));
}

void Inspector::encrypted(const Label& label, std::size_t index, std::string_view how) {
  report_.items[index].encrypted = true;
  if (notes_.has("mime.encrypted")) return;
  notes_.add("mime.encrypted", label.place,
             fmt::format("it is encrypted ({}): nobody but its recipient can look into it", how));
}

void Inspector::rtf(std::string_view bytes, const Label& label) {
  const auto lower = mail::lower(bytes.substr(0, options_.limits.member_bytes));
  if (lower.find("\\objdata") != std::string::npos || lower.find("\\objupdate") != std::string::npos) {
    notes_.add("office.embedded", label.place, "an object in RTF");
  }
  // {\*\template http://...}: Word fetches it.
  for (auto at = lower.find("\\template"); at != std::string::npos; at = lower.find("\\template", at + 1)) {
    constexpr std::size_t target_limit = 500;
    auto target = std::string_view{lower}.substr(at + 9, target_limit);
    target = target.substr(0, target.find('}'));
    if (!target.starts_with(' ') || !leads_elsewhere(target)) continue;
    notes_.add("office.remote-template", label.place, fmt::format("it fetches{} when it is opened", target));
    break;
  }
  // Fields of Word, and the anchors of HTML that Outlook keeps in RTF.
  for (const std::string_view word : {"hyperlink", "href"}) {
    std::size_t left = options_.limits.links;
    for (auto at = lower.find(word); at != std::string::npos && left > 0; at = lower.find(word, at + 1)) {
      --left;
      constexpr std::size_t gap = 200;
      constexpr std::size_t url_limit = 2'000;
      const auto rest = bytes.substr(at, gap + url_limit);
      const auto quote = rest.find('"');
      if (quote > gap) continue;  // or there is none
      const auto behind = rest.substr(quote + 1);
      const auto url = behind.substr(0, behind.find('"'));
      add_link(Link::Kind::other, url, {}, {}, label.place);
    }
  }
}

void Inspector::tnef(std::string_view bytes, const Label& label) {
  if (!may_open(label)) return;
  const auto look = read_tnef(bytes, budget_.items);
  if (look.broken) notes_.add("archive.broken", label.place, "a TNEF file that ends too early or is damaged");
  Label body = label;
  body.names.clear();
  body.is_attachment = false;
  body.is_shown = true;  // Outlook shows it instead of the message's own text
  body.charset = look.charset;
  body.depth = label.depth + 1;
  body.place = label.place + "!text";
  if (!look.text.empty()) text(look.text.substr(0, look.text.find('\0')), body);
  body.place = label.place + "!html";
  if (!look.html.empty()) html(look.html, body, false);
  if (!look.rtf.empty()) member(look.rtf, {"rtf"}, label, 0);
  std::size_t number = 0;
  for (const auto& each : look.files) member(each.bytes, each.names, label, ++number);
}

void Inspector::cms(std::string_view bytes, const Label& label, std::size_t index) {
  const auto most = std::min<std::uint64_t>(options_.limits.member_bytes, budget_.bytes);
  const auto look = read_cms(bytes, most);
  if (look.kind == CmsKind::encrypted) {
    encrypted(label, index, "S/MIME");
    return;
  }
  if (look.broken) notes_.add("archive.broken", label.place, "an S/MIME file that ends too early or is damaged");
  if (look.content.empty() || !may_open(label)) return;
  if (look.content.size() >= most) {
    notes_.add("scan.limit.size", label.place, fmt::format("more than {} octets", most));
  }
  const auto name = name_inside(label);
  const bool is_part = begins_with_field(look.content);
  if (is_part) {
    budget_.bytes -= std::min<std::uint64_t>(budget_.bytes, look.content.size());
    message(look.content, label.place, label.depth + 1, Root::part);
  }
  // Signed files keep their name and add an ending to it.
  if (!is_part || !extension_of(name).empty()) {
    member(look.content, name.empty() ? std::vector<std::string>{} : std::vector{name}, label, 1);
  }
}

/// PEM (RFC 7468 8), or base64 alone: programs open it as they open the octets.
void Inspector::encoded_cms(std::string_view bytes, const Label& label) {
  if (label.depth >= options_.limits.depth) return;
  if (const auto begin = bytes.find("-----BEGIN"); begin != std::string_view::npos) {
    bytes.remove_prefix(std::min(bytes.find('\n', begin), bytes.size()));
    bytes = bytes.substr(0, bytes.find("-----END"));
  }
  const auto most = std::min<std::uint64_t>(options_.limits.member_bytes, budget_.bytes);
  const auto octets = decode(bytes, Coding::base64, most).bytes.front();
  if (cms_kind(octets) == CmsKind::none) return;
  budget_.bytes -= std::min<std::uint64_t>(budget_.bytes, octets.size());
  Label inner = label;
  ++inner.depth;
  file(octets, std::move(inner));
}

void Inspector::onenote(std::string_view bytes, const Label& label) {
  if (!may_open(label)) return;
  const auto look = read_onenote(bytes, budget_.items);
  if (look.broken) notes_.add("archive.broken", label.place, "a notebook that ends too early or is damaged");
  if (!look.files.empty()) notes_.add("office.embedded", label.place, "files in a OneNote notebook");
  std::size_t number = 0;
  for (const auto each : look.files) member(each, {}, label, ++number);
  // Which file has which name is told elsewhere; what matters is that one has it.
  for (const auto& name : look.names) {
    if (category_of_name(name).empty()) continue;
    member({}, {name}, label, 0);
  }
}

}  // namespace mailreeve::scan
