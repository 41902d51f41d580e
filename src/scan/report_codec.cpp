// SPDX-License-Identifier: Apache-2.0
#include "scan/report_codec.h"

#include <cstring>

namespace mailreeve::scan {
namespace {

constexpr std::uint32_t version = 2;

class Writer {
 public:
  void add(std::uint64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    out_ += text;
  }
  void add(const std::vector<std::string>& texts) {
    add(std::uint64_t{texts.size()});
    for (const auto& text : texts) add(std::string_view{text});
  }
  std::size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;  // of this machine's byte order: it stays on it
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_{bytes} {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (rest_.size() < sizeof value) {
      failed_ = true;
      return 0;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number();
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    std::string out{rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return out;
  }
  /// How many follow: each takes eight octets at least.
  std::uint64_t count() {
    const auto value = number();
    if (value > rest_.size() / sizeof value) failed_ = true;
    return failed_ ? 0 : value;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (auto left = count(); left > 0 && !failed_; --left) out.push_back(text());
    return out;
  }
  bool failed() const { return failed_; }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::vector<Person> read_people(Reader& in) {
  std::vector<Person> people;
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Person person;
    person.display = in.text();
    person.address = in.text();
    people.push_back(std::move(person));
  }
  return people;
}

void write_people(Writer& out, const std::vector<Person>& people) {
  out.add(std::uint64_t{people.size()});
  for (const auto& person : people) {
    out.add(std::string_view{person.display});
    out.add(std::string_view{person.address});
  }
}

std::string write(const ContentReport& report) {
  Writer out;
  out.add(std::uint64_t{version});
  out.add(std::uint64_t{report.notes.size()});
  for (const auto& note : report.notes) {
    for (const auto* text : {&note.code, &note.place, &note.text}) out.add(std::string_view{*text});
  }
  out.add(std::uint64_t{report.items.size()});
  for (const auto& item : report.items) {
    out.add(std::string_view{item.place});
    out.add(item.names);
    out.add(std::string_view{item.declared});
    out.add(std::string_view{item.type});
    out.add(item.size);
    out.add(std::uint64_t{item.depth});
    out.add(std::uint64_t{item.offered} | std::uint64_t{item.encrypted} << 1U);
    out.add(std::string_view{item.sha256});
    out.add(item.categories);
  }
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
  Reader in{bytes};
  if (in.number() != version) return broken();
  ContentReport report;
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Note note;
    for (auto* text : {&note.code, &note.place, &note.text}) *text = in.text();
    report.notes.push_back(std::move(note));
  }
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Item item;
    item.place = in.text();
    item.names = in.texts();
    item.declared = in.text();
    item.type = in.text();
    item.size = in.number();
    item.depth = static_cast<std::uint32_t>(in.number());
    const auto flags = in.number();
    item.offered = (flags & 1U) != 0;
    item.encrypted = (flags & 2U) != 0;
    item.sha256 = in.text();
    item.categories = in.texts();
    report.items.push_back(std::move(item));
  }
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
