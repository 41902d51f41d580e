// SPDX-License-Identifier: Apache-2.0
// Is a file in this message one that should not come by mail?
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "scan/file_type.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"attachment.dangerous", 8.0, "A file of a kind that [checks.attachment] blocks, by its name or its content."},
    {"attachment.encrypted", 2.0, "An archive or document that cannot be looked into without its password."},
    {"attachment.double-extension", 4.0, "A file's name ends twice, the first ending to be trusted: report.pdf.exe."},
    {"attachment.hidden-characters", 3.0, "A file's name holds characters that hide or turn its ending around."},
    {"attachment.disguised", 4.0, "A file is a program, and its name says otherwise."},
    {"attachment.polyglot", 2.0, "A file is of several kinds at once."},
    {"archive.encrypted", 0, "Something in an archive is encrypted."},
    {"archive.broken", 1.5, "An archive is damaged or cannot be read to its end."},
    {"archive.ambiguous", 4.0, "An archive shows different files to different programs."},
    {"archive.link", 2.0, "An archive holds links."},
    {"office.macro", 2.0, "An Office document with macros."},
    {"office.macro.auto-run", 4.0, "An Office document whose macros run by themselves."},
    {"office.macro.suspicious", 4.0, "Macros that start programs, fetch or write files."},
    {"office.remote-template", 3.0,
     "A document that fetches its template or an object from elsewhere when it is opened."},
    {"office.embedded", 2.0, "A document with other files inside."},
    {"pdf.javascript", 2.0, "A PDF with JavaScript."},
    {"pdf.launch", 5.0, "A PDF that starts a program."},
    {"pdf.embedded", 1.0, "A PDF with files inside."},
    {"pdf.encrypted", 0.5, "An encrypted PDF."},
    {"pdf.form", 0.5, "A PDF that sends what is typed into it."},
    {"html.script", 2.0, "HTML with a script."},
    {"html.smuggling", 6.0, "HTML that makes a file by script, past every filter."},
    {"html.password", 3.0, "An HTML file that asks for a password."},
    {"html.form", 1.0, "A form in the text."},
};
constexpr CheckInfo about{"attachment", Stage::alignment, "Is a file in it one that should not come by mail?", "",
                          kinds};

class Attachment final : public Check {
 public:
  explicit Attachment(AttachmentOptions options) : options_{std::move(options)} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext&) const override {
    Findings findings;
    if (!facts.content) co_return findings;
    for (const auto& item : facts.content->items) {
      const bool in_archive = item.place.find('!') != std::string::npos;
      if (in_archive && !options_.inside_archives) continue;
      for (const auto& category : item.categories) {
        if (!options_.block.contains(category)) continue;
        const auto type = item.type.empty() ? std::string{} : fmt::format(" (content: {})", item.type);
        add_note(findings,
                 {"attachment.dangerous", item.place,
                  fmt::format("{}{} is of the kind {}", called(item, category), type, category)},
                 weight_of("attachment.dangerous"));
        break;
      }
      // Mail that is encrypted to its recipient is another matter (mime.encrypted).
      const bool by_password = std::ranges::find(item.categories, "encrypted") != item.categories.end();
      if (item.encrypted && by_password) {
        add_note(findings, {"attachment.encrypted", item.place, called(item, "encrypted")},
                 weight_of("attachment.encrypted"));
      }
    }
    for (const auto& note : facts.content->notes) {
      const bool ours = std::ranges::any_of(kinds, [&](const auto& kind) { return kind.code == note.code; });
      if (ours) add_note(findings, note, weight_of(note.code));
    }
    co_return findings;
  }

 private:
  /// By the name that makes it of this kind, or else the first one; other names in brackets.
  static std::string called(const scan::Item& item, std::string_view category) {
    if (item.names.empty()) return item.place;
    const auto decides = [&](const std::string& name) { return scan::category_of_name(name) == category; };
    const auto found = std::ranges::find_if(item.names, decides);
    const auto& name = found == item.names.end() ? item.names.front() : *found;
    constexpr std::size_t most = 3;
    std::vector<std::string> others;
    for (const auto& other : item.names) {
      if (other != name && others.size() < most) others.push_back(other);
    }
    if (others.empty()) return name;
    return fmt::format("{} [also: {}]", name, fmt::join(others, ", "));
  }

  static double weight_of(std::string_view code) {
    for (const auto& kind : kinds) {
      if (kind.code == code) return kind.weight;
    }
    return 0;
  }
  AttachmentOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_attachment(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Attachment>(options.attachment);
}

}  // namespace mailreeve::judge
