// SPDX-License-Identifier: Apache-2.0
#include "judge/message_words.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>

#include "auth/tag_list.h"
#include "base/digest.h"
#include "mail/characters.h"
#include "scan/words.h"

namespace mailreeve::judge {
namespace {

using Kind = MessageWords::Kind;

constexpr std::size_t text_words = 2'000;
constexpr std::size_t subject_words = 60;
constexpr std::size_t name_words = 10;
constexpr std::size_t links = 40;
constexpr std::size_t link_words = 12;
constexpr std::size_t longest_word = 24;  // octets; longer ones differ from mail to mail
constexpr std::size_t longest_mark = 80;

constexpr std::string_view prefixes[] = {"", "subject: ", "sender: ", "link: ", "header: ", "structure: "};

/// Finalizer of MurmurHash3: spreads every bit over all.
constexpr std::uint64_t spread(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33U);
}

/// FNV-1a.
std::uint64_t hash_of(Kind kind, std::string_view word) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ static_cast<std::uint64_t>(kind);
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return spread(hash);
}

std::uint64_t pair_hash(std::uint64_t first, std::uint64_t second) {
  return spread(first * 0x9e3779b97f4a7c15ULL + second);
}

/// Scripts without spaces between words: each letter is one, pairs do the rest.
constexpr bool stands_alone(UChar32 c) {
  return (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
         (c >= 0xf900 && c <= 0xfaff) || c >= 0x20000;
}

constexpr bool is_money(UChar32 c) { return c == '$' || c == '%' || c == 0xa3 || c == 0x20ac; }

bool is_letter(UChar32 c) { return u_isalpha(c) != 0 || (U_MASK(u_charType(c)) & (U_GC_M_MASK | U_GC_N_MASK)) != 0; }

constexpr std::array<char, 128> ascii_words = [] {
  std::array<char, 128> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c - 'A' + 'a');
  // Amounts and dates differ from mail to mail, their shape does not.
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = '0';
  table['\''] = '\'';
  return table;
}();

void append(std::string& out, UChar32 c) {
  char bytes[U8_MAX_LENGTH];
  int length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  out.append(bytes, static_cast<std::size_t>(length));
}

std::string_view host_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : address.substr(at + 1);
}

unsigned magnitude(std::uint64_t number) {
  unsigned bits = 0;
  for (; number > 0; number >>= 1U) ++bits;
  return bits;
}

}  // namespace

MessageWords::MessageWords(const scan::ContentReport& content, const mail::Header* header) {
  letters_.reserve(std::min<std::size_t>(content.text.size(), 16U << 10) + 1024);
  words_.reserve(1024);
  add_text(Kind::subject, content.subject, subject_words);
  for (const auto& person : content.from) {
    add_text(Kind::name, person.display, name_words);
    if (const auto host = host_of(person.address); !host.empty()) add_mark(Kind::name, host);
  }
  add_text(Kind::text, content.text, text_words);
  add_links(content);
  add_structure(content);
  if (header != nullptr) add_header(*header);
  make_features();
}

void MessageWords::close_word(Kind kind, std::size_t begin, bool& follows) {
  const auto length = letters_.size() - begin;
  if (length == 0) return;
  const bool is_single = length == 1 && letters_[begin] >= 'a' && letters_[begin] <= 'z';
  if (is_single || length > longest_word) {
    letters_.resize(begin);
    if (length > longest_word) follows = false;
    return;
  }
  words_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length), kind, follows,
                    hash_of(kind, std::string_view{letters_}.substr(begin, length))});
  follows = true;
}

void MessageWords::add_text(Kind kind, std::string_view text, std::size_t most) {
  const auto last = words_.size() + most;
  bool follows = false;
  auto begin = letters_.size();
  const auto close = [&] {
    close_word(kind, begin, follows);
    begin = letters_.size();
  };
  const auto* const bytes = text.data();
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length && words_.size() < last;) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x80 && ascii_words[byte] != 0) {
      letters_ += ascii_words[byte];
      ++at;
      continue;
    }
    UChar32 c = 0;
    U8_NEXT(bytes, at, length, c);  // NOLINT(bugprone-inc-dec-in-conditions): ICU's macro
    if (c >= 0x80 && !stands_alone(c) && is_letter(c)) {
      append(letters_, u_foldCase(c, U_FOLD_CASE_DEFAULT));
      continue;
    }
    close();
    if (c >= 0 && (is_money(c) || (stands_alone(c) && is_letter(c)))) {
      append(letters_, c);
      close();
    }
  }
  if (words_.size() < last) close();
  letters_.resize(words_.empty() ? 0 : words_.back().begin + words_.back().length);
}

void MessageWords::add_mark(Kind kind, std::string_view text) {
  const auto begin = letters_.size();
  letters_ += mail::lower(text.substr(0, longest_mark));
  words_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(letters_.size() - begin), kind, false,
                    hash_of(kind, std::string_view{letters_}.substr(begin))});
}

