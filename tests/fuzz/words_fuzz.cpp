// SPDX-License-Identifier: Apache-2.0
// Words of a message: a bounded number of features, each of which can be shown; requests to learn.
#include <cstdint>
#include <cstdlib>

#include "judge/message_words.h"
#include "web/learn_routes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto half = size / 2;
  scan::ContentReport content;
  content.subject = bytes.substr(0, half);
  content.text = bytes.substr(half);
  content.from.push_back({std::string{bytes.substr(0, half)}, std::string{bytes.substr(half)}});
  content.links.push_back({scan::Link::Kind::text, std::string{bytes}, std::string{bytes.substr(0, half)}, "", ""});
  const mail::Header header{std::string{bytes}};
  const judge::MessageWords words{content, &header};
  if (words.features().size() > 10'000) std::abort();
  for (const auto& feature : words.features()) {
    if (feature.last >= words.word_count() || words.shown(feature).size() > 400) std::abort();
  }
  static_cast<void>(judge::lesson_name(header, bytes));
  static_cast<void>(web::read_lesson_request(bytes));
  static_cast<void>(web::lesson_answer(bytes));
  return 0;
}
