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

TEST(HttpRequest, HeadersAreReadByLowerCaseName) {
  const auto request = parse_http_request(
      "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nX-FORWARDED-For: 192.0.2.1\r\nAccept: a\r\n"
      "X-Forwarded-For: 10.0.0.1\r\nAccept: b\r\n\r\n");
  ASSERT_TRUE(request) << request.error().text;
  EXPECT_EQ(request->header("cookie"), "a=b; c=d");
  EXPECT_EQ(request->header("x-forwarded-for"), "192.0.2.1, 10.0.0.1");
  EXPECT_EQ(request->header("accept"), "a, b");
  EXPECT_EQ(request->header("origin"), "");
}

TEST(HttpRequest, WhatSaysWhoAsksStandsOnce) {
  for (const auto* name : {"Cookie", "Authorization", "Origin", "Content-Type", "X-CSRF-Token", "Sec-Fetch-Site"}) {
    const std::string field = std::string{name} + ": x\r\n";
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\n" + field + field + "\r\n"), ErrorKind::invalid) << name;
  }
}

TEST(HttpRequest, CodingsAreTakenAsTheClientSays) {
  const auto takes = [](const std::string& accept) {
    return accepts_encoding(*parse_http_request("GET / HTTP/1.1\r\nHost: a\r\n" + accept + "\r\n"), "gzip");
  };
  EXPECT_TRUE(takes("Accept-Encoding: deflate, GZIP;q=0.5, br\r\n"));
  EXPECT_TRUE(takes("Accept-Encoding: *\r\n"));
  EXPECT_FALSE(takes(""));
  EXPECT_FALSE(takes("Accept-Encoding: br\r\n"));
  EXPECT_FALSE(takes("Accept-Encoding: gzip;q=0.0, *\r\n"));
  EXPECT_FALSE(takes("Accept-Encoding: xgzip\r\n"));
}

TEST(HttpRequest, KnownEntityTagsAreFound) {
  const auto has = [](const std::string& field) {
    return has_etag(*parse_http_request("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n"), "\"v1\"");
  };
  EXPECT_TRUE(has("If-None-Match: \"v1\"\r\n"));
  EXPECT_TRUE(has("If-None-Match: \"v0\", W/\"v1\"\r\n"));
  EXPECT_TRUE(has("If-None-Match: *\r\n"));
  EXPECT_FALSE(has(""));
  EXPECT_FALSE(has("If-None-Match: \"v2\"\r\n"));
}

Task<void> three_words(HttpStream& stream) {
  for (const auto* word : {"one ", "two ", "three "}) {
    const bool written = co_await stream.write(word);
    if (!written) co_return;
    const bool go_on = co_await stream.wait(1ms);
    if (!go_on) co_return;
  }
}

// Goes on until the other side has gone.
Task<void> endless(HttpStream& stream) {
  while (true) {
    const bool written = co_await stream.write("x");
    if (!written) break;
    const bool go_on = co_await stream.wait(1h);
    if (!go_on) break;
  }
}

Task<HttpResponse> mirror(HttpRequest request) {
  if (request.path == "/bug") throw std::runtime_error("a bug");
  HttpResponse response;
  if (request.path == "/framed") {
    response.headers = {{"X-Frame-Options", "SAMEORIGIN"}, {"cache-control", "no-cache"}, {"X", "a\r\nSet-Cookie: b"}};
  }
  if (request.path == "/unchanged") response.status = 304;
  if (request.path == "/stream") response.stream = [](HttpStream& stream) { return three_words(stream); };
  if (request.path == "/endless") response.stream = [](HttpStream& stream) { return endless(stream); };
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

// The same with a client that keeps its side open.
Task<std::string> listen_to(std::string input, std::shared_ptr<HttpLimits> limits = {}) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto pair = MemoryStream::make_pair(executor);
  auto client = std::move(pair.first);
  HttpPeer peer;
  peer.limits = std::move(limits);
  boost::asio::co_spawn(executor, serve_http(std::move(pair.second), mirror, std::move(peer)), boost::asio::detached);
  client->set_deadline(std::chrono::steady_clock::now() + 20s);
  co_await client->write_all(input);
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
    EXPECT_THAT(answer, HasSubstr("X-Frame-Options: DENY\r\n"));
    EXPECT_THAT(answer, HasSubstr("Referrer-Policy: no-referrer\r\n"));
    EXPECT_THAT(answer, HasSubstr("Cross-Origin-Opener-Policy: same-origin\r\n"));
    EXPECT_THAT(answer, HasSubstr("Cross-Origin-Resource-Policy: same-origin\r\n"));
    EXPECT_THAT(answer, HasSubstr("Permissions-Policy: "));
    EXPECT_THAT(answer, Not(HasSubstr("Strict-Transport-Security"))) << "not over TLS";
  }
}

