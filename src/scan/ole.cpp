// SPDX-License-Identifier: Apache-2.0
#include "scan/ole.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t header_size = 512;
constexpr std::size_t entry_size = 128;
constexpr std::size_t sector_limit = 65'536;
constexpr std::size_t entry_limit = 4'096;
constexpr std::size_t stream_limit = 4U << 20;
constexpr std::size_t streams_limit = 32U << 20;
constexpr std::size_t sources_limit = 8U << 20;  // of all modules together
constexpr std::size_t files_limit = 100;
constexpr std::size_t least_source = 1U << 10;     // what even an empty one counts
constexpr std::uint32_t last_sector = 0xfffffffa;  // from here on: no sector
constexpr std::string_view msi_class = "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  if (at + size > bytes.size()) return 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

struct DirectoryEntry {
  std::string name;  // lower case, what is not US-ASCII as "?"
  int type = 0;      // 1 storage, 2 stream, 5 root
  std::uint32_t start = 0;
  std::uint32_t size = 0;
  std::string_view class_id;
};

class CompoundFile {
 public:
  explicit CompoundFile(std::string_view bytes) : bytes_{bytes} {
    if (bytes.size() < header_size) {
      broken_ = true;
      return;
    }
    const auto shift = number(bytes, 30, 2);
    broken_ = shift != 9 && shift != 12;
    sector_size_ = shift == 12 ? 4096 : 512;
    mini_cutoff_ = number(bytes, 56, 4);
    read_allocation();
    read_directory();
  }

  bool broken() const { return broken_; }
  const std::vector<DirectoryEntry>& entries() const { return entries_; }

  std::string stream(const DirectoryEntry& entry) const {
    const auto most = std::min<std::size_t>(entry.size, stream_limit);
    if (entry.size < mini_cutoff_ && entry.type == 2) {
      std::string out;
      auto sector = entry.start;
      for (std::size_t count = 0; sector < last_sector && count < sector_limit && out.size() < most; ++count) {
        const auto at = static_cast<std::size_t>(sector) * 64;
        if (at >= mini_.size()) break;
        out += mini_.substr(at, 64);
        sector = sector < mini_table_.size() ? mini_table_[sector] : last_sector;
      }
      out.resize(std::min(out.size(), most));
      return out;
    }
    return chain(entry.start, most);
  }

 private:
  std::string_view sector(std::uint32_t index) const {
    const auto at = (static_cast<std::size_t>(index) + 1) * sector_size_;
    return at >= bytes_.size() ? std::string_view{} : bytes_.substr(at, sector_size_);
  }

  std::string chain(std::uint32_t start, std::size_t most) const {
    std::string out;
    auto index = start;
    for (std::size_t count = 0; index < last_sector && count < sector_limit && out.size() < most; ++count) {
      const auto data = sector(index);
      if (data.empty()) break;
      out += data;
      index = index < table_.size() ? table_[index] : last_sector;
    }
    out.resize(std::min(out.size(), most));
    return out;
  }

  void add_to_table(std::uint32_t index) {
    const auto data = sector(index);
    for (std::size_t at = 0; at + 4 <= data.size() && table_.size() < sector_limit * 16; at += 4)
      table_.push_back(number(data, at, 4));
  }

  void read_allocation() {
    for (std::size_t i = 0; i < 109; ++i) {
      const auto index = number(bytes_, 76 + i * 4, 4);
      if (index < last_sector) add_to_table(index);
    }
    auto extra = number(bytes_, 68, 4);
    for (std::size_t count = 0; extra < last_sector && count < 256; ++count) {
      const auto data = sector(extra);
      if (data.size() < sector_size_) break;
      for (std::size_t at = 0; at + 8 <= data.size(); at += 4) {
        const auto index = number(data, at, 4);
        if (index < last_sector) add_to_table(index);
      }
      extra = number(data, data.size() - 4, 4);
    }
  }

