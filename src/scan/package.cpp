// SPDX-License-Identifier: Apache-2.0
#include "scan/package.h"

#include <algorithm>

#include "mail/characters.h"
#include "scan/charset.h"
#include "scan/file_type.h"
#include "scan/html.h"
#include "scan/zip_directory.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t target_limit = 20;
constexpr std::size_t relationships_limit = 1U << 20;
constexpr std::size_t tag_limit = 8U << 10;

struct Package {
  std::string_view type;
  std::string_view marks[2];  // beginnings of members' names that it must have
  std::string_view endings;   // that open it as a document, blanks between
};
constexpr Package packages[] = {
    {"ooxml",
     {"[Content_Types].xml", ""},
     " docx docm dotx dotm xlsx xlsm xltx xltm xlsb xlam pptx pptm potx potm ppsx ppsm ppam sldx sldm thmx vsdx vsdm "
     "vstx vssx "},
    {"odf", {"mimetype", "content.xml"}, " odt ott ods ots odp otp odg otg odf odc odi odm odb fodt sxw sxc sxi "},
    {"epub", {"mimetype", ""}, " epub "},
    {"iwork", {"Index", ""}, " pages numbers key "},
};

bool is_one_of(std::string_view endings, std::string_view extension) {
  if (extension.empty() || extension.find(' ') != std::string_view::npos) return false;
  return endings.find(" " + std::string{extension} + " ") != std::string_view::npos;
}

/// `name="value"` behind `name`, in a tag; quotes of either kind.
std::string attribute(std::string_view tag, std::string_view name) {
  for (auto at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
    auto rest = tag.substr(at + name.size());
    const bool begins = at > 0 && std::string_view{" \t\r\n"}.find(tag[at - 1]) != std::string_view::npos;
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (!begins || !rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) continue;
    const auto end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos) continue;
    return decode_entities(rest.substr(1, end - 1), EntitiesIn::attribute);
  }
  return {};
}

bool is_local_host(std::string_view host) {
  if (host.find('.') == std::string_view::npos) return true;
  constexpr std::string_view local[] = {".local", ".lan",       ".intern",     ".internal",
                                        ".corp",  ".home.arpa", ".localdomain"};
  return std::ranges::any_of(local, [host](std::string_view ending) { return host.ends_with(ending); });
}

}  // namespace

std::string_view package_type(std::string_view zip, std::span<const std::string> names) {
  if (names.empty()) return {};
  for (const auto& package : packages) {
    const bool is_called = std::ranges::all_of(
        names, [&](const std::string& name) { return is_one_of(package.endings, extension_of(name)); });
    if (!is_called) continue;
    const auto look = look_at_zip(zip);
    if (!look.problem.empty() || !look.other_names.empty()) return {};
    const bool is_whole = std::ranges::all_of(package.marks, [&](std::string_view mark) {
      return std::ranges::any_of(look.names, [mark](const std::string& name) { return name.starts_with(mark); });
    });
    return is_whole ? package.type : std::string_view{};
  }
  return {};
}

bool leads_elsewhere(std::string_view target) {
  auto lower = mail::lower(target.substr(0, 500));
  std::ranges::replace(lower, '\\', '/');
  std::string_view rest{lower};
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  if (rest.starts_with("mhtml:")) rest.remove_prefix(6);
  if (rest.starts_with("http:") || rest.starts_with("https:") || rest.starts_with("ftp:")) return true;
  if (rest.starts_with("file:")) rest.remove_prefix(5);
  if (rest.starts_with("smb:")) rest.remove_prefix(4);
  const auto host_at = rest.find_first_not_of('/');
  // "file:///C:/x" is here; "//host/share", "file://host/x" and "file://///host/x" are on a host.
  if (host_at == std::string_view::npos || host_at < 2) return false;
  const auto host = rest.substr(host_at, rest.find_first_of("/@:", host_at) - host_at);
  if (host.size() < 2) return false;
  return !is_local_host(host);
}

std::vector<std::string> fetched_targets(std::string_view relationships) {
  std::vector<std::string> targets;
  const bool is_wide = relationships.starts_with("\xff\xfe") || relationships.starts_with("\xfe\xff");
  const auto text =
      to_utf8(relationships.substr(0, relationships_limit), is_wide ? "utf-16" : "", relationships_limit).utf8;
  const std::string_view all{text};
  std::string_view tag;
  for (auto at = all.find("Relationship"); at != std::string_view::npos && targets.size() < target_limit;
       at = all.find("Relationship", at + tag.size())) {
    tag = all.substr(at, tag_limit);
    tag = tag.substr(0, tag.find('>'));
    const auto type = attribute(tag, "Type");
    const auto kind = std::string_view{type}.substr(std::min(type.rfind('/') + 1, type.size()));
    const bool is_fetched =
        kind == "attachedTemplate" || kind == "oleObject" || kind == "frame" || kind == "subDocument";
    if (!is_fetched || attribute(tag, "TargetMode") != "External") continue;
    auto target = attribute(tag, "Target");
    if (leads_elsewhere(target)) targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace mailreeve::scan
