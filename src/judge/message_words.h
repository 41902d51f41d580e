// SPDX-License-Identifier: Apache-2.0
// What a message is made of, for statistics: the words and neighbouring word pairs of its subject and text, its links,
// the sender's choices in the header, and its structure; as hashes, and as something that people can be shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/header.h"
#include "scan/report.h"
#include "store/word_counts.h"

namespace mailreeve::judge {

class MessageWords {
 public:
  enum class Kind : std::uint8_t { text, subject, name, link, header, structure };

  /// `header` may be null. What gateways on the way add to the header is not looked at: learning from a mailbox must
  /// not teach which way the mail came.
  MessageWords(const scan::ContentReport& content, const mail::Header* header);

  /// One word, or two neighbours; each different one once, where it stands first.
  struct Feature {
    std::uint64_t hash = 0;
    std::uint32_t first = 0, last = 0;  // words by number: the same, or neighbours
  };
  const std::vector<Feature>& features() const { return features_; }
  std::vector<std::uint64_t> hashes() const;  // of the features, in their order
  std::size_t word_count() const { return words_.size(); }
  /// "cheap pills", "subject: invoice", "link: shop.example".
  std::string shown(const Feature& feature) const;

 private:
  struct Word {
    std::uint32_t begin = 0, length = 0;  // in letters_
    Kind kind = Kind::text;
    bool follows = false;  // the word before it is its neighbour
    std::uint64_t hash = 0;
  };
  void add_text(Kind kind, std::string_view text, std::size_t most);
  void add_mark(Kind kind, std::string_view text);
  void close_word(Kind kind, std::size_t begin, bool& follows);
  void add_links(const scan::ContentReport& content);
  void add_structure(const scan::ContentReport& content);
  void add_header(const mail::Header& header);
  void make_features();

  std::string letters_;
  std::vector<Word> words_;
  std::vector<Feature> features_;
};

/// What a message is known by when it is learnt again, or forgotten: header fields that no gateway changes, and the
/// body. 32 octets.
std::string lesson_name(const mail::Header& header, std::string_view body);

/// A whole message and its report as a lesson.
store::Lesson lesson_of(std::string_view message, const scan::ContentReport& content,
                        std::optional<store::MailClass> as);

}  // namespace mailreeve::judge
