// SPDX-License-Identifier: Apache-2.0
#include "cli/message_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/dns_options.h"

namespace mailreeve::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view separator = "From ";
constexpr std::size_t most_folders_told = 10;

/// Reads line by line without ever holding more than a block: what is longer comes in pieces.
class Lines {
 public:
  explicit Lines(std::istream& file) : file_{file}, block_(64U << 10, '\0') {}

  struct Piece {
    std::string_view text;  // with its LF, where it has one
    bool begins_line = true;
  };
  /// Valid until the next call. False: the end.
  bool next(Piece& piece) {
    auto end = rest().find('\n');
    if (end == std::string_view::npos && filled_ - at_ < block_.size()) {
      fill();
      end = rest().find('\n');
    }
    if (rest().empty()) return false;
    const auto length = end == std::string_view::npos ? rest().size() : end + 1;
    piece = {rest().substr(0, length), begins_line_};
    begins_line_ = end != std::string_view::npos;
    at_ += length;
    return true;
  }

 private:
  std::string_view rest() const { return std::string_view{block_}.substr(at_, filled_ - at_); }
  void fill() {
    std::memmove(block_.data(), block_.data() + at_, filled_ - at_);
    filled_ -= at_;
    at_ = 0;
    while (filled_ < block_.size() && file_.good()) {
      file_.read(block_.data() + filled_, static_cast<std::streamsize>(block_.size() - filled_));
      filled_ += static_cast<std::size_t>(file_.gcount());
    }
  }

  std::istream& file_;
  std::string block_;
  std::size_t at_ = 0, filled_ = 0;
  bool begins_line_ = true;
};

/// One message as it grows.
class Growing {
 public:
  explicit Growing(std::size_t limit) : limit_{limit} {}

  void append(std::string_view text) {
    if (too_big_) return;
    const bool bare = text.ends_with('\n') && !text.ends_with("\r\n") && !(text.size() == 1 && bytes_.ends_with('\r'));
    if (bare) text.remove_suffix(1);
    bytes_ += text;
    if (bare) bytes_ += "\r\n";
    too_big_ = bytes_.size() > limit_;
    if (too_big_) std::string{}.swap(bytes_);
  }
  /// The empty line before the next message belongs to the mbox.
  void drop_last_line() {
    if (bytes_.ends_with("\r\n\r\n")) bytes_.resize(bytes_.size() - 2);
  }
  void clear() {
    bytes_.clear();
    too_big_ = false;
  }
  const std::string& bytes() const { return bytes_; }
  bool too_big() const { return too_big_; }

 private:
  std::string bytes_;
  std::size_t limit_;
  bool too_big_ = false;
};

/// Undoes the quoting of "From " at the beginning of lines, as mboxrd does it: one ">" goes from each ">*From ".
std::string_view unquoted(std::string_view line) {
  const auto quoted = line.find_first_not_of('>');
  if (quoted != 0 && quoted != std::string_view::npos && line.substr(quoted).starts_with(separator)) {
    line.remove_prefix(1);
  }
  return line;
}

/// What a list of paths comes to.
class Finder {
 public:
  Finder(const TellError& failed, const TellRemark& remark) : failed_{failed}, remark_{remark} {}

