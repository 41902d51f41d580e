// SPDX-License-Identifier: Apache-2.0
// Recipients from a plain list. Exact addresses cost one hash look-up; patterns are grouped by their domain.
#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "base/files.h"
#include "judge/recipients.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

constexpr std::size_t file_limit = 64ULL << 20;  // octets
constexpr std::size_t pattern_limit = 10'000;    // each recipient is compared with every pattern of its domain
constexpr std::size_t name_limit = 100'000;      // of people; each costs some microseconds at load
constexpr std::size_t reported_lines = 10;       // mistakes told in one error

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || is_blank(line[at - 1])) {
      line = line.substr(0, at);
      break;
    }
  }
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

/// `*` stands for any run of characters, also none. Goes back only to the last star, so the work is bounded by the
/// product of the lengths.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class FileDirectory final : public Directory {
 public:
  Task<Answer> find(mail::Mailbox address) const override {
    co_return holds(address) ? Answer::found : Answer::missing;
  }
  Task<Answer> find_literally(mail::Mailbox address) const override {
    const bool listed = addresses_.contains(key(lower(address.local()), address.domain().text()));
    co_return listed ? Answer::found : Answer::missing;
  }

  const std::vector<NamedPerson>& people() const override { return people_; }

  /// Nothing when the line was understood, else what is wrong with it.
  std::optional<std::string> add(std::string_view line) {
    const auto open = line.ends_with('>') ? line.rfind('<') : std::string_view::npos;
    return open == std::string_view::npos ? add_entry(line) : add_named(line, open);
  }

  bool is_empty() const { return addresses_.empty() && domains_.empty() && patterns_ == 0; }

 private:
  struct Pattern {
    std::string local;
    std::string domain;
  };

  /// `"Anna Muster" <anna@example.org>`. A name of one word, or of a pattern, is nobody's; what is behind it counts.
  std::optional<std::string> add_named(std::string_view line, std::size_t open) {
    auto mistake = add_entry(line.substr(open + 1, line.size() - open - 2));
    const bool is_pattern = line.find('*', open) != std::string_view::npos;
    if (mistake || is_pattern || people_.size() == name_limit) return mistake;
    if (!mail::is_safe_utf8(line)) return "the name is no UTF-8";
    if (auto person = parse_person(line)) people_.push_back(std::move(*person));
    return std::nullopt;
  }

  std::optional<std::string> add_entry(std::string_view line) {
    const auto at = line.rfind('@');
    if (at == std::string_view::npos) {
      return fmt::format("\"{}\" has no @; write user@example.org, or @example.org for everybody there", line);
    }
    if (line.find('*') != std::string_view::npos) return add_pattern(line.substr(0, at), line.substr(at + 1));
    if (at == 0) {
      auto domain = mail::Domain::parse(line.substr(1));
      if (!domain) return std::move(domain.error().text);
      domains_.insert(domain->text());
      return std::nullopt;
    }
    const auto address = mail::Mailbox::parse(line, mail::Utf8::allow);
    if (!address) return address.error().text;
    addresses_.insert(key(lower(address->local()), address->domain().text()));
    return std::nullopt;
  }

  static std::string key(std::string local, std::string_view domain) {
    local += '@';
    local += domain;
    return local;
  }

  bool holds(const mail::Mailbox& address) const {
    const std::string local = lower(address.local());
    const std::string& domain = address.domain().text();
    if (domains_.contains(domain) || holds_local(local, domain)) return true;
    const auto plus = local.find('+');
    return plus != std::string::npos && plus != 0 && holds_local(local.substr(0, plus), domain);
  }

  bool holds_local(const std::string& local, const std::string& domain) const {
    if (addresses_.contains(key(local, domain))) return true;
    if (patterns_ == 0) return false;
    if (const auto own = local_patterns_.find(domain); own != local_patterns_.end()) {
      for (const auto& pattern : own->second) {
        if (matches(pattern, local)) return true;
      }
    }
    for (const auto& pattern : wide_patterns_) {
      if (matches(pattern.domain, domain) && matches(pattern.local, local)) return true;
    }
    return false;
  }

  std::optional<std::string> add_pattern(std::string_view local, std::string_view domain) {
    if (patterns_ == pattern_limit) return fmt::format("more than {} patterns with *", pattern_limit);
    if (local.empty()) local = "*";
    for (const char c : local) {
      if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '@' || c == 0x7f) {
        return fmt::format("pattern \"{}@{}\": the part before the @ holds a blank, a quote or an @", local, domain);
      }
    }
    if (domain.find('*') == std::string_view::npos) {
      auto name = mail::Domain::parse(domain);
      if (!name) return std::move(name.error().text);
      local_patterns_[name->text()].push_back(lower(local));
    } else {
      constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.*";
      auto name = lower(domain);
      if (name.find_first_not_of(allowed) != std::string::npos) {
        return fmt::format("pattern \"{}@{}\": a domain with * may hold letters, digits, - and . only", local, domain);
      }
      wide_patterns_.push_back({lower(local), std::move(name)});
    }
    ++patterns_;
    return std::nullopt;
  }

  std::vector<NamedPerson> people_;
  TextSet addresses_;  // local part in lower case, unquoted, @, domain
  TextSet domains_;    // everybody there
  ByText<std::vector<std::string>> local_patterns_;
  std::vector<Pattern> wide_patterns_;  // with a * in the domain
  std::size_t patterns_ = 0;
};

}  // namespace

Result<std::unique_ptr<Directory>> load_file_directory(const std::string& path) {
  const auto text = make_system_files()->read_all(path, file_limit);
  if (!text) {
    return fail(text.error().kind, fmt::format("recipient list {} cannot be read: {}", path, text.error().text));
  }
  auto directory = std::make_unique<FileDirectory>();
  std::string mistakes;
  std::size_t mistaken = 0;
  std::size_t number = 0;
  std::string_view rest = *text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = without_comment(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    ++number;
    if (line.empty()) continue;
    auto mistake = directory->add(line);
    if (!mistake) continue;
    if (++mistaken > reported_lines) continue;
    mistakes += fmt::format("{}{}:{}: {}", mistakes.empty() ? "" : "; ", path, number, *mistake);
  }
  if (mistaken > reported_lines) mistakes += fmt::format("; and {} more", mistaken - reported_lines);
  if (mistaken > 0) return fail(ErrorKind::invalid, std::move(mistakes));
  if (directory->is_empty()) {
    return fail(ErrorKind::invalid,
                fmt::format("recipient list {} names nobody: every recipient would be refused; write one address a "
                            "line, or @example.org for everybody there",
                            path));
  }
  return directory;
}

}  // namespace mailreeve::judge
