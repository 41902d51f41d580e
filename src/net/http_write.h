// SPDX-License-Identifier: Apache-2.0
// How an answer leaves. Private to net/.
#pragma once

#include "net/http.h"

namespace mailreeve::net {

enum class BodyForm { whole, none, chunks, until_close };

struct WriteForm {
  bool keep_alive = true;
  bool secure = false;
  BodyForm body = BodyForm::whole;  // none: measured but not sent
};

/// Everything up to the first octet of a stream.
std::string write_response(const HttpResponse& response, const WriteForm& form);

/// Runs HttpResponse::stream over the connection, after its head.
Task<void> run_stream(Stream& stream, const HttpResponse& response, BodyForm form);

}  // namespace mailreeve::net