  void read_directory() {
    const auto directory = chain(number(bytes_, 48, 4), entry_limit * entry_size);
    directory_ = directory;
    for (std::size_t at = 0; at + entry_size <= directory_.size(); at += entry_size) {
      const std::string_view raw = std::string_view{directory_}.substr(at, entry_size);
      DirectoryEntry entry;
      entry.type = static_cast<unsigned char>(raw[66]);
      if (entry.type != 1 && entry.type != 2 && entry.type != 5) continue;
      const auto length = std::min<std::size_t>(number(raw, 64, 2), 64);
      for (std::size_t i = 0; i + 2 < length + 1 && i + 1 < 64; i += 2) {
        const auto unit = number(raw, i, 2);
        if (unit == 0) break;
        entry.name += unit < 0x80 ? mail::to_lower(static_cast<char>(unit)) : '?';
      }
      entry.start = number(raw, 116, 4);
      entry.size = number(raw, 120, 4);
      entry.class_id = raw.substr(80, 16);
      if (entry.type == 5) mini_ = chain(entry.start, std::min<std::size_t>(entry.size, streams_limit));
      entries_.push_back(std::move(entry));
    }
    if (entries_.empty()) broken_ = true;
    const auto mini = chain(number(bytes_, 60, 4), sector_limit * 4);
    for (std::size_t at = 0; at + 4 <= mini.size(); at += 4) mini_table_.push_back(number(mini, at, 4));
  }

  std::string_view bytes_;
  std::size_t sector_size_ = 512;
  std::uint32_t mini_cutoff_ = 4096;
  bool broken_ = false;
  std::vector<std::uint32_t> table_, mini_table_;
  std::string mini_;
  std::string directory_;
  std::vector<DirectoryEntry> entries_;
};

constexpr std::string_view starters[] = {"autoopen",
                                         "auto_open",
                                         "autoexec",
                                         "autoclose",
                                         "auto_close",
                                         "autonew",
                                         "autoexit",
                                         "document_open",
                                         "documentopen",
                                         "document_close",
                                         "document_new",
                                         "workbook_open",
                                         "workbook_activate",
                                         "workbook_close",
                                         "workbook_beforeclose",
                                         "presentation_open",
                                         "inkpicture1_painted",
                                         "_layout(",
                                         "_mouseenter",
                                         "_gotfocus"};
constexpr std::string_view tools[] = {"shell",   "wscript",      "createobject", "urldownloadtofile", "powershell",
                                      "cmd.exe", "xmlhttp",      "adodb.stream", "regsvr32",          "rundll32",
                                      "mshta",   "virtualalloc", "getobject",    "environ("};

void look_at_source(std::string_view source, OleLook& look) {
  const auto lower = mail::lower(source);
  for (const auto word : starters) {
    if (lower.find(word) != std::string::npos) look.auto_run = true;
  }
  for (const auto word : tools) {
    const bool is_new = std::ranges::find(look.words, word) == look.words.end();
    if (is_new && lower.find(word) != std::string::npos) look.words.emplace_back(word);
  }
}

/// A file behind its names and their lengths ([MS-OLEDS] 2.3.6 and what Packager writes in it); as far as it goes.
OleFile packed_file(std::string_view stream) {
  std::size_t at = 6;  // the size of all, a flag
  const auto text = [&]() -> std::string_view {
    const auto from = std::min(at, stream.size());
    const auto end = std::min(stream.find('\0', from), stream.size());
    at = end + 1;
    return stream.substr(from, end - from);
  };
  if (number(stream, 4, 2) != 2) return {{}, std::string{stream.substr(std::min<std::size_t>(4, stream.size()))}};
  OleFile file;
  file.name = text();
  const auto path = text();
  if (file.name.find('.') == std::string::npos) file.name = path;
  at += 8;  // a kind, and the length of the next path
  text();
  const auto size = number(stream, at, 4);
  at = std::min(at + 4, stream.size());
  file.bytes = stream.substr(at, size);
  return file;
}

