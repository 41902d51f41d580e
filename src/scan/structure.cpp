// SPDX-License-Identifier: Apache-2.0
#include "scan/structure.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "mail/characters.h"
#include "mail/header.h"
#include "scan/multipart.h"
#include "scan/parameters.h"
#include "scan/part_header.h"
#include "scan/part_names.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t boundary_readings = 16;
constexpr std::size_t boundaries_a_part = 10;  // that are looked at, on average
constexpr std::size_t type_readings = 8;
constexpr std::size_t name_readings = 64;

/// Where to go on looking.
struct Task {
  std::string_view text;  // header and body
  Place place;            // of the entity; of a message: of its parent, its parts are numbered below
  unsigned depth = 0;
  bool is_message = false;
  bool in_digest = false;       // RFC 2046 5.1.5: message/rfc822 where no type is given
  const char* limit = nullptr;  // where the octets around it end: programs that overlook an outer boundary read on
};

template <class T>
void add_once(std::vector<T>& list, T value, std::size_t most) {
  if (list.size() < most && std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

bool is_message_type(std::string_view type) {
  return type == "message/rfc822" || type == "message/global" || type == "message/news";
}

/// RFC 2046 5.2.4: an unknown one is a file. Some programs open every one.
bool may_be_message(std::string_view type) { return type.starts_with("message/"); }

/// "multipart" alone is enough for some.
bool is_multipart(std::string_view type) { return type.starts_with("multipart/") || type == "multipart"; }

class Walker {
 public:
  Walker(const Limits& limits, Notes& notes, Structure& structure)
      : limits_{limits}, notes_{notes}, structure_{structure} {}

  void walk(Task root) {
    tasks_.push_back(std::move(root));
    while (!tasks_.empty()) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      if (structure_.entities.size() >= limits_.parts) {
        notes_.add("scan.limit.parts", task.place, fmt::format("more than {} parts", limits_.parts));
        return;
      }
      look_at(task);
    }
  }

 private:
  void ambiguous(const Task& task, std::string_view why) { notes_.add("mime.ambiguous", task.place, why); }

  void look_at(const Task& task) {
    const auto [header_text, body] = split_header(task.text);
    if (header_text.size() > limits_.header_bytes) {
      notes_.add("scan.limit.header", task.place, fmt::format("a header of {} octets", header_text.size()));
    }
    const auto ends = read(task, header_text.substr(0, limits_.header_bytes), body);
    if (has_bare_cr(header_text) && decoded_left_ > 0) {
      const auto text = with_whole_line_ends(task, task.text);
      push({text, task.place, task.depth, task.is_message, task.in_digest, text.data() + text.size()});
    }
    for (const auto end : ends) {
      ambiguous(task, "a line in the header is no field; some programs begin the body there");
      read(task, header_text.substr(0, end), task.text.substr(end));
    }
  }

  /// Returns where else the header may end.
  std::vector<std::size_t> read(const Task& task, std::string_view header_text, std::string_view body) {
    const mail::Header header{std::string{header_text}};
    if (header.too_many() || header.fields().size() > limits_.header_fields) {
      notes_.add("scan.limit.header", task.place, fmt::format("more than {} fields", limits_.header_fields));
    }
    Entity entity;
    entity.place = task.place;
    entity.depth = task.depth;
    entity.header = header_text;
    entity.body = body;
    const auto types = types_of(header, task, entity);
    read_disposition(header, task, entity);
    read_codings(header, task, entity);
    if (task.is_message && !types.empty() && header.first("MIME-Version") == nullptr &&
        entity.media_type != "text/plain") {
      ambiguous(task, "Content-Type without MIME-Version: old programs show the source");
    }
    // What holds parts is also a file: to programs that do not look into what is encoded (RFC 2045 6.4 forbids that),
    // and wherever it is offered under a name.
    const bool is_encoded =
        std::ranges::any_of(entity.codings, [](Coding coding) { return coding != Coding::identity; });
    const bool is_leaf = types.empty() || is_encoded || entity.is_attachment || !entity.names.empty() ||
                         !std::ranges::all_of(types, [](const ParameterList& type) {
                           return type.value.starts_with("multipart/") || is_message_type(type.value);
                         });
    add_entity(task, entity, is_leaf);
    for (const auto& type : types) {
      if (is_multipart(type.value)) open_multipart(task, entity, type, is_leaf);
      if (may_be_message(type.value)) open_message(task, entity);
    }
    return other_ends(header_text);
  }

  // Every Content-Type that is there; several different ones are several readings.
  std::vector<ParameterList> types_of(const mail::Header& header, const Task& task, Entity& entity) {
    std::vector<ParameterList> types;
    const auto fields = header.all("Content-Type");
    for (const auto* field : fields) {
      auto type = parse_parameters(field->value);
      if (type.cut) notes_.add("scan.limit.header", task.place, "a Content-Type that is read in part only");
      for (const auto& name : readings_of(type, "name")) add_once(entity.names, name, name_readings);
      if (has_encoded_word(type.value)) {
        ambiguous(task, "encoded words in Content-Type");
        auto decoded = parse_parameters(decode_words(field->value, limits_.header_bytes));
        if (types.size() < type_readings) types.push_back(std::move(decoded));
      }
      const auto slash = type.value.find('/');
      const bool readable = slash != std::string::npos && slash > 0 && slash + 1 < type.value.size();
      if (field->odd_name) ambiguous(task, "white space before the colon of Content-Type");
      if (!readable) {
        ambiguous(task, fmt::format("Content-Type \"{}\" is no media type", type.value.substr(0, 60)));
        if (type.value == "multipart/") type.value = "multipart";
        if (!is_multipart(type.value)) continue;
      }
      if (types.size() < type_readings) types.push_back(std::move(type));
    }
    if (fields.size() > 1) ambiguous(task, fmt::format("{} Content-Type fields", fields.size()));
    if (fields.size() > type_readings) {
      notes_.add("scan.limit.header", task.place, fmt::format("more than {} Content-Type fields", type_readings));
    }
    if (types.empty() && task.in_digest) {
      ParameterList message;
      message.value = "message/rfc822";
      types.push_back(std::move(message));
    }
    entity.typed = !types.empty();
    entity.media_type = types.empty() ? "text/plain" : types.front().value.substr(0, 100);
    if (!types.empty()) {
      const auto charsets = raw_readings_of(types.front(), "charset");
      if (!charsets.empty()) entity.charset = mail::lower(charsets.front().substr(0, 60));
      if (charsets.size() > 1) ambiguous(task, "several charsets");
    }
    if (entity.charset.starts_with("utf-7") || entity.charset == "unicode-1-1-utf-7") ambiguous(task, "charset UTF-7");
    return types;
  }

  void read_disposition(const mail::Header& header, const Task& task, Entity& entity) {
    const auto fields = header.all("Content-Disposition");
    std::vector<std::string> names;
    for (const auto* field : fields) {
      const auto disposition = parse_parameters(field->value);
      if (disposition.cut)
        notes_.add("scan.limit.header", task.place, "a Content-Disposition that is read in part only");
      entity.is_attachment = entity.is_attachment || disposition.value == "attachment";
      for (const auto& name : readings_of(disposition, "filename")) add_once(names, name, name_readings);
    }
    if (fields.size() > 1) ambiguous(task, "several Content-Disposition fields");
    if (!are_alike(names)) ambiguous(task, fmt::format("a file of several names: {}", fmt::join(names, ", ")));
    if (names.empty() && !are_alike(entity.names)) {
      ambiguous(task, fmt::format("a part of several names: {}", fmt::join(entity.names, ", ")));
    }
    // What Content-Disposition says comes first (RFC 2183 2.3).
    for (auto& name : entity.names) add_once(names, std::move(name), name_readings);
    entity.names = std::move(names);
    const auto* location = header.first("Content-Location");
    if (location != nullptr && entity.names.empty() && (entity.is_attachment || !is_page_part(entity.media_type))) {
      entity.names = name_in_location(location->value);
    }
    if (entity.names.size() >= name_readings) {
      notes_.add("scan.limit.header", task.place, fmt::format("more than {} names", name_readings));
    }
  }

  void read_codings(const mail::Header& header, const Task& task, Entity& entity) {
    const auto fields = header.all("Content-Transfer-Encoding");
    for (const auto* field : fields) {
      const auto word = first_word(field->value);
      if (field->odd_name) ambiguous(task, "white space before the colon of Content-Transfer-Encoding");
      const auto coding = coding_of(word);
      if (coding) {
        add_once(entity.codings, *coding, type_readings);
        const auto plain = mail::unfolded(field->value);
        const auto end = plain.find_last_not_of(" \t");
        const auto start = plain.find_first_not_of(" \t");
        bool exact = start != std::string::npos && end + 1 - start == word.size();
        // Blanks at its end hide the word from some. Base64 alone is nothing else when it is not undone.
        if (exact && *coding == Coding::quoted_printable && end + 1 < plain.size()) exact = false;
        // A comment is legal, and few programs know it.
        if (!exact) add_once(entity.codings, Coding::identity, type_readings);
        if (!exact && *coding != Coding::identity)
          ambiguous(task, "Content-Transfer-Encoding with something behind it");
      } else {
        // RFC 2045 6.4: an encoding nobody knows is to be left alone; some programs guess.
        ambiguous(task, fmt::format("Content-Transfer-Encoding \"{}\" is unknown", word.substr(0, 40)));
        add_once(entity.codings, Coding::identity, type_readings);
        add_once(entity.codings, Coding::base64, type_readings);
        add_once(entity.codings, Coding::quoted_printable, type_readings);
      }
    }
    if (fields.size() > 1 && entity.codings.size() > 1) ambiguous(task, "several Content-Transfer-Encoding fields");
    if (entity.codings.empty()) entity.codings.push_back(Coding::identity);
  }

  void add_entity(const Task& task, const Entity& entity, bool is_leaf) {
    auto copy = entity;
    copy.is_leaf = is_leaf;
    if (task.is_message && copy.is_leaf) copy.place = below(task, 1);
    structure_.entities.push_back(std::move(copy));
  }

  void add_leaf(const Task& task, const Entity& entity, std::string_view body, bool shown = true) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
    Entity leaf;
    leaf.place = entity.place.empty() ? below(task, 1) : entity.place;
    leaf.depth = entity.depth;
    leaf.body = body;
    leaf.media_type = "text/plain";
    leaf.codings = {Coding::identity};
    leaf.shown = shown;
    structure_.entities.push_back(std::move(leaf));
  }

  static Place below(const Task& task, std::size_t number) {
    return task.place.empty() ? fmt::format("{}", number) : fmt::format("{}.{}", task.place, number);
  }

  void push(Task task) {
    if (task.depth > limits_.depth) {
      notes_.add("scan.limit.depth", task.place, fmt::format("more than {} parts in one another", limits_.depth));
      return;
    }
    if (structure_.entities.size() + tasks_.size() > limits_.parts) {
      notes_.add("scan.limit.parts", task.place, fmt::format("more than {} parts", limits_.parts));
      return;
    }
    tasks_.push_back(std::move(task));
  }

  /// RFC 2045 6.4 forbids to encode what holds parts; some programs decode it.
  std::vector<std::string_view> bodies_of(const Task& task, const Entity& entity) {
    std::vector<std::string_view> bodies;
    for (const auto coding : entity.codings) {
      if (coding == Coding::identity) {
        bodies.push_back(entity.body);
        continue;
      }
      ambiguous(task, fmt::format("{} is encoded as a whole", entity.media_type));
      if (decoded_left_ == 0) continue;
      auto readings = decode(entity.body, coding, decoded_left_);
      bodies.push_back(keep(task, std::move(readings.bytes.front())));
      add_once(bodies, entity.body, type_readings);
    }
    return bodies;
  }

  /// What had to be made of the message's octets, so that views of it stay good.
  std::string_view keep(const Task& task, std::string made) {
    decoded_left_ -= std::min<std::uint64_t>(decoded_left_, made.size());
    if (decoded_left_ == 0) {
      notes_.add("scan.limit.size", task.place, fmt::format("more than {} octets", limits_.member_bytes));
    }
    structure_.decoded.push_back(std::move(made));
    return structure_.decoded.back();
  }

  /// Some programs take a bare CR for the end of a line. The gateway lets none in, but what is encoded may hold some.
  std::string_view with_whole_line_ends(const Task& task, std::string_view text) {
    ambiguous(task, "carriage returns alone: they end lines to some programs");
    text = text.substr(0, decoded_left_);
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    for (std::size_t at = 0; at < text.size(); ++at) {
      out += text[at];
      if (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n')) out += '\n';
    }
    return keep(task, std::move(out));
  }

  std::vector<std::string> boundaries_of(const Task& task, const ParameterList& type) {
    auto boundaries = raw_readings_of(type, "boundary");
    if (boundaries.size() > 1) ambiguous(task, "several boundaries");
    // RFC 2046 5.1.1: no blank ends a boundary.
    for (std::size_t i = 0, count = boundaries.size(); i < count; ++i) {
      const auto end = boundaries[i].find_last_not_of(" \t") + 1;
      if (end < boundaries[i].size()) add_once(boundaries, boundaries[i].substr(0, end), boundaries.size() + 1);
    }
    if (boundaries.size() > boundary_readings) {
      notes_.add("scan.limit.parts", task.place, fmt::format("more than {} boundaries", boundary_readings));
      boundaries.resize(boundary_readings);
    }
    return boundaries;
  }

  void open_multipart(const Task& task, const Entity& entity, const ParameterList& type, bool is_leaf) {
    const auto boundaries = boundaries_of(task, type);
    if (boundaries.empty()) {
      ambiguous(task, fmt::format("{} without a boundary", entity.media_type));
      if (!is_leaf) add_leaf(task, entity, entity.body);
      return;
    }
    std::size_t reading = 0;
    for (const auto body : bodies_of(task, entity)) {
      for (const auto& boundary : boundaries) {
        const bool is_view = body.data() >= task.text.data() && body.data() <= task.text.data() + task.text.size();
        const auto* const limit = is_view && task.limit != nullptr ? task.limit : body.data() + body.size();
        const bool in_digest = type.value == "multipart/digest";
        auto parts = split_multipart(body, boundary, Strictness::whole_line, boundaries_left_);
        if (decoded_left_ > 0 && (parts.bare_cr || body.find("\r--" + boundary) != std::string_view::npos)) {
          const auto text = with_whole_line_ends(task, body);
          enter(task, split_multipart(text, boundary, Strictness::whole_line, boundaries_left_), reading + 1, in_digest,
                text.data() + text.size());
        }
        const auto token = std::string_view{boundary}.substr(0, boundary.find_first_of("()<>@,;:\\\"/[]?= \t*'%"));
        if (token.size() < boundary.size() && std::ranges::any_of(token, mail::is_alphanumeric)) {
          // RFC 2045 5.1: without quotes it ends there. Few programs care.
          const auto others = split_multipart(body, token, Strictness::whole_line, boundaries_left_);
          if (!others.bodies.empty()) ambiguous(task, "parts between shorter boundaries");
          enter(task, others, reading + 1, in_digest, limit);
        }
        const bool cut_off = !parts.closed && limit > body.data() + body.size();
        if (cut_off) {
          // Its end never came before the end of what it is in: some programs read on there.
          ambiguous(task, "an inner multipart without its closing boundary");
          const std::string_view longer{body.data(), static_cast<std::size_t>(limit - body.data())};
          enter(task, split_multipart(longer, boundary, Strictness::whole_line, boundaries_left_), reading + 1,
                in_digest, limit);
        }
        if (parts.bodies.empty()) {
          // To some, what stands before the end is what it holds.
          if (!parts.preamble.empty()) {
            auto leaf = entity;
            leaf.body = parts.preamble;
            add_entity(task, leaf, true);
          }
          parts = split_multipart(body, boundary, Strictness::beginning, boundaries_left_);
          if (!parts.bodies.empty()) ambiguous(task, "lines that only begin with the boundary");
        }
        if (parts.bodies.empty()) {
          // Nothing a MIME program would show as a part: some show the whole as text.
          if (!is_leaf) add_leaf(task, entity, body);
          notes_.add("mime.no-parts", task.place, "the boundary does not occur");
          continue;
        }
        if (boundaries_left_ == 0) {
          notes_.add("scan.limit.parts", task.place, "too many boundaries");
        }
        enter(task, parts, reading, in_digest, limit);
        reading += cut_off ? 2 : 1;
        if (!parts.behind_the_end.empty()) ambiguous(task, "parts behind the closing boundary");
        add_leaf(task, entity, parts.preamble, false);
        add_leaf(task, entity, parts.epilogue, false);
      }
    }
  }

  void enter(const Task& task, const Parts& parts, std::size_t reading, bool in_digest, const char* limit) {
    std::size_t number = 0;
    for (const auto* list : {&parts.bodies, &parts.behind_the_end}) {
      for (const auto part : *list) {
        auto place = below(task, ++number);
        if (!seen_.emplace(part.data(), part.size()).second) continue;
        if (reading > 0) place += fmt::format("~{}", reading + 1);
        push({part, std::move(place), task.depth + 1, false, in_digest, limit});
      }
    }
  }

  void open_message(const Task& task, const Entity& entity) {
    for (const auto body : bodies_of(task, entity)) {
      const Task message{body, entity.place, task.depth + 1, true, false, nullptr};
      if (seen_.emplace(body.data(), body.size()).second) push(message);
    }
  }

  const Limits& limits_;
  Notes& notes_;
  Structure& structure_;
  std::deque<Task> tasks_;
  std::uint64_t decoded_left_ = limits_.member_bytes;
  std::size_t boundaries_left_ = boundaries_a_part * limits_.parts;
  std::set<std::pair<const char*, std::size_t>> seen_;  // parts already entered, in whatever reading
};

}  // namespace

Structure read_structure(std::string_view message, const Limits& limits, Notes& notes, unsigned depth,
                         const Place& within, Root root) {
  Structure structure;
  const bool is_message = root == Root::message;
  Walker{limits, notes, structure}.walk({message, within, depth, is_message, false, message.data() + message.size()});
  return structure;
}

}  // namespace mailreeve::scan
