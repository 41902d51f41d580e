// SPDX-License-Identifier: Apache-2.0
#include "cli/message_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/dns_options.h"

namespace mailreeve::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view separator = "From ";

void add_files_in(const fs::path& directory, std::vector<std::string>& files,
                  const std::function<void(const Error& error)>& failed) {
  std::error_code error;
  std::vector<std::string> inside;
  for (fs::directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (!is_hidden && entry->is_regular_file(ignored)) inside.push_back(entry->path().string());
  }
  if (error) failed({ErrorKind::io, Blame::local, fmt::format("{}: {}", directory.string(), error.message())});
  std::ranges::sort(inside);
  files.insert(files.end(), inside.begin(), inside.end());
}

/// Undoes the quoting of "From " at the beginning of lines, as mboxrd does it: one ">" goes from each ">*From ".
void append_line(std::string& message, std::string_view line) {
  const auto quoted = line.find_first_not_of('>');
  if (quoted != 0 && quoted != std::string_view::npos && line.substr(quoted).starts_with(separator)) {
    line.remove_prefix(1);
  }
  message += line;
}

}  // namespace

bool is_one_file(const std::vector<std::string>& paths) {
  std::error_code ignored;
  return paths.size() == 1 && !fs::is_directory(paths.front(), ignored);
}

std::vector<std::string> mbox_messages(std::string_view text) {
  std::vector<std::string> messages;
  if (!text.starts_with(separator)) return messages;
  bool after_empty = true;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end == std::string_view::npos ? end : end + 2);
    text.remove_prefix(line.size());
    if (after_empty && line.starts_with(separator)) {
      // The empty line before it belongs to the mbox.
      if (!messages.empty() && messages.back().ends_with("\r\n\r\n"))
        messages.back().resize(messages.back().size() - 2);
      messages.emplace_back();
    } else {
      append_line(messages.back(), line);
    }
    after_empty = line == "\r\n";
  }
  return messages;
}

void for_each_message(const std::vector<std::string>& paths,
                      const std::function<void(const std::string& name, std::string_view message, bool of_mbox)>& take,
                      const std::function<void(const Error& error)>& failed) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::error_code ignored;
    const fs::path here{path};
    if (fs::is_directory(here / "cur", ignored) && fs::is_directory(here / "new", ignored)) {
      add_files_in(here / "cur", files, failed);
      add_files_in(here / "new", files, failed);
    } else if (fs::is_directory(here, ignored)) {
      add_files_in(here, files, failed);
    } else {
      files.push_back(path);
    }
  }
  for (const auto& file : files) {
    const auto text = read_message_file(file);
    if (!text) {
      failed(text.error());
      continue;
    }
    const auto messages = mbox_messages(*text);
    if (messages.empty()) take(file, *text, false);
    for (std::size_t i = 0; i < messages.size(); ++i) take(fmt::format("{}:{}", file, i + 1), messages[i], true);
  }
}

}  // namespace mailreeve::cli
