// SPDX-License-Identifier: Apache-2.0
// Is the header as a mail program would write it, and what does it say of the kind of mail?
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "mail/characters.h"
#include "mail/date.h"

namespace mailreeve::judge {
namespace {

using namespace std::chrono_literals;

constexpr FindingKind kinds[] = {
    {"header.no-date", 1.0, "There is no Date field.", "6.0"},
    {"header.bad-date", 0.5, "The Date field holds no date.", "6.0"},
    {"header.old", 1.0, "The Date is more than a week ago.", "6.0"},
    {"header.future", 1.5, "The Date is more than a day ahead.", "6.0"},
    {"header.no-message-id", 0.5, "There is no Message-ID.", "6.0"},
    {"header.repeated", 1.0, "A field that may stand once stands several times.", "6.0"},
    {"header.broken", 1.0, "A line of the header is no field.", "6.0"},
    {"header.no-recipient", 0.5, "Neither To nor Cc names anybody.", "6.0"},
    {"bulk.newsletter", 0, "A newsletter or a mailing list's mail: it can be unsubscribed (RFC 2369) or says so."},
    {"receipt.requested", 0, "The sender wants to be told that the mail was read (RFC 8098)."},
};
constexpr CheckInfo about{"header", Stage::message, "Is the header as a mail program writes it?",
                          "RFC 5322 3.6, RFC 2369, RFC 2919, RFC 8098", kinds};

double weight_of(std::string_view code) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return kind.weight;
  }
  return 0;
}

std::string excerpt(std::string_view value) {
  constexpr std::size_t most = 80;
  auto text = scan::clean_text(mail::unfolded(value), most);
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

class HeaderCheck final : public Check {
 public:
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.message || facts.message->header_too_big() || !facts.message->header_complete()) co_return findings;
    const auto& header = facts.message->header();
    const auto add = [&](std::string_view code, std::string evidence) {
      findings.push_back({std::string{code}, weight_of(code), std::move(evidence), {}});
    };
    look_at_date(header, context.clock.now(), add);
    if (header.first("Message-ID") == nullptr) add("header.no-message-id", "no Message-ID");
    if (header.first("To") == nullptr && header.first("Cc") == nullptr) add("header.no-recipient", "neither To nor Cc");
    if (header.broken()) add("header.broken", "a line without a field's name");
    // RFC 5322 3.6: at most one each. From is the check from-domain's.
    for (const auto* name :
         {"Subject", "Date", "To", "Cc", "Message-ID", "Reply-To", "Sender", "In-Reply-To", "References"}) {
      const auto count = header.all(name).size();
      if (count < 2) continue;
      add("header.repeated", fmt::format("{} times {}", count, name));
      break;
    }
    for (const auto* name : {"List-Id", "List-Unsubscribe", "List-Post"}) {
      const auto* field = header.first(name);
      if (field == nullptr) continue;
      add("bulk.newsletter", fmt::format("{}: {}", name, excerpt(field->value)));
      break;
    }
    if (findings.empty() || findings.back().code != "bulk.newsletter") {
      const auto* precedence = header.first("Precedence");
      const auto word = precedence == nullptr ? std::string{} : mail::lower(excerpt(precedence->value));
      if (word == "bulk" || word == "list" || word == "junk") add("bulk.newsletter", "Precedence: " + word);
    }
    for (const auto* name : {"Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To"}) {
      const auto* field = header.first(name);
      if (field == nullptr) continue;
      add("receipt.requested", fmt::format("{}: {}", name, excerpt(field->value)));
      break;
    }
    co_return findings;
  }

 private:
  static void look_at_date(const mail::Header& header, WallTime now, const auto& add) {
    constexpr auto past = 7 * 24h;
    constexpr auto ahead = 24h;
    const auto* field = header.first("Date");
    if (field == nullptr) {
      add("header.no-date", "no Date");
      return;
    }
    const auto date = mail::parse_date(field->value);
    if (!date) {
      add("header.bad-date", excerpt(field->value));
    } else if (*date < now - past) {
      add("header.old", excerpt(field->value));
    } else if (*date > now + ahead) {
      add("header.future", excerpt(field->value));
    }
  }
};

}  // namespace

std::unique_ptr<Check> make_header(const CheckOptions&, ListWatch&) { return std::make_unique<HeaderCheck>(); }

}  // namespace mailreeve::judge
