// SPDX-License-Identifier: Apache-2.0
#include "mail/body.h"

namespace mailreeve::mail {

Result<std::string> read_whole(const Body& body, std::uint64_t limit) {
  if (body.size() > limit)
    return fail(ErrorKind::full,
                fmt::format("body of {} bytes is larger than the {} allowed here", body.size(), limit));
  std::string whole;
  whole.reserve(body.size());
  std::string scratch;
  while (whole.size() < body.size()) {
    auto piece = body.read(whole.size(), scratch);
    if (!piece) return fail(piece);
    if (piece->empty())
      return fail(ErrorKind::io, fmt::format("body ends after {} of {} bytes", whole.size(), body.size()));
    whole += *piece;
  }
  return whole;
}

}  // namespace mailreeve::mail
