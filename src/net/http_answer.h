// SPDX-License-Identifier: Apache-2.0
// Reads one HTTP/1.1 answer as its octets come in: by Content-Length, in chunks, or up to the end of the connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mailreeve::net {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// Bounded: header 16 KiB, body as given, and twice that on the wire.
class HttpAnswerReader {
 public:
  explicit HttpAnswerReader(std::size_t body_limit);
  ~HttpAnswerReader();
  HttpAnswerReader(const HttpAnswerReader&) = delete;
  HttpAnswerReader& operator=(const HttpAnswerReader&) = delete;

  /// True: the answer is whole. ErrorKind::invalid: no HTTP, or over a limit.
  Result<bool> take(std::string_view bytes);
  /// The peer closed. ErrorKind::invalid: in the midst of the answer.
  Result<void> finish();
  /// Of a whole answer; once.
  HttpAnswer answer();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mailreeve::net
