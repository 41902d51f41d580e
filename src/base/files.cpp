// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace mailreeve {
namespace {

constexpr mode_t file_mode = 0600;
constexpr mode_t directory_mode = 0700;

ErrorKind kind_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorKind::full;
    case ENOENT:
      return ErrorKind::not_found;
    case EEXIST:
      return ErrorKind::busy;
    default:
      return ErrorKind::io;
  }
}

std::unexpected<Error> failed(std::string_view what, std::string_view path, int number) {
  return fail(kind_of(number), fmt::format("Cannot {} {}: {}", what, path, std::system_category().message(number)));
}

int open_again(const char* path, int flags, mode_t mode = 0) {
  int descriptor = 0;
  do {
    descriptor = ::open(path, flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

class SystemFile final : public File {
 public:
  SystemFile(Descriptor descriptor, std::string path) : descriptor_{std::move(descriptor)}, path_{std::move(path)} {}

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_.get(), bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return failed("write to", path_, errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const auto got = ::pread(descriptor_.get(), out + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR) continue;
        return failed("read", path_, errno);
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> sync() override {
    if (::fsync(descriptor_.get()) != 0) return failed("sync", path_, errno);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string path_;  // for error texts
};

class SystemFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    Descriptor descriptor{open_again(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, file_mode)};
    if (!descriptor.is_open()) return failed("create", path, errno);
    return std::make_unique<SystemFile>(std::move(descriptor), path);
  }

  Result<std::unique_ptr<File>> create_unnamed(const std::string& directory) override {
    Descriptor descriptor{open_again(directory.c_str(), O_RDWR | O_TMPFILE, file_mode)};
    const std::string path = directory + "/(unnamed)";
    if (descriptor.is_open()) return std::make_unique<SystemFile>(std::move(descriptor), path);
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return failed("create a file in", directory, errno);

    // File systems without O_TMPFILE (NFS, older overlays): a name for as long as it takes to remove it.
    std::string name = directory + "/.mailreeve-XXXXXX";
    Descriptor named{::mkostemp(name.data(), O_CLOEXEC)};
    if (!named.is_open()) return failed("create a file in", directory, errno);
    if (::unlink(name.c_str()) != 0) return failed("remove", name, errno);
    return std::make_unique<SystemFile>(std::move(named), path);
  }

  Result<std::string> read_all(const std::string& path, std::size_t limit) override {
    Descriptor descriptor{open_again(path.c_str(), O_RDONLY)};
    if (!descriptor.is_open()) return failed("read", path, errno);
    std::string contents;
    std::array<char, 16384> buffer;
    for (;;) {
      const auto got = ::read(descriptor.get(), buffer.data(), buffer.size());
      if (got < 0) {
        if (errno == EINTR) continue;
        return failed("read", path, errno);
      }
      if (got == 0) return contents;
      if (contents.size() + static_cast<std::size_t>(got) > limit) {
        return fail(ErrorKind::full, fmt::format("{} is larger than the {} bytes allowed for it", path, limit));
      }
      contents.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed(fmt::format("rename {} to", from), to, errno);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return failed("remove", path, errno);
    return {};
  }

  Result<void> make_directories(const std::string& path) override {
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const auto part = path.substr(0, slash);
      if (!part.empty() && ::mkdir(part.c_str(), directory_mode) != 0 && !is_directory(part)) {
        return failed("make the directory", part, errno);
      }
      if (slash == std::string::npos) return {};
    }
  }

  Result<void> sync_directory(const std::string& path) override {
    Descriptor descriptor{open_again(path.c_str(), O_RDONLY | O_DIRECTORY)};
    if (!descriptor.is_open()) return failed("open the directory", path, errno);
    if (::fsync(descriptor.get()) != 0) return failed("sync the directory", path, errno);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::opendir(directory.c_str()), &::closedir};
    if (!stream) return failed("list", directory, errno);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string_view name{entry->d_name};
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return failed("list", directory, errno);
    return names;
  }

 private:
  /// Leaves errno as it was, for the error text of the caller.
  static bool is_directory(const std::string& path) {
    const int before = errno;
    struct stat status{};
    const bool yes = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    errno = before;
    return yes;
  }
};

}  // namespace

std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

}  // namespace mailreeve
