// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <filesystem>
#include <thread>

#include "net/blocking.h"
#include "support/memory_stream.h"

namespace mailreeve::net {
namespace {

using namespace std::chrono_literals;
using support::MemoryStream;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

ErrorKind refused(const std::string& whole) {
  const auto request = parse_http_request(whole);
  return request ? ErrorKind::internal : request.error().kind;
}

TEST(HttpRequest, IsReadWithPathQueryAndBody) {
  const auto request = parse_http_request(
      "POST /api/a%20b/c?sender=a%2Bb%40x.example&flag&q=1+2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_TRUE(request) << request.error().text;
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->path, "/api/a b/c");
  EXPECT_EQ(request->query.at("sender"), "a+b@x.example");
  EXPECT_EQ(request->query.at("flag"), "");
  EXPECT_EQ(request->query.at("q"), "1 2");
  EXPECT_EQ(request->body, "abc");
}

TEST(HttpRequest, AnAbsoluteTargetIsItsPath) {
  EXPECT_EQ(parse_http_request(get("http://gate.example:8025/healthz"))->path, "/healthz");
  EXPECT_EQ(parse_http_request(get("http://gate.example"))->path, "/");
}

TEST(HttpRequest, ChunksAreJoined) {
  const auto request = parse_http_request(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  ASSERT_TRUE(request) << request.error().text;
  EXPECT_EQ(request->body, "abcde");
}

TEST(HttpRequest, WhatIsMalformedIsRefused) {
  EXPECT_EQ(refused("rubbish\r\n\r\n"), ErrorKind::invalid);
  for (const auto* target : {"/%", "/%1", "/%zz", "/%00", "/%0a", "/?a=%", "/?a=1&a=2", "nopath"}) {
    EXPECT_EQ(refused(get(target)), ErrorKind::invalid) << target;
  }
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), ErrorKind::invalid) << "no Host";
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), ErrorKind::invalid);
  EXPECT_EQ(refused(get("/") + "more"), ErrorKind::invalid);
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            ErrorKind::invalid);
  EXPECT_EQ(refused("GET / HT"), ErrorKind::closed);
}

TEST(HttpRequest, WhatIsTooLongIsRefused) {
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"), ErrorKind::full);
  EXPECT_EQ(refused("GET /" + std::string(100'000, 'x')), ErrorKind::full);
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"), ErrorKind::full);
  std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 600'000; ++i) chunked += "1\r\nx\r\n";
  EXPECT_EQ(refused(chunked), ErrorKind::full);
}

TEST(HttpRequest, ATargetReadsBackAsItWasWritten) {
  const std::string path = "/api/ä b/100%?&#";
  const std::map<std::string, std::string> query{{"sender", "a+b&c=d@x.example"}, {"q", "%20 ü"}};
  const auto request = parse_http_request(get(http_target(path, query)));
  ASSERT_TRUE(request) << request.error().text;
  EXPECT_EQ(request->path, path);
  EXPECT_EQ(request->query, query);
}

Task<HttpResponse> mirror(HttpRequest request) {
  if (request.path == "/bug") throw std::runtime_error("a bug");
  HttpResponse response;
  response.type = "text/plain";
  response.body = request.method + " " + request.path + " " + request.body;
  co_return response;
}

// What a server answers to `input`, given to it `step` octets at a time; the client then ends its side.
Task<std::string> talk(std::string input, std::size_t step) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto pair = MemoryStream::make_pair(executor);
  auto client = std::move(pair.first);
  pair.second->set_read_limit(step);
  boost::asio::co_spawn(executor, serve_http(std::move(pair.second), mirror), boost::asio::detached);
  client->set_deadline(std::chrono::steady_clock::now() + 20s);
  co_await client->write_all(input);
  client->finish_writing();
  std::string answer;
  char bytes[4096];
  while (true) {
    const auto got = co_await client->read_some(bytes, sizeof bytes);
    if (!got || *got == 0) break;
    answer.append(bytes, *got);
  }
  co_return answer;
}

std::string answer_to(const std::string& input, std::size_t step = 100'000) { return run_blocking(talk(input, step)); }

TEST(HttpServer, AnswersOneRequestAfterTheOtherHoweverTheyAreSplit) {
  const auto input = get("/one") +
                     "POST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
                     "GET /three HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get("/never");
  const auto whole = answer_to(input);
  EXPECT_THAT(whole, HasSubstr("GET /one "));
  EXPECT_THAT(whole, HasSubstr("POST /two abc"));
  EXPECT_THAT(whole, HasSubstr("GET /three "));
  EXPECT_THAT(whole, Not(HasSubstr("/never")));
  for (const std::size_t step : {1UL, 2UL, 7UL, 100UL}) EXPECT_EQ(answer_to(input, step), whole) << step;
}

TEST(HttpServer, AnEmptyBodyInChunksMayComeInPieces) {
  const std::string input =
      "POST /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const auto whole = answer_to(input);
  EXPECT_THAT(whole, HasSubstr("POST /empty "));
  EXPECT_EQ(answer_to(input, 1), whole);
}

TEST(HttpServer, SecurityHeadersAreOnEveryAnswer) {
  for (const auto& input : {get("/"), std::string{"rubbish\r\n\r\n"}}) {
    const auto answer = answer_to(input);
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'\r\n"));
  }
}

TEST(HttpServer, HeadTellsTheLengthAndSendsNoBody) {
  const auto answer = answer_to("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, MalformedGets400AndTheEnd) {
  const auto answer = answer_to("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("/next")));
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, AClientThatAsksFirstIsToldToGoOn) {
  const auto answer =
      answer_to("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", 1);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, ABugCostsTheRequestNotTheConnection) {
  const auto answer = answer_to(get("/bug") + get("/after"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr("a bug")));
  EXPECT_THAT(answer, HasSubstr("GET /after "));
}

TEST(HttpServer, AnEmptyConnectionGetsNoAnswer) {
  EXPECT_EQ(answer_to(""), "");
  EXPECT_EQ(answer_to("GET / HT"), "");
}

Task<void> serve_mirror(Loop&, std::unique_ptr<Stream> stream) { return serve_http(std::move(stream), mirror); }

TEST(HttpCall, ReachesAServerOnAUnixSocket) {
  const auto path = std::filesystem::temp_directory_path() / ("http_test." + std::to_string(::getpid()));
  const auto log = make_silent_logger();
  const auto loops = make_loops(1, *log);
  auto bound = BoundSocket::bind_unix(path);
  ASSERT_TRUE(bound) << bound.error().text;
  const auto listener = loops->listen(std::move(*bound), "control", serve_mirror);
  std::thread thread{[&] { loops->run(); }};
  const auto answer = http_call_unix(path, {.method = "POST", .path = "/a b", .query = {}, .body = "hello"}, 20s);
  loops->stop();
  thread.join();
  std::filesystem::remove(path);
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->type, "text/plain");
  EXPECT_EQ(answer->body, "POST /a b hello");
}

TEST(HttpCall, TellsThatNobodyListens) {
  const auto answer =
      http_call_unix("/nonexistent/control.sock", {.method = "GET", .path = "/", .query = {}, .body = {}}, 1s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace mailreeve::net
