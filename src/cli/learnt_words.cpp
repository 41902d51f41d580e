// SPDX-License-Identifier: Apache-2.0
#include "cli/learnt_words.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>

#include "store/sqlite/word_counts.h"

namespace mailreeve::cli {
namespace {

std::string path_of(const config::Settings& settings) { return settings.data_dir + "/words.db"; }

/// SQLite gives the files beside a database its owner when root writes: the database itself must have the right one.
void give_to_user(const std::string& path, const std::string& user) {
  if (::geteuid() != 0 || user.empty()) return;
  const auto* account = ::getpwnam(user.c_str());
  if (account == nullptr) return;
  const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return;
  [[maybe_unused]] const int changed = ::fchown(file, account->pw_uid, account->pw_gid);
  ::close(file);
}

}  // namespace

std::unique_ptr<store::WordCounts> learnt_words(const config::Settings& settings, Logger& log, std::ostream& err) {
  std::error_code ignored;
  if (!std::filesystem::exists(path_of(settings), ignored)) return nullptr;
  auto words = store::sqlite::open_word_counts(path_of(settings), log, store::sqlite::Loading::before_return);
  if (words) return std::move(*words);
  err << fmt::format("mailreeve: what was learnt is left out: {}\n", words.error().text);
  return nullptr;
}

Result<std::unique_ptr<store::WordCounts>> open_words(const config::Settings& settings, Logger& log) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(settings.data_dir, ignored)) {
    return fail(ErrorKind::not_found,
                fmt::format("no gateway runs and there is no directory {}; is data-dir right?", settings.data_dir));
  }
  give_to_user(path_of(settings), settings.user);
  return store::sqlite::open_word_counts(path_of(settings), log, store::sqlite::Loading::before_return);
}

}  // namespace mailreeve::cli
