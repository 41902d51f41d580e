// SPDX-License-Identifier: Apache-2.0
// Has the content looked at in a scanner process; the checks that read its report run when this one has ended.
#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"scan.unavailable", 0, "No scanner could look at the message: its sender is asked to come back."},
    {"scan.crashed", 8.0, "The message ended the scanner more than once: nobody has looked at it."},
    {"scan.limit.depth", 3.0, "More parts or archives in one another than are looked at."},
    {"scan.limit.parts", 3.0, "More parts than are looked at."},
    {"scan.limit.header", 3.0, "A part's header is larger than is looked at."},
    {"scan.limit.items", 3.0, "More files than are looked at."},
    {"scan.limit.size", 2.0, "More octets, decoded or unpacked, than are looked at."},
    {"scan.limit.ratio", 1.0, "An archive unpacks to far more than it is, as white pages and logs do."},
    {"scan.limit.bomb", 5.0, "An archive unpacks to far more than it is, and to more than is looked at: a bomb."},
    {"scan.limit.text", 0, "A text longer than is read."},
    {"scan.limit.report", 3.0, "More to tell of the message than is kept."},
    {"scan.limit.links", 1.0, "More links than are looked at."},
    {"scan.limit.pictures", 0, "More pictures, or larger ones, than are searched for QR codes."},
    {"mime.ambiguous", 1.0, "Mail programs would show different things; all of them were looked at.", "6.0"},
    {"mime.no-parts", 0.5, "A multipart message without parts.", "6.0"},
    {"mime.partial", 3.0, "A piece of a message (message/partial): nobody can look at the whole.", "6.0"},
    {"mime.encrypted", 0, "Something is encrypted (S/MIME, OpenPGP): nobody but its recipient can look into it."},
    {"mime.external-body", 2.0, "The content is elsewhere (message/external-body).", "6.0"},
    {"mime.unknown-charset", 0.5, "A text in a charset that nobody knows.", "6.0"},
};
constexpr CheckInfo about{"content", Stage::message, "Can the content be read, and in one way only?",
                          "RFC 2045, RFC 2046, RFC 2231", kinds};

double weight_of(std::string_view code) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return kind.weight;
  }
  return 0;
}

class Content final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (context.scanner == nullptr || !facts.body) co_return findings;
    const auto scanned = co_await context.scanner->scan(context.spawner, facts.body);
    if (!scanned.report) {
      const auto* code = scanned.crashes ? "scan.crashed" : "scan.unavailable";
      if (!scanned.crashes) facts.unexamined = {code, scanned.why};
      findings.push_back({code, weight_of(code), scanned.why, {}});
      co_return findings;
    }
    facts.content = scanned.report;
    for (const auto& note : facts.content->notes) {
      if (!note.code.starts_with("scan.") && !note.code.starts_with("mime.")) continue;
      add_note(findings, note, weight_of(note.code));
    }
    co_return findings;
  }
};

}  // namespace

void add_note(Findings& findings, const scan::Note& note, double weight) {
  constexpr std::size_t evidence_limit = 300;
  const auto evidence = note.place.empty() ? note.text : "part " + note.place + ": " + note.text;
  for (auto& finding : findings) {
    if (finding.code != note.code) continue;
    if (finding.evidence.size() + evidence.size() < evidence_limit) finding.evidence += "; " + evidence;
    return;
  }
  findings.push_back({note.code, weight, evidence, {}});
}

std::unique_ptr<Check> make_content(const CheckOptions&, ListWatch&) { return std::make_unique<Content>(); }

}  // namespace mailreeve::judge
