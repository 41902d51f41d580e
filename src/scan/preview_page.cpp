// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "scan/preview.h"

namespace mailreeve::scan {
namespace {

// What says where a link goes must be seen whatever the mail does around it.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; --page: #fff; --ink: #1a1d21; }
@media (prefers-color-scheme: dark) { :root { --page: #16191d; --ink: #e6e8eb; } }
html { background: var(--page); color: var(--ink); }
body { margin: 0; padding: 12px; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
pre.text { margin: 0; white-space: pre-wrap; font: 13px/1.5 ui-monospace, monospace; }
.paper { color-scheme: light; background: #fff; color: #1a1d21; padding: 8px; border-radius: 4px; }
.paper img { max-width: 100%; height: auto; }
.paper table { max-width: 100%; }
.link { text-decoration: underline; cursor: help; }
.paper > .link, .paper .link:not([style]) { color: #0b57d0; }
.goes { display: inline !important; unicode-bidi: isolate !important; direction: ltr !important;
  font: bold 12px/1.4 ui-monospace, monospace !important; letter-spacing: 0 !important; word-spacing: 0 !important;
  text-transform: none !important; text-indent: 0 !important; white-space: normal !important;
  color: #7a1f00 !important; background: #ffe9df !important; padding: 0 3px !important; margin-left: 3px !important; }
.picture { display: inline-block; max-width: 100%; border: 1px dashed #8a9099; padding: 2px 6px; color: #4a5058;
  background: #f3f4f6; font: 12px/1.4 system-ui, sans-serif; }
.picture .goes { color: #4a5058 !important; background: none !important; font-weight: normal !important; }
)";

}  // namespace

std::string preview_page(const Preview& preview) {
  const auto body = preview.html.empty() ? fmt::format("<pre class=\"text\">\n{}</pre>", escape_html(preview.text))
                                         : fmt::format("<div class=\"paper\">{}</div>", preview.html);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Preview of a held "
      "message</title>\n<style>{}</style>\n</head>\n<body>\n<main>{}</main>\n</body>\n</html>\n",
      style, body);
}

}  // namespace mailreeve::scan
