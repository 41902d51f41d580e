// SPDX-License-Identifier: Apache-2.0
// Codes in pictures, wherever these are.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "scan/file_type.h"
#include "scan/inspector.h"
#include "scan/links.h"
#include "scan/pdf_picture.h"
#include "scan/qr.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t codes_a_picture = 10;

}  // namespace

bool Inspector::may_look_for_codes(const Place& place) {
  if (pictures_left_ > 0) return true;
  notes_.add("scan.limit.pictures", place, fmt::format("more than {} pictures", options_.limits.pictures));
  return false;
}

void Inspector::picture(std::string_view bytes, std::string_view type, const Place& place) {
  if (!may_look_for_codes(place)) return;
  PictureLimits limits;
  limits.work = picture_work_left_;
  codes(read_picture(bytes, type, limits), place);
}

void Inspector::codes(const Picture& picture, const Place& place) {
  if (picture.too_large) notes_.add("scan.limit.pictures", place, "it is too large, alone or with those before it");
  // What came to nothing has cost something too.
  if (!picture.too_large && picture.work > 0) {
    --pictures_left_;
    picture_work_left_ -= std::min(picture_work_left_, picture.work);
  }
  if (picture.width == 0) return;
  const auto look = read_qr(picture, code_effort_left_);
  if (look.too_many_marks) notes_.add("scan.limit.pictures", place, "too much in it looks like a code");
  for (const auto& text : look.texts) {
    std::uint32_t count = 0;
    const auto urls = parse_url(text) ? std::vector{text} : find_urls(text, codes_a_picture, count);
    for (const auto& url : urls) add_link(Link::Kind::qr, url, {}, {}, place);
  }
}

void Inspector::pictures_in_pdf(std::string_view bytes, const Place& place) {
  for (const auto& each : pdf_pictures(bytes, options_.limits.pictures + 1)) {
    if (!may_look_for_codes(place)) return;
    PictureLimits limits;
    limits.work = picture_work_left_;
    codes(read_pdf_picture(each, limits), place);
  }
}

void Inspector::pictures_in_html(std::string_view html, const Place& place) {
  constexpr std::string_view mark = "data:image/";
  while (const auto* at = static_cast<const char*>(::memmem(html.data(), html.size(), mark.data(), mark.size()))) {
    html.remove_prefix(static_cast<std::size_t>(at - html.data()) + mark.size());
    const auto comma = html.substr(0, 40).find(',');
    if (comma == std::string_view::npos || html.substr(0, comma).find("base64") == std::string_view::npos) continue;
    const auto encoded = html.substr(comma + 1, html.find_first_of("\"')>", comma + 1) - comma - 1);
    html.remove_prefix(comma + 1 + encoded.size());
    if (pictures_left_ == 0) continue;
    const auto bytes =
        decode(encoded, Coding::base64, std::min<std::uint64_t>(options_.limits.member_bytes, budget_.bytes))
            .bytes.front();
    budget_.bytes -= std::min<std::uint64_t>(budget_.bytes, bytes.size());
    if (const auto type = type_of(bytes); is_picture(type)) picture(bytes, type, place);
  }
}

}  // namespace mailreeve::scan