void MessageWords::add_links(const scan::ContentReport& content) {
  const auto count = std::min(links, content.links.size());
  std::string_view before;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& link = content.links[i];
    if (!link.host.empty() && link.host != before) add_mark(Kind::link, link.host);
    if (const auto dot = link.host.rfind('.'); dot != std::string::npos && link.host != before) {
      add_mark(Kind::link, std::string_view{link.host}.substr(dot));
    }
    before = link.host;
    const auto scheme = link.url.find("://");
    const auto path = scheme == std::string::npos ? std::string::npos : link.url.find('/', scheme + 3);
    if (path != std::string::npos) add_text(Kind::link, std::string_view{link.url}.substr(path), link_words);
  }
}

void MessageWords::add_structure(const scan::ContentReport& content) {
  std::string shape;
  for (const auto& item : content.items) {
    if (shape.size() < longest_mark && !item.declared.empty()) shape += (shape.empty() ? "" : " ") + item.declared;
    if (!item.offered) continue;
    const auto* const kind = item.type.empty() ? &item.declared : &item.type;
    add_mark(Kind::structure, fmt::format("file {}", *kind));
    if (words_.size() > text_words + 500) break;
  }
  add_mark(Kind::structure, shape);
  add_mark(Kind::structure, fmt::format("links 2^{}", magnitude(content.link_count)));
  add_mark(Kind::structure, fmt::format("text 2^{}", magnitude(content.text.size())));
  for (const auto& note : content.notes) add_mark(Kind::structure, note.code);
  if (!content.languages.empty()) add_mark(Kind::structure, "language " + content.languages.front().code);
}

void MessageWords::add_header(const mail::Header& header) {
  constexpr std::string_view telling[] = {
      "List-Id",    "List-Unsubscribe", "Precedence",       "In-Reply-To",  "References",       "Reply-To",
      "Sender",     "X-Priority",       "Importance",       "Organization", "Auto-Submitted",   "Feedback-ID",
      "User-Agent", "X-Mailer",         "Content-Language", "Thread-Topic", "X-MSMail-Priority"};
  constexpr std::string_view programs[] = {"User-Agent", "X-Mailer", "Precedence", "X-Priority"};
  for (const auto name : telling) {
    if (header.first(name) != nullptr) add_mark(Kind::header, name);
  }
  for (const auto name : programs) {
    if (const auto* field = header.first(name)) {
      add_text(Kind::header, scan::decode_words(field->value, longest_mark), name_words);
    }
  }
  for (const std::string_view name : {"Message-ID", "To", "Cc", "Date", "MIME-Version"}) {
    if (header.first(name) == nullptr) add_mark(Kind::header, fmt::format("no {}", name));
  }
  if (const auto* to = header.first("To")) {
    const auto addresses = static_cast<std::uint64_t>(std::ranges::count(to->value, '@'));
    add_mark(Kind::header, fmt::format("to 2^{}", magnitude(addresses)));
  }
}

void MessageWords::make_features() {
  features_.reserve(words_.size() * 2);
  boost::unordered_flat_set<std::uint64_t> seen;
  seen.reserve(words_.size() * 2);
  for (std::uint32_t i = 0; i < words_.size(); ++i) {
    const auto& word = words_[i];
    if (seen.insert(word.hash).second) features_.push_back({word.hash, i, i});
    if (!word.follows) continue;
    const auto pair = pair_hash(words_[i - 1].hash, word.hash);
    if (seen.insert(pair).second) features_.push_back({pair, i - 1, i});
  }
}

std::vector<std::uint64_t> MessageWords::hashes() const {
  std::vector<std::uint64_t> all;
  all.reserve(features_.size());
  for (const auto& feature : features_) all.push_back(feature.hash);
  return all;
}

std::string MessageWords::shown(const Feature& feature) const {
  const auto text = [this](std::uint32_t index) {
    return std::string_view{letters_}.substr(words_[index].begin, words_[index].length);
  };
  std::string out{prefixes[static_cast<std::size_t>(words_[feature.first].kind)]};
  out += text(feature.first);
  if (feature.last != feature.first) out.append(" ").append(text(feature.last));
  return out;
}

std::string lesson_name(const mail::Header& header, std::string_view body) {
  Sha256Stream digest;
  for (const std::string_view name : {"Message-ID", "From", "Date"}) {
    if (const auto* field = header.first(name)) digest.add(auth::trimmed(mail::unfolded(field->value)));
    digest.add("\n");
  }
  // Mailboxes differ in the empty lines that they leave at the end.
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
  digest.add(body);
  const auto hash = digest.finish();
  return {hash.begin(), hash.end()};
}

store::Lesson lesson_of(std::string_view message, const scan::ContentReport& content,
                        std::optional<store::MailClass> as) {
  const auto end = message.find("\r\n\r\n");
  const mail::Header header{std::string{message.substr(0, end == std::string_view::npos ? end : end + 2)}};
  const auto body = end == std::string_view::npos ? std::string_view{} : message.substr(end + 4);
  return {lesson_name(header, body), as, MessageWords{content, &header}.hashes()};
}

}  // namespace mailreeve::judge
