// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <mutex>

namespace mailreeve {
namespace {

constexpr mode_t private_file = 0600;
constexpr mode_t private_directory = 0700;
constexpr auto free_space_memory = std::chrono::seconds{1};

std::unexpected<Error> file_error(std::string_view what, const std::string& path, int error) {
  auto kind = ErrorKind::io;
  if (error == ENOSPC || error == EDQUOT) kind = ErrorKind::full;
  if (error == ENOENT) kind = ErrorKind::not_found;
  return fail(kind, fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

class SystemFile final : public File {
 public:
  SystemFile(int descriptor, std::string path) : descriptor_{descriptor}, path_{std::move(path)} {}
  ~SystemFile() override { ::close(descriptor_); }
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return file_error("cannot write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
    std::size_t total = 0;
    while (total < size) {
      const auto got = ::pread(descriptor_, out + total, size - total, static_cast<off_t>(offset + total));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_error("cannot read", path_, errno);
      if (got == 0) break;
      total += static_cast<std::size_t>(got);
    }
    return total;
  }

  Result<void> sync() override {
    if (::fsync(descriptor_) != 0) return file_error("cannot sync", path_, errno);
    return {};
  }

 private:
  int descriptor_;
  std::string path_;
};

class SystemFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, private_file);
    if (descriptor < 0) return file_error("cannot create", path, errno);
    return std::make_unique<SystemFile>(descriptor, path);
  }

  Result<std::unique_ptr<File>> create_unnamed(const std::string& directory) override {
    const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, private_file);
    if (descriptor >= 0) return std::make_unique<SystemFile>(descriptor, directory + "/(temporary)");
    if (errno != EOPNOTSUPP && errno != EISDIR)
      return file_error("cannot create a temporary file in", directory, errno);
    // File systems without O_TMPFILE: a name for a moment.
    std::string path = directory + "/spool.XXXXXX";
    const int named = ::mkostemp(path.data(), O_CLOEXEC);
    if (named < 0) return file_error("cannot create a temporary file in", directory, errno);
    ::unlink(path.c_str());
    return std::make_unique<SystemFile>(named, path);
  }

  Result<std::string> read_all(const std::string& path, std::size_t limit) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return file_error("cannot open", path, errno);
    SystemFile file{descriptor, path};
    std::string whole;
    char bytes[65536];
    while (true) {
      auto got = file.read_at(whole.size(), bytes, sizeof bytes);
      if (!got) return fail(got);
      if (*got == 0) return whole;
      whole.append(bytes, *got);
      if (whole.size() > limit) return fail(ErrorKind::full, fmt::format("{} is larger than {} octets", path, limit));
    }
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return file_error("cannot rename to", to, errno);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return file_error("cannot remove", path, errno);
    return {};
  }

  Result<void> make_directories(const std::string& path) override {
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
      const auto part = path.substr(0, at);
      if (::mkdir(part.c_str(), private_directory) != 0) {
        const int error = errno;  // on a read-only disk mkdir may say so before it says EEXIST
        struct stat facts{};
        if (::stat(part.c_str(), &facts) != 0) return file_error("cannot make the directory", part, error);
        if (!S_ISDIR(facts.st_mode)) return file_error("cannot make the directory", part, ENOTDIR);
      }
      if (at == std::string::npos) return {};
    }
  }

  Result<void> sync_directory(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return file_error("cannot open", path, errno);
    return SystemFile{descriptor, path}.sync();
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* open = ::opendir(directory.c_str());
    if (open == nullptr) return file_error("cannot list", directory, errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(open)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    const int error = errno;  // half a list would make a delivered message look missing
    ::closedir(open);
    if (error != 0) return file_error("cannot list", directory, error);
    return names;
  }

  Result<std::uint64_t> free_bytes(const std::string& path) override {
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard lock{mutex_};
    if (asked_path_ == path && now - asked_ < free_space_memory) return free_;
    struct statvfs facts{};
    if (::statvfs(path.c_str(), &facts) != 0) return file_error("cannot ask for free space of", path, errno);
    asked_ = now;
    asked_path_ = path;
    free_ = std::uint64_t{facts.f_bavail} * facts.f_frsize;
    return free_;
  }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point asked_;
  std::string asked_path_;
  std::uint64_t free_ = 0;
};

}  // namespace

std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

}  // namespace mailreeve