/// Sheets of Excel 4.0 macros: BOUNDSHEET records whose type is 1 ([MS-XLS] 2.4.28). Encryption: a FILEPASS (2.4.117).
void look_at_workbook(std::string_view workbook, OleLook& look) {
  std::size_t at = 0;
  for (int i = 0; i < 20'000 && at + 4 <= workbook.size(); ++i) {
    const auto type = number(workbook, at, 2);
    const auto size = number(workbook, at + 2, 2);
    if (type == 0x85 && size >= 6 && at + 10 <= workbook.size() && workbook[at + 9] == 1)
      look.macros = look.auto_run = true;
    if (type == 0x2f) look.encrypted = true;
    at += 4 + size;
  }
}

}  // namespace

std::string decompress_vba(std::string_view container, std::size_t most) {
  std::string out;
  if (!container.starts_with('\x01')) return out;
  std::size_t at = 1;
  while (at + 2 <= container.size() && out.size() < most) {
    const auto header = number(container, at, 2);
    const auto end = std::min(at + (header & 0x0fff) + 3, container.size());
    const auto chunk = out.size();
    const bool is_compressed = (header & 0x8000) != 0;
    at += 2;
    if (!is_compressed) {
      out += container.substr(at, end - at);
      at = end;
      continue;
    }
    while (at < end && out.size() < most) {
      const auto flags = static_cast<unsigned char>(container[at++]);
      for (int bit = 0; bit < 8 && at < end; ++bit) {
        if ((flags >> bit & 1) == 0) {
          out += container[at++];
          continue;
        }
        if (at + 2 > end) return out;
        const auto token = number(container, at, 2);
        at += 2;
        const auto written = out.size() - chunk;
        unsigned bits = 4;
        while ((1ULL << bits) < written && bits < 12) ++bits;
        const auto length = (token & (0xffffU >> bits)) + 3;
        const auto offset = (token >> (16 - bits)) + 1;
        if (offset > written) return out;
        for (unsigned i = 0; i < length && out.size() < most; ++i) out += out[out.size() - offset];
      }
    }
    at = end;
  }
  return out;
}

OleLook look_at_ole(std::string_view bytes) {
  OleLook look;
  look.kind = "ole";
  const CompoundFile file{bytes};
  look.broken = file.broken();
  std::size_t read = 0;
  std::size_t sources = 0;
  for (const auto& entry : file.entries()) {
    const auto& name = entry.name;
    if (name == "worddocument") look.kind = "doc";
    if (name == "workbook" || name == "book") look.kind = "xls";
    if (name == "powerpoint document") look.kind = "ppt";
    if (name.starts_with("__substg1.0_") || name.starts_with("__properties_version")) look.kind = "msg";
    if (entry.type == 5 && entry.class_id == msi_class) look.kind = "msi";
    if (name == "encryptedpackage") {
      look.kind = "encrypted-ooxml";
      look.encrypted = true;
    }
    if (name == "vba" || name == "_vba_project" || name == "_vba_project_cur" || name == "macros") look.macros = true;
    if (name == "\x01ole10native" || name == "objectpool" || name == "package" || name.starts_with("mbd"))
      look.embedded = true;
    if (entry.type != 2 || read > streams_limit) continue;
    const auto content = file.stream(entry);
    read += content.size();
    if (look.files.size() < files_limit && name == "\x01ole10native") look.files.push_back(packed_file(content));
    if (look.files.size() < files_limit && name == "package") look.files.push_back({{}, content});
    if (name == "workbook" || name == "book") look_at_workbook(content, look);
    // [MS-DOC] 2.5.2: wIdent, fEncrypted.
    if (name == "worddocument" && number(content, 0, 2) == 0xa5ec && (number(content, 10, 2) & 0x100) != 0)
      look.encrypted = true;
    // A module's source begins with "Attribute", packed behind the container's mark and the first chunk's header.
    const std::string_view text{content};
    for (auto at = text.find("\0Attribut"sv); at != std::string_view::npos; at = text.find("\0Attribut"sv, at + 1)) {
      if (at < 3 || text[at - 3] != '\x01') continue;
      look.macros = true;
      if (sources >= sources_limit) break;
      const auto source = decompress_vba(text.substr(at - 3), stream_limit);
      sources += source.size() + least_source;
      look_at_source(source, look);
    }
  }
  if (look.kind == "ole" && look.macros) look.kind = "vba";
  return look;
}

}  // namespace mailreeve::scan
