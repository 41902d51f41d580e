// SPDX-License-Identifier: Apache-2.0
#include "web/page_routes.h"

#include <zlib.h>

#include <algorithm>

#include "web/pages.h"

namespace mailreeve::web {
namespace {

using net::HttpResponse;

/// Nothing but what comes from here, and no script or style within the page. The frame is a held mail's preview.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const Page* find(std::string_view path) {
  const auto all = pages();
  const auto found = std::ranges::find(all, path, &Page::path);
  return found == all.end() ? nullptr : &*found;
}

/// For the few clients that take no gzip.
std::string unpacked(const Page& page) {
  constexpr int gzip_window = 15 + 16;
  std::string out(page.size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(page.gzip.data()));
  stream.avail_in = static_cast<uInt>(page.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const auto status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return status == Z_STREAM_END ? out : std::string{};
}

HttpResponse serve(const Page& page, const net::HttpRequest& request) {
  HttpResponse response;
  response.type = page.type;
  response.headers = {{"Content-Security-Policy", std::string{page_policy}},
                      {"Cache-Control", page.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                      {"ETag", std::string{page.etag}},
                      {"Vary", "Accept-Encoding"}};
  if (net::has_etag(request, page.etag)) {
    response.status = 304;
    return response;
  }
  if (net::accepts_encoding(request, "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = page.gzip;
  } else {
    response.body = unpacked(page);
  }
  return response;
}

HttpResponse plain_page() {
  HttpResponse response;
  response.type = "text/html; charset=utf-8";
  response.body =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailreeve</title></head>\n"
      "<body><h1>Mailreeve</h1><p>This Mailreeve was built without its pages.</p>"
      "<ul><li><a href=\"/healthz\">Health</a></li><li><a href=\"/metrics\">Metrics</a></li></ul></body></html>\n";
  return response;
}

}  // namespace

Task<HttpResponse> show_page(Call call) {
  const auto* page = find("/index.html");
  co_return page == nullptr ? plain_page() : serve(*page, call.request);
}

Task<HttpResponse> show_file(Call call) {
  const auto* page = find(call.request.path);
  co_return page == nullptr ? problem(404, "Not found", "there is nothing at this address")
                            : serve(*page, call.request);
}

}  // namespace mailreeve::web
