// SPDX-License-Identifier: Apache-2.0
#include "scan/report_codec.h"

#include "scan/octet_codec.h"

namespace mailreeve::scan {
namespace {

constexpr std::uint32_t version = 2;

std::vector<Person> read_people(OctetReader& in) {
  std::vector<Person> people;
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Person person;
    person.display = in.text();
    person.address = in.text();
    people.push_back(std::move(person));
  }
  return people;
}

void write_people(OctetWriter& out, const std::vector<Person>& people) {
  out.add(std::uint64_t{people.size()});
  for (const auto& person : people) {
    out.add(std::string_view{person.display});
    out.add(std::string_view{person.address});
  }
}

std::string write(const ContentReport& report) {
  OctetWriter out;
  out.add(std::uint64_t{version});
  out.add(std::uint64_t{report.notes.size()});
  for (const auto& note : report.notes) {
    for (const auto* text : {&note.code, &note.place, &note.text}) out.add(std::string_view{*text});
  }
  write_items(out, report.items);
  out.add(std::uint64_t{report.links.size()});
  for (const auto& link : report.links) {
    out.add(static_cast<std::uint64_t>(link.kind));
    for (const auto* text : {&link.url, &link.host, &link.shown, &link.place}) out.add(std::string_view{*text});
  }
  out.add(std::uint64_t{report.link_count});
  out.add(std::string_view{report.subject});
  write_people(out, report.from);
  write_people(out, report.reply_to);
  out.add(std::uint64_t{report.languages.size()});
  for (const auto& language : report.languages) {
    out.add(std::string_view{language.code});
    out.add(std::uint64_t{language.percent});
  }
  out.add(std::string_view{report.text});
  return out.take();
}

}  // namespace

std::string write_report(const ContentReport& report) {
  auto bytes = write(report);
  if (bytes.size() <= report_limit) return bytes;
  // Least telling first: the text, links, harmless files, other files.
  auto cut = report;
  cut.notes.push_back({"scan.limit.report", {}, "more to tell of this message than a report holds"});
  const auto halve = [&](auto& list) {
    for (; !list.empty() && bytes.size() > report_limit; bytes = write(cut)) list.resize(list.size() / 2);
  };
  cut.text.clear();
  bytes = write(cut);
  halve(cut.links);
  if (bytes.size() > report_limit) std::erase_if(cut.items, [](const Item& item) { return item.categories.empty(); });
  bytes = write(cut);
  halve(cut.items);
  halve(cut.from);
  halve(cut.reply_to);
  return bytes;
}

Result<ContentReport> read_report(std::string_view bytes) {
  const auto broken = [] { return fail(ErrorKind::invalid, "the scanner's report cannot be read"); };
  if (bytes.size() > report_limit) return broken();
  OctetReader in{bytes};
  if (in.number() != version) return broken();
  ContentReport report;
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Note note;
    for (auto* text : {&note.code, &note.place, &note.text}) *text = in.text();
    report.notes.push_back(std::move(note));
  }
  report.items = read_items(in);
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Link link;
    const auto kind = in.number();
    if (kind > static_cast<std::uint64_t>(Link::Kind::qr)) return broken();
    link.kind = static_cast<Link::Kind>(kind);
    for (auto* text : {&link.url, &link.host, &link.shown, &link.place}) *text = in.text();
    report.links.push_back(std::move(link));
  }
  report.link_count = static_cast<std::uint32_t>(in.number());
  report.subject = in.text();
  report.from = read_people(in);
  report.reply_to = read_people(in);
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Language language;
    language.code = in.text();
    language.percent = static_cast<std::uint32_t>(in.number());
    report.languages.push_back(std::move(language));
  }
  report.text = in.text();
  if (in.failed() || !in.is_at_end()) return broken();
  return report;
}

}  // namespace mailreeve::scan