TEST(HttpServer, AHandlerMayReplaceAHardeningHeaderAndAddsNoLines) {
  const auto answer = answer_to(get("/framed"));
  EXPECT_THAT(answer, HasSubstr("X-Frame-Options: SAMEORIGIN\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("DENY")));
  EXPECT_THAT(answer, HasSubstr("cache-control: no-cache\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("no-store")));
  EXPECT_THAT(answer, Not(HasSubstr("\nSet-Cookie")));
}

TEST(HttpServer, NotModifiedHasNoBody) {
  const auto answer = answer_to(get("/unchanged"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 304 "));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, AStreamIsSentInChunksAndEndsTheConnection) {
  // The client keeps its side open: a stream ends when it does not.
  const auto answer = run_blocking(listen_to(get("/stream")));
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nc\r\nGET /stream \r\n4\r\none \r\n4\r\ntwo \r\n6\r\nthree \r\n0\r\n\r\n"))
      << answer;
}

TEST(HttpServer, AStreamToAnOldClientEndsWithTheConnection) {
  const auto answer = run_blocking(listen_to("GET /stream HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /stream one two three ")) << answer;
}

TEST(HttpServer, AStreamEndsWhenTheClientGoes) { EXPECT_THAT(answer_to(get("/endless")), HasSubstr("1\r\nx\r\n")); }

TEST(HttpServer, TooManyStreamsAreRefused) {
  const auto limits = std::make_shared<HttpLimits>();
  limits->streams = 0;
  const auto answer = run_blocking(listen_to(get("/endless") + "GET /next HTTP/1.0\r\n\r\n", limits));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("Retry-After: "));
  EXPECT_THAT(answer, HasSubstr("GET /next "));
  EXPECT_EQ(limits->streaming, 0U);
}

TEST(HttpServer, TooManyConnectionsAreClosed) {
  const auto limits = std::make_shared<HttpLimits>();
  limits->connections = 0;
  EXPECT_EQ(run_blocking(listen_to(get("/"), limits)), "");
  EXPECT_EQ(limits->open, 0U);
}

Task<std::string> second_of_two(std::shared_ptr<HttpLimits> limits, bool many) {
  const auto executor = co_await boost::asio::this_coro::executor;
  std::vector<std::unique_ptr<MemoryStream>> clients;
  for (int i = 0; i < 2; ++i) {
    auto pair = MemoryStream::make_pair(executor);
    HttpPeer peer{IpAddress::parse(i == 0 ? "2001:db8::1" : "2001:db8::2"), {}, limits, many};
    boost::asio::co_spawn(executor, serve_http(std::move(pair.second), mirror, std::move(peer)), boost::asio::detached);
    clients.push_back(std::move(pair.first));
  }
  auto& second = *clients[1];
  second.set_deadline(std::chrono::steady_clock::now() + 20s);
  co_await boost::asio::post(executor, boost::asio::use_awaitable);
  co_await second.write_all("GET /second HTTP/1.0\r\n\r\n");
  std::string answer;
  char bytes[4096];
  while (true) {
    const auto got = co_await second.read_some(bytes, sizeof bytes);
    if (!got || *got == 0) break;
    answer.append(bytes, *got);
  }
  co_return answer;
}

TEST(HttpServer, OneNetworkTakesOnlyItsShare) {
  const auto limits = std::make_shared<HttpLimits>();
  limits->per_network = 1;
  EXPECT_EQ(run_blocking(second_of_two(limits, false)), "");
  EXPECT_THAT(run_blocking(second_of_two(limits, true)), HasSubstr("GET /second ")) << "a proxy's people are many";
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
