// SPDX-License-Identifier: Apache-2.0
#include "scan/octet_codec.h"
#include "scan/preview.h"
#include "scan/report_codec.h"

namespace mailreeve::scan {
namespace {

constexpr std::uint64_t version = 0x70000001;

std::string write(const Preview& preview) {
  OctetWriter out;
  out.add(version);
  out.add(std::uint64_t{preview.headers.size()});
  for (const auto& field : preview.headers) {
    out.add(std::string_view{field.name});
    out.add(std::string_view{field.value});
  }
  for (const auto* text : {&preview.raw_header, &preview.text, &preview.html}) out.add(std::string_view{*text});
  out.add(std::uint64_t{preview.text_from_html} | std::uint64_t{preview.truncated} << 1U);
  write_items(out, preview.attachments);
  out.add(std::uint64_t{preview.links.size()});
  for (const auto& link : preview.links) {
    for (const auto* text : {&link.shown, &link.url, &link.host}) out.add(std::string_view{*text});
  }
  const auto& blocked = preview.blocked;
  for (const auto count : {preview.link_count, blocked.images, blocked.scripts, blocked.forms, blocked.frames})
    out.add(std::uint64_t{count});
  return out.take();
}

}  // namespace

std::string write_preview(const Preview& preview) {
  auto bytes = write(preview);
  if (bytes.size() <= report_limit) return bytes;
  // The limits of a preview add up to less, unless somebody set others.
  auto cut = preview;
  cut.truncated = true;
  cut.html.clear();
  cut.attachments.clear();
  cut.links.clear();
  bytes = write(cut);
  return bytes.size() <= report_limit ? bytes : write({});
}

Result<Preview> read_preview(std::string_view bytes) {
  const auto broken = [] { return fail(ErrorKind::invalid, "the scanner's preview cannot be read"); };
  if (bytes.size() > report_limit) return broken();
  OctetReader in{bytes};
  if (in.number() != version) return broken();
  Preview preview;
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Preview::Field field;
    field.name = in.text();
    field.value = in.text();
    preview.headers.push_back(std::move(field));
  }
  for (auto* text : {&preview.raw_header, &preview.text, &preview.html}) *text = in.text();
  const auto flags = in.number();
  preview.text_from_html = (flags & 1U) != 0;
  preview.truncated = (flags & 2U) != 0;
  preview.attachments = read_items(in);
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    PreviewLink link;
    for (auto* text : {&link.shown, &link.url, &link.host}) *text = in.text();
    preview.links.push_back(std::move(link));
  }
  auto& blocked = preview.blocked;
  for (auto* count : {&preview.link_count, &blocked.images, &blocked.scripts, &blocked.forms, &blocked.frames})
    *count = static_cast<std::uint32_t>(in.number());
  if (in.failed() || !in.is_at_end()) return broken();
  return preview;
}

}  // namespace mailreeve::scan