  void add(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      files_.push_back(path.string());
      return;
    }
    const auto before = files_.size();
    const bool is_maildir = fs::is_directory(path / "cur", ignored) && fs::is_directory(path / "new", ignored);
    folders_.clear();
    if (is_maildir) {
      add_files_in(path / "cur", true);
      add_files_in(path / "new", true);
    }
    add_files_in(path, !is_maildir);
    if (files_.size() == before) remark_(fmt::format("{}: no messages in it", path.string()));
    tell_folders(path, is_maildir);
  }
  const std::vector<std::string>& files() const { return files_; }

 private:
  void add_files_in(const fs::path& directory, bool takes_files) {
    std::error_code error;
    std::vector<std::string> inside;
    for (fs::directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error)) {
      std::error_code ignored;
      const auto name = entry->path().filename().string();
      if (entry->is_directory(ignored)) {
        folders_.push_back(name);
      } else if (takes_files && !name.starts_with('.') && entry->is_regular_file(ignored)) {
        inside.push_back(entry->path().string());
      }
    }
    if (error) failed_({ErrorKind::io, Blame::local, fmt::format("{}: {}", directory.string(), error.message())});
    std::ranges::sort(inside);
    files_.insert(files_.end(), inside.begin(), inside.end());
  }

  void tell_folders(const fs::path& path, bool is_maildir) {
    if (is_maildir) {
      std::erase_if(folders_, [](const auto& name) { return name == "cur" || name == "new" || name == "tmp"; });
    }
    if (folders_.empty()) return;
    std::ranges::sort(folders_);
    const auto all = folders_.size();
    folders_.resize(std::min(all, most_folders_told));
    remark_(fmt::format("{}: folders not entered: {}{}", path.string(), fmt::join(folders_, ", "),
                        all > most_folders_told ? fmt::format(" and {} more", all - most_folders_told) : ""));
  }

  const TellError& failed_;
  const TellRemark& remark_;
  std::vector<std::string> files_;
  std::vector<std::string> folders_;  // in the directory at hand
};

}  // namespace

bool is_one_file(const std::vector<std::string>& paths) {
  std::error_code ignored;
  return paths.size() == 1 && !fs::is_directory(paths.front(), ignored);
}

void for_each_message_in(std::istream& file, const std::string& name, const TakeMessage& take, const TellError& failed,
                         std::size_t limit) {
  Lines lines{file};
  Lines::Piece piece;
  Growing message{limit};
  bool is_mbox = false;
  bool after_empty = true;
  bool in_separator = false;
  std::size_t number = 0;
  const auto finish = [&] {
    const auto place = is_mbox ? fmt::format("{}:{}", name, number) : name;
    if (message.too_big()) {
      failed({ErrorKind::full, Blame::local,
              fmt::format("{} is larger than {} octets and left out: larger than messages may be", place, limit)});
    } else {
      take(place, message.bytes(), is_mbox);
    }
    message.clear();
  };
  bool first = true;
  while (lines.next(piece)) {
    if (first) is_mbox = piece.text.starts_with(separator);
    const bool begins_message = is_mbox && piece.begins_line && after_empty && piece.text.starts_with(separator);
    if (begins_message) {
      message.drop_last_line();
      if (!first) finish();
      ++number;
      in_separator = true;
    } else if (piece.begins_line) {
      in_separator = false;
    }
    if (!in_separator) message.append(is_mbox && piece.begins_line ? unquoted(piece.text) : piece.text);
    after_empty = piece.begins_line && (piece.text == "\n" || piece.text == "\r\n");
    first = false;
    if (!is_mbox && message.too_big()) break;
  }
  if (file.bad()) {
    failed({ErrorKind::io, Blame::local, fmt::format("cannot read {}: {}", name, std::strerror(errno))});
    return;
  }
  finish();
}

void for_each_message(const std::vector<std::string>& paths, const TakeMessage& take, const TellError& failed,
                      const TellRemark& remark) {
  Finder finder{failed, remark};
  for (const auto& path : paths) finder.add(path);
  for (const auto& path : finder.files()) {
    if (path == "-") {
      for_each_message_in(std::cin, path, take, failed);
      continue;
    }
    auto ordinary = check_ordinary(path);
    if (!ordinary) {
      failed(ordinary.error());
      continue;
    }
    std::ifstream file{path, std::ios::binary};
    if (file) {
      for_each_message_in(file, path, take, failed);
    } else {
      failed({ErrorKind::io, Blame::local, fmt::format("cannot open {}: {}", path, std::strerror(errno))});
    }
  }
}

}  // namespace mailreeve::cli
