// SPDX-License-Identifier: Apache-2.0
// What Rspamd and spamd answer, the HTTP around it too, in pieces.
#include <cmath>
#include <cstdlib>

#include "delivery/spam_engines.h"
#include "net/http_answer.h"

namespace {

void hold(const mailreeve::judge::SpamAnswer& answer) {
  const bool is_sane = answer.is_known ? std::isfinite(answer.score) && std::isfinite(answer.threshold) &&
                                             answer.symbols.size() <= mailreeve::delivery::engine_symbol_limit
                                       : !answer.why.empty();
  if (!is_sane) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 2, size - 2};
  hold(mailreeve::delivery::read_rspamd_answer(200, input));
  hold(mailreeve::delivery::read_rspamd_answer(403, input));
  hold(mailreeve::delivery::read_spamd_answer(input));

  mailreeve::net::HttpAnswerReader reader{mailreeve::delivery::engine_answer_limit};
  const std::size_t step = data[0] + 1U;
  for (std::size_t at = 0; at < input.size(); at += step) {
    const auto taken = reader.take(input.substr(at, step));
    if (!taken) return 0;
    if (*taken) {
      const auto http = reader.answer();
      hold(mailreeve::delivery::read_rspamd_answer(http.status, http.body));
      return 0;
    }
  }
  if (reader.finish()) hold(mailreeve::delivery::read_rspamd_answer(200, reader.answer().body));
  return 0;
}
