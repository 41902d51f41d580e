// SPDX-License-Identifier: Apache-2.0
#include "scan/locked_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <ctime>
#include <memory>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t size_limit = 256U << 20;
constexpr std::size_t name_limit = 100;
constexpr std::time_t epoch_of_zip = 315'619'200;  // 1980-01-02: it has no earlier dates

struct CloseArchive {
  void operator()(archive* writer) const { ::archive_write_free(writer); }
};
struct CloseEntry {
  void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};

/// What every system takes as the name of a file in its folder.
std::string plain_name(std::string_view name) {
  std::string out{name.substr(0, name_limit)};
  for (auto& c : out) {
    if (!mail::is_alphanumeric(c) && c != '.' && c != '-' && c != '_') c = '_';
  }
  if (out.find_first_not_of('.') == std::string::npos) out = "message";
  return out;
}

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

Result<std::string> locked_zip(std::string_view file_name, std::string_view bytes, std::string_view password) {
  if (bytes.size() > size_limit) {
    return fail(ErrorKind::full,
                fmt::format("{} octets are too many for a ZIP (at most {})", bytes.size(), size_limit));
  }
  if (password.empty()) return fail(ErrorKind::invalid, "a ZIP without a password protects nobody");
  std::string out;
  const std::string secret{password};
  const std::unique_ptr<archive, CloseArchive> writer{::archive_write_new()};
  const auto broken = [&] {
    const auto* why = ::archive_error_string(writer.get());
    return fail(ErrorKind::internal, fmt::format("no ZIP could be made: {}", why == nullptr ? "no memory" : why));
  };
  if (!writer) return fail(ErrorKind::internal, "no ZIP could be made: no memory");
  const bool is_ready =
      ::archive_write_set_format_zip(writer.get()) == ARCHIVE_OK &&
      ::archive_write_set_options(writer.get(), "zip:encryption=traditional,zip:compression-level=1") == ARCHIVE_OK &&
      ::archive_write_set_passphrase(writer.get(), secret.c_str()) == ARCHIVE_OK &&
      ::archive_write_set_bytes_per_block(writer.get(), 0) == ARCHIVE_OK &&
      ::archive_write_open2(writer.get(), &out, nullptr, append, nullptr, nullptr) == ARCHIVE_OK;
  if (!is_ready) return broken();
  const std::unique_ptr<archive_entry, CloseEntry> entry{::archive_entry_new()};
  if (!entry) return broken();
  const auto name = plain_name(file_name);
  constexpr mode_t readable = 0600;
  ::archive_entry_set_pathname(entry.get(), name.c_str());
  ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  ::archive_entry_set_filetype(entry.get(), AE_IFREG);
  ::archive_entry_set_perm(entry.get(), readable);
  ::archive_entry_set_mtime(entry.get(), epoch_of_zip, 0);
  if (::archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK) return broken();
  while (!bytes.empty()) {
    const auto written = ::archive_write_data(writer.get(), bytes.data(), bytes.size());
    if (written <= 0) return broken();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::archive_write_close(writer.get()) != ARCHIVE_OK) return broken();
  return out;
}

}  // namespace mailreeve::scan
