// SPDX-License-Identifier: Apache-2.0
#include "net/http_answer.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace mailreeve::net {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::size_t shortest_end = 5;  // of a body in chunks: "0", CRLF, CRLF

std::unexpected<Error> malformed(std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("its answer is no HTTP that we understand: {}", why), Blame::remote);
}

}  // namespace

struct HttpAnswerReader::Parser {
  http::response_parser<http::string_body> http;
  std::string rest;  // what Beast has not taken yet: it is given again with what follows
  std::size_t taken = 0;
  std::size_t limit = 0;
};

HttpAnswerReader::HttpAnswerReader(std::size_t body_limit) : parser_{std::make_unique<Parser>()} {
  parser_->http.header_limit(header_limit);
  parser_->http.body_limit(body_limit);
  parser_->http.eager(true);
  parser_->limit = 2 * body_limit + header_limit;
}

HttpAnswerReader::~HttpAnswerReader() = default;

Result<bool> HttpAnswerReader::take(std::string_view bytes) {
  auto& [http, rest, taken, limit] = *parser_;
  rest += bytes;
  taken += bytes.size();
  std::size_t used = 0;
  while (used < rest.size() && !http.is_done()) {
    // Beast 1.81 asserts that the last chunk is not given to it in pieces shorter than that.
    if (http.is_header_done() && http.chunked() && rest.size() - used < shortest_end) break;
    boost::beast::error_code error;
    const auto put = http.put(boost::asio::buffer(rest.data() + used, rest.size() - used), error);
    used += put;
    if (error == http::error::need_more) break;
    if (error) return malformed(error.message());
    if (put == 0) break;
  }
  rest.erase(0, used);
  if (http.is_done()) return true;
  if (taken > limit || rest.size() > header_limit) return malformed("it is too long");
  return false;
}

Result<void> HttpAnswerReader::finish() {
  if (!parser_->http.got_some()) return malformed("it closed the connection");
  boost::beast::error_code error;
  if (!parser_->http.is_done()) parser_->http.put_eof(error);
  if (error || !parser_->http.is_done()) return malformed("it ends too early");
  return {};
}

HttpAnswer HttpAnswerReader::answer() {
  auto whole = parser_->http.release();
  return {static_cast<int>(whole.result_int()), std::move(whole.body())};
}

}  // namespace mailreeve::net
