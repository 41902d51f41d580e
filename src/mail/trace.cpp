// SPDX-License-Identifier: Apache-2.0
#include "mail/trace.h"

#include "mail/characters.h"
#include "mail/date.h"

namespace mailreeve::mail {
namespace {

constexpr std::size_t fold_at = 78;       // octets, RFC 5322 2.1.1
constexpr std::size_t line_limit = 4096;  // octets of one field that we look at; real Received fields have some 300
constexpr std::size_t helo_limit = 255;

/// What the peer said must not end the clause, open a comment or break the line.
std::string harmless(std::string_view helo) {
  std::string shown;
  for (const char c : helo.substr(0, helo_limit))
    shown +=
        is_alphanumeric(c) || std::string_view{"-._:[]+/=!#$%&'*^`{|}~"}.find(c) != std::string_view::npos ? c : '?';
  return shown;
}

/// Appends words, breaking the line before a word that would make it too long.
class Folder {
 public:
  explicit Folder(std::string_view name) : text_{name}, line_{name.size()} {}
  void word(std::string_view word) {
    const bool fold = line_ + 1 + word.size() > fold_at;
    text_ += fold ? "\r\n\t" : " ";
    line_ = (fold ? 1 : line_ + 1) + word.size();
    text_ += word;
  }
  std::string finish() && { return std::move(text_) + "\r\n"; }

 private:
  std::string text_;
  std::size_t line_;
};

/// The word after the first `by` outside comments; empty if there is none.
std::string_view by_clause(std::string_view field) {
  constexpr std::string_view blanks = " \t\r\n";
  int depth = 0;
  bool after_by = false;
  for (std::size_t i = field.find(':') + 1; i < field.size();) {
    const char c = field[i];
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    if (depth > 0 || c == ')' || blanks.find(c) != std::string_view::npos) {
      ++i;
      continue;
    }
    const auto word = field.substr(i, field.find_first_of(" \t\r\n(;", i) - i);
    if (after_by) return word;
    after_by = equals_ignoring_case(word, "by");
    i += std::max<std::size_t>(word.size(), 1);
  }
  return {};
}

}  // namespace

std::string received_field(const ReceivedFacts& facts) {
  const auto address = "[" + facts.client.literal() + "]";
  Folder field{"Received:"};
  field.word("from");
  field.word(facts.helo.empty() ? address : harmless(facts.helo));
  field.word("(" + address + ")");
  field.word("by");
  field.word(facts.server_name);
  field.word("with");
  field.word(facts.protocol);
  if (!facts.tls_version.empty()) {
    field.word("(" + facts.tls_version);
    if (!facts.tls_cipher.empty()) field.word(facts.tls_cipher);
    field.word(fmt::format("{} bits)", facts.tls_bits));
  }
  field.word("id");
  if (facts.recipient) {
    field.word(facts.id);
    field.word("for");
    field.word("<" + *facts.recipient + ">;");
  } else {
    field.word(facts.id + ";");
  }
  field.word(rfc5322_date(facts.time));
  return std::move(field).finish();
}

LoopDetector::LoopDetector(std::string own_name) : own_name_{std::move(own_name)} {}

void LoopDetector::feed(std::string_view bytes) {
  while (in_header_ && !bytes.empty()) {
    if (at_line_start_) {
      const char c = bytes.front();
      if (c != ' ' && c != '\t') end_line();
      at_line_start_ = false;
    }
    const auto line_end = bytes.find('\n');
    const auto piece = bytes.substr(0, line_end == std::string_view::npos ? bytes.size() : line_end + 1);
    bytes.remove_prefix(piece.size());
    line_ += piece.substr(0, line_limit - line_.size());
    if (line_end == std::string_view::npos) continue;
    at_line_start_ = true;
    if (line_ == "\r\n" || line_ == "\n") {
      in_header_ = false;
      line_ = {};
    }
  }
}

void LoopDetector::end_line() {
  constexpr std::string_view name = "received";
  const std::string_view field{line_};
  const auto colon = field.find(':');
  if (colon != std::string_view::npos) {
    // Before the colon blanks may stand in old mail (RFC 5322 4.5).
    const auto name_end = field.find_last_not_of(" \t", colon - 1);
    if (colon >= name.size() && equals_ignoring_case(field.substr(0, name_end + 1), name)) {
      ++received_;
      if (!own_name_.empty() && equals_ignoring_case(by_clause(field), own_name_)) ++own_;
    }
  }
  line_.clear();
}

}  // namespace mailreeve::mail
