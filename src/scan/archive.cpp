// SPDX-License-Identifier: Apache-2.0
#include "scan/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "scan/charset.h"
#include "scan/zip_directory.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t name_limit = 1000;

struct Close {
  void operator()(::archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<::archive, Close>;

constexpr std::array compressed = {"gz", "bz2", "xz", "zst", "lz4", "lzip", "compress"};
constexpr std::array containers = {"zip", "7z", "rar", "tar", "cab", "iso", "cpio", "ar", "lha", "xar", "rpm"};

bool is_one_of(const auto& list, std::string_view type) {
  return std::ranges::any_of(list, [type](std::string_view known) { return known == type; });
}

Reader open(std::string_view bytes, bool raw) {
  Reader reader{archive_read_new()};
  if (!reader) return reader;
  auto* in = reader.get();
  archive_read_support_filter_gzip(in);
  archive_read_support_filter_bzip2(in);
  archive_read_support_filter_xz(in);
  archive_read_support_filter_lzip(in);
  archive_read_support_filter_compress(in);
  archive_read_support_filter_zstd(in);
  archive_read_support_filter_lz4(in);
  archive_read_support_filter_rpm(in);
  if (raw) {
    archive_read_support_format_raw(in);
  } else {
    archive_read_support_format_zip(in);
    archive_read_support_format_7zip(in);
    archive_read_support_format_rar(in);
    archive_read_support_format_rar5(in);
    archive_read_support_format_tar(in);
    archive_read_support_format_gnutar(in);
    archive_read_support_format_cab(in);
    archive_read_support_format_iso9660(in);
    archive_read_support_format_cpio(in);
    archive_read_support_format_ar(in);
    archive_read_support_format_lha(in);
    archive_read_support_format_xar(in);
  }
  if (archive_read_open_memory(in, bytes.data(), bytes.size()) < ARCHIVE_WARN) return nullptr;
  return reader;
}

std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? std::string{} : to_utf8(name, {}, name_limit).utf8;
}

class Unpacking {
 public:
  Unpacking(std::string_view bytes, const Place& place, const Limits& limits, Budget& budget, Notes& notes,
            const std::function<void(const Member&)>& visit)
      : packed_{bytes.size()}, place_{place}, limits_{limits}, budget_{budget}, notes_{notes}, visit_{visit} {}

  enum class Kind : std::uint8_t { container, maybe_container, compressed };

  /// False: nothing could be read in this way.
  bool run(::archive* in, Kind kind) {
    bool any = false;
    while (true) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(in, &entry);
      if (status == ARCHIVE_EOF) break;
      if (status == ARCHIVE_RETRY) continue;
      if (status < ARCHIVE_WARN) {
        if (archive_read_has_encrypted_entries(in) > 0) {
          notes_.add("archive.encrypted", place_, "its list of files is encrypted");
          encrypted_ = true;
          return true;
        }
        if (any || kind == Kind::container) broken(in);
        return any;
      }
      any = true;
      if (budget_.items == 0) {
        notes_.add("scan.limit.items", place_, fmt::format("more than {} files", limits_.items));
        return true;
      }
      --budget_.items;
      if (!read_member(in, entry, kind == Kind::compressed)) return true;
    }
    return any;
  }

  bool encrypted() const { return encrypted_; }

 private:
  void broken(::archive* in) {
    const char* why = archive_error_string(in);
    notes_.add("archive.broken", place_, why == nullptr ? "it cannot be read to its end" : why);
  }

  /// False: the whole archive has been enough.
  bool read_member(::archive* in, archive_entry* entry, bool raw) {
    Member member;
    if (!raw) member.name = name_of(entry);
    if (archive_entry_filetype(entry) == AE_IFDIR) return true;
    if (archive_entry_symlink(entry) != nullptr || archive_entry_hardlink(entry) != nullptr) {
      notes_.add("archive.link", place_, fmt::format("{} is a link", member.name));
    }
    member.encrypted = archive_entry_is_data_encrypted(entry) != 0 || archive_entry_is_metadata_encrypted(entry) != 0;
    if (member.encrypted) {
      encrypted_ = true;
      notes_.add("archive.encrypted", place_, fmt::format("{} is encrypted", member.name));
      visit_(member);
      return true;
    }
    std::string bytes;
    const bool go_on = unpack(in, bytes, member);
    member.bytes = bytes;
    visit_(member);
    return go_on;
  }

  bool unpack(::archive* in, std::string& bytes, Member& member) {
    char buffer[64U << 10];
    while (true) {
      const auto got = archive_read_data(in, buffer, sizeof buffer);
      if (got == 0) return true;
      if (got == ARCHIVE_RETRY) continue;
      if (got < 0) {
        member.whole = false;
        broken(in);
        return true;
      }
      const auto size = static_cast<std::uint64_t>(got);
      unpacked_ += size;
      if (is_dense())
        notes_.add("scan.limit.ratio", place_, fmt::format("more than {} octets from each one", limits_.ratio));
      if (budget_.bytes < size) {
        notes_.add(notes_.has("scan.limit.ratio") ? "scan.limit.bomb" : "scan.limit.size", place_,
                   fmt::format("more than {} octets unpacked", limits_.decoded_bytes));
        budget_.bytes = 0;
        member.whole = false;
        return false;
      }
      budget_.bytes -= size;
      if (!member.whole || bytes.size() + size > limits_.member_bytes) {
        notes_.add("scan.limit.size", place_,
                   fmt::format("{} is larger than {} octets", member.name, limits_.member_bytes));
        member.whole = false;
        // What is dense is unpacked on, to be counted: what skips it would unpack it too.
        if (!is_dense()) return true;
      } else {
        bytes.append(buffer, size);
      }
    }
  }

  /// A white page of a fax is, too; and a bomb goes on and on.
  bool is_dense() const {
    return unpacked_ > limits_.ratio_from && unpacked_ / std::max<std::uint64_t>(packed_, 1) > limits_.ratio;
  }

  std::uint64_t packed_;
  std::uint64_t unpacked_ = 0;
  bool encrypted_ = false;
  const Place& place_;
  const Limits& limits_;
  Budget& budget_;
  Notes& notes_;
  const std::function<void(const Member&)>& visit_;
};

}  // namespace

bool is_archive(std::string_view type) { return is_one_of(compressed, type) || is_one_of(containers, type); }

ArchiveLook open_archive(std::string_view bytes, std::string_view type, const Place& place, const Limits& limits,
                         Budget& budget, Notes& notes, const std::function<void(const Member&)>& visit) {
  if (type == "zip") {
    const auto look = look_at_zip(bytes);
    if (!look.problem.empty()) notes.add("archive.ambiguous", place, look.problem);
    // Members that only some programs would show, by the name that they would show.
    for (const auto& name : look.other_names) {
      if (budget.items == 0) break;
      --budget.items;
      visit({to_utf8(name, {}, name_limit).utf8, {}, false, false});
    }
  }
  using Kind = Unpacking::Kind;
  Unpacking unpacking{bytes, place, limits, budget, notes, visit};
  const bool alone = is_one_of(compressed, type);
  const auto container = open(bytes, false);
  const bool read = container && unpacking.run(container.get(), alone ? Kind::maybe_container : Kind::container);
  if (read || !alone) {
    if (!read) notes.add("archive.broken", place, "it cannot be opened");
    return {unpacking.encrypted()};
  }
  const auto raw = open(bytes, true);
  if (!raw || !unpacking.run(raw.get(), Kind::compressed)) notes.add("archive.broken", place, "it cannot be unpacked");
  return {unpacking.encrypted()};
}

}  // namespace mailreeve::scan
