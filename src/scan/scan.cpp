// SPDX-License-Identifier: Apache-2.0
#include "scan/scan.h"

#include "mail/header.h"
#include "scan/inspector.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t subject_limit = 1'000;
constexpr std::size_t people_limit = 20;
constexpr std::size_t person_limit = 320;

/// Display names may hold encoded words, which must not be decoded before the addresses are told apart (RFC 2047 5).
std::vector<Person> people_of(const mail::Header& header, std::string_view name) {
  std::vector<Person> people;
  for (const auto* field : header.all(name)) {
    for (const auto& address : mail::parse_address_list(field->value).addresses) {
      if (people.size() >= people_limit) return people;
      people.push_back({decode_words(address.display, person_limit), clean_text(address.address, person_limit)});
    }
  }
  return people;
}

std::string_view header_of(std::string_view message, std::size_t most) {
  auto end = message.find("\r\n\r\n");
  if (message.starts_with("\r\n")) return {};
  if (const auto bare = message.find("\n\n"); bare < end) end = bare;
  return message.substr(0, std::min(end == std::string_view::npos ? message.size() : end + 2, most));
}

}  // namespace

ContentReport scan(std::string_view message, const ScanOptions& options) {
  ContentReport report;
  Notes notes{options.limits.notes};
  const mail::Header header{std::string{header_of(message, options.limits.header_bytes)}};
  if (const auto* subject = header.first("Subject")) {
    auto value = subject->value;
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    report.subject = decode_words(value, subject_limit);
  }
  report.from = people_of(header, "From");
  report.reply_to = people_of(header, "Reply-To");
  Inspector{options, report, notes}.message(message, {}, 0);
  report.languages = languages_of(report.text);
  report.notes = notes.take();
  return report;
}

}  // namespace mailreeve::scan
