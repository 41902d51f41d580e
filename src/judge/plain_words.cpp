// SPDX-License-Identifier: Apache-2.0
#include "judge/plain_words.h"

#include <fmt/format.h>

#include "judge/declared.h"

namespace mailreeve::judge {
namespace {

struct Words {
  std::string_view rule;  // see `covers`; the first that covers a code speaks for it
  std::string_view text;
};

constexpr Words words[] = {
    {"virus.found", "a virus was found in it"},
    {"virus.too-large", "it is too large to be examined for viruses"},
    {"virus", "it could not be examined for viruses"},
    {"attachment.encrypted", "an attachment is encrypted, so that nobody could examine it"},
    {"attachment.dangerous", "an attachment is of a dangerous kind"},
    {"attachment", "an attachment looks suspicious"},
    {"scan", "it could not be examined"},
    {"wish.block", "you block this sender"},
    {"lists.block", "this sender is blocked here"},
    {"dmarc", "nothing proves that it is from the sender shown"},
    {"spf", "its server may not send for this sender"},
    {"dkim", "its signature is not right"},
    {"dnsbl", "its server is on a list of known senders of spam"},
    {"rhsbl", "its sender is on a list of known senders of spam"},
    {"url.listed", "a link leads to a site that is known for spam"},
    {"url", "a link in it looks suspicious"},
    {"from", "the sender shown may be false"},
    {"language", "it is in a language that is not expected here"},
    {"keyword", "it uses words that are watched for here"},
    {"bayes", "it reads like spam"},
    {"rspamd", "another filter takes it for spam"},
    {"spamassassin", "another filter takes it for spam"},
    {"rdns", "its server is not set up as honest ones are"},
    {"helo", "its server is not set up as honest ones are"},
    {"pregreet", "its server is not set up as honest ones are"},
    {"header", "it is not put together as honest mail is"},
    {"sender", "its sender cannot be answered"},
};

std::string_view words_for(std::string_view code) {
  for (const auto& one : words) {
    if (covers(one.rule, code)) return one.text;
  }
  return {};
}

}  // namespace

std::string plain_reason(std::string_view decided_by, const std::vector<std::string>& findings) {
  if (decided_by != "score") {
    if (const auto text = words_for(decided_by); !text.empty()) return std::string{text};
    const auto* declared = find_declared(decided_by);
    if (declared != nullptr) return std::string{declared->meaning};
    return decided_by.empty() ? "it looks unwanted" : std::string{decided_by};
  }
  for (const auto& code : findings) {
    const auto text = words_for(code);
    if (!text.empty()) return fmt::format("it looks like spam: {}", text);
  }
  return "it looks like spam";
}

}  // namespace mailreeve::judge
