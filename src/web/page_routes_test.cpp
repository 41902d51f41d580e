// SPDX-License-Identifier: Apache-2.0
#include "web/page_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/run.h"
#include "web/pages.h"

namespace mailreeve::web {
namespace {

using testing::HasSubstr;
using testing::Not;

net::HttpResponse ask(Task<net::HttpResponse> (*handler)(Call), std::string path,
                      std::map<std::string, std::string> headers = {}) {
  Call call;
  call.request.method = "GET";
  call.request.path = std::move(path);
  call.request.headers = std::move(headers);
  return support::run(handler(std::move(call)));
}

std::string header(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

class PageRoutes : public testing::Test {
 protected:
  void SetUp() override {
    if (pages().empty()) GTEST_SKIP() << "built without the pages";
  }
  static const Page& script() {
    return *std::ranges::find_if(pages(), [](const Page& page) { return page.path.ends_with(".js"); });
  }
};

TEST_F(PageRoutes, EveryAddressOfAPageIsTheSameFile) {
  const auto front = ask(show_page, "/");
  EXPECT_EQ(front.status, 200);
  EXPECT_THAT(front.body, HasSubstr("<title>Mailreeve</title>"));
  EXPECT_EQ(ask(show_page, "/messages/0123").body, front.body);
}

TEST_F(PageRoutes, NothingRunsButWhatComesFromHere) {
  const auto front = ask(show_page, "/");
  EXPECT_THAT(header(front, "Content-Security-Policy"), HasSubstr("default-src 'none'; script-src 'self';"));
  EXPECT_THAT(header(front, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_THAT(front.body, Not(HasSubstr("<style")));
  EXPECT_THAT(front.body, Not(HasSubstr("onload=")));
}

TEST_F(PageRoutes, FilesAreCompressedForThoseWhoTakeIt) {
  const std::string path{script().path};
  const auto packed = ask(show_file, path, {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(packed.body, script().gzip);
  const auto plain = ask(show_file, path);
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_EQ(plain.body.size(), script().size);
  EXPECT_LT(packed.body.size(), plain.body.size());
}

TEST_F(PageRoutes, WhatNeverChangesIsKeptAndThePageItselfIsAskedFor) {
  EXPECT_THAT(header(ask(show_file, std::string{script().path}), "Cache-Control"), HasSubstr("immutable"));
  const auto front = ask(show_page, "/");
  EXPECT_EQ(header(front, "Cache-Control"), "no-cache");
  const auto again = ask(show_page, "/", {{"if-none-match", header(front, "ETag")}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_F(PageRoutes, OtherFilesDoNotExist) {
  EXPECT_EQ(ask(show_file, "/assets/../index.html").status, 404);
  EXPECT_EQ(ask(show_file, "/assets/none.js").status, 404);
}

TEST_F(PageRoutes, TheFirstPageIsSmall) {
  constexpr std::size_t most = 300'000;
  std::size_t first = 0;
  for (const auto& page : pages()) {
    const auto is = [&](std::string_view name) { return page.path.find(name) != std::string_view::npos; };
    if (is("/index") || is("/overview-") || is("/chart-") || is("/verdict-")) first += page.gzip.size();
  }
  EXPECT_GT(first, 0U);
  EXPECT_LT(first, most);
}

}  // namespace
}  // namespace mailreeve::web
