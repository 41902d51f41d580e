// SPDX-License-Identifier: Apache-2.0
#include "judge/reply_text.h"

#include <fmt/format.h>

#include "judge/declared.h"

namespace mailreeve::judge {
namespace {

constexpr std::size_t evidence_limit = 200;
constexpr std::size_t text_limit = 400;

std::string ascii(std::string_view text, std::size_t limit = evidence_limit) {
  std::string out;
  for (const char c : text.substr(0, limit)) out += c >= ' ' && c < 0x7f ? c : '?';
  return out;
}

}  // namespace

ReplyText reply_for(const Verdict& verdict, Action action, std::string_view reference, std::string_view contact) {
  ReplyText reply;
  const bool unknown = verdict.decided_by.ends_with(".temperror");
  const bool later = action == Action::greylist || unknown;
  const auto* kind = find_declared(verdict.decided_by);
  const std::string enhanced{kind == nullptr ? std::string_view{"7.1"} : kind->enhanced};
  reply.code = action == Action::disconnect && !later ? 554 : later ? 451 : 550;
  reply.enhanced = (later ? "4." : "5.") + (action == Action::greylist ? std::string{"7.1"} : enhanced);
  std::string why;
  if (action == Action::greylist && !unknown) {
    why =
        fmt::format("greylisted ({}): please try again in {} s",
                    verdict.decided_by.empty() ? "score" : verdict.decided_by, std::max<long>(verdict.wait.count(), 1));
  } else if (verdict.decided_by == "score" || verdict.findings.empty()) {
    why = fmt::format("score: this message looks unwanted ({:.1f}", verdict.score);
    std::size_t shown = 0;
    for (const auto& weighed : verdict.findings) {
      if (weighed.weight <= 0 || shown == 3) break;
      why += fmt::format("{}{}", shown == 0 ? ": " : ", ", weighed.finding.code);
      ++shown;
    }
    why += ')';
  } else {
    why = fmt::format("{}: {}", verdict.decided_by, ascii(verdict.findings.front().finding.evidence));
  }
  const auto tail = fmt::format("; reference {}; contact {}", reference, ascii(contact));
  reply.text = ascii(why, text_limit - std::min(tail.size(), text_limit)) + tail;
  return reply;
}

ReplyText unexamined_reply(const Facts::Unexamined& unexamined, std::string_view reference, std::string_view contact) {
  // What is wrong on our side is for the operator's log, not for strangers.
  return {451, "4.7.0",
          fmt::format("{}: this message cannot be examined now, please try again; reference {}; contact {}",
                      unexamined.code, reference, ascii(contact))};
}

}  // namespace mailreeve::judge
