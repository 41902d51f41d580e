// SPDX-License-Identifier: Apache-2.0
#include "gateway/privileges.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace mailreeve::gateway {
namespace {

constexpr ::mode_t private_directory = 0700;
constexpr ::mode_t private_file = 0600;
constexpr ::mode_t of_others = 0077;
constexpr unsigned long most_capabilities = 64;  // the kernel's sets are 64 bits wide
constexpr std::size_t account_text = 16 * 1024;  // octets of names and paths of one account

struct Account {
  ::uid_t uid = 0;
  ::gid_t gid = 0;
};

std::unexpected<Error> system_failure(std::string_view what) {
  return fail(ErrorKind::io, fmt::format("{}: {}", what, std::strerror(errno)));
}

Result<Account> find_account(const std::string& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> text(account_text);
  const int error = ::getpwnam_r(user.c_str(), &entry, text.data(), text.size(), &found);
  if (found == nullptr) {
    const auto* const why = error == 0 ? "there is no such account" : std::strerror(error);
    return fail(ErrorKind::not_found,
                fmt::format("user \"{}\": {}; make it with: useradd --system --no-create-home {}", user, why, user));
  }
  if (entry.pw_uid == 0) {
    return fail(ErrorKind::invalid,
                fmt::format("user \"{}\" is root under another name; name an ordinary account", user));
  }
  return Account{entry.pw_uid, entry.pw_gid};
}

std::string account_name(::uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> text(account_text);
  ::getpwuid_r(uid, &entry, text.data(), text.size(), &found);
  return found != nullptr ? std::string{entry.pw_name} : fmt::format("#{}", uid);
}

using CapabilitySets = std::array<__user_cap_data_struct, 2>;

Result<CapabilitySets> capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilitySets sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return system_failure("capget");
  return sets;
}

Result<void> clear_capabilities() {
  // The bounding set needs CAP_SETPCAP; who lacks it gains nothing by the set either, for no_new_privs follows.
  for (unsigned long capability = 0; capability < most_capabilities; ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return system_failure("cannot clear the ambient capabilities");
  }
  return {};
}

Result<void> empty_capability_sets() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const CapabilitySets none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return system_failure("cannot give up capabilities");
  auto left = capabilities();
  if (!left) return fail(left);
  for (const auto& set : *left) {
    if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0) {
      return fail(ErrorKind::internal, "capabilities remain after they were given up");
    }
  }
  return {};
}

Result<void> become(const std::string& user, const Account& account) {
  if (::initgroups(user.c_str(), account.gid) != 0) return system_failure("cannot take the groups of " + user);
  if (::setresgid(account.gid, account.gid, account.gid) != 0)
    return system_failure("cannot take the group of " + user);
  if (::setresuid(account.uid, account.uid, account.uid) != 0) return system_failure("cannot become " + user);
  return {};
}

Result<void> check_no_way_back(const std::string& user) {
  const bool came_back = ::setuid(0) == 0 || ::seteuid(0) == 0 || ::setgid(0) == 0 || ::setegid(0) == 0;
  if (came_back || ::getuid() == 0 || ::geteuid() == 0 || ::getegid() == 0) {
    return fail(ErrorKind::internal, fmt::format("became {} but root could be had back; refusing to run", user));
  }
  return {};
}

Result<void> lock_down() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_failure("cannot set no_new_privs");
#if !__has_feature(address_sanitizer)  // its leak check traces the process from within
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_failure("cannot forbid core dumps");
#endif
  return {};
}

/// Makes and gives away through one descriptor, so that nobody can put a link in its place in between.
Result<void> give_to(const std::string& path, const Account& account) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return system_failure("cannot open " + path);
  const int done = ::fchown(descriptor, account.uid, account.gid);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (done != 0) return system_failure("cannot give away " + path);
  return {};
}

Result<void> check_owner(const std::string& path, ::uid_t owner, ::uid_t wanted) {
  if (owner == wanted) return {};
  const auto name = account_name(wanted);
  return fail(ErrorKind::invalid, fmt::format("the data folder {} belongs to {}, not to {}; type: chown -R {} {}", path,
                                              account_name(owner), name, name, path));
}

/// Is there nothing, or a database of ours?
bool is_for_us_alone(const std::string& path) {
  std::error_code ignored;
  bool is_empty = true;
  for (std::filesystem::directory_iterator entry{path, ignored}, end; entry != end; entry.increment(ignored)) {
    const auto name = entry->path().filename().string();
    if (name == "queue.db" || name == "words.db") return true;
    if (name != "lost+found") is_empty = false;
  }
  return is_empty;
}

/// A database and what SQLite puts beside it. No link is followed: the folder's owner may be another than we are now.
void close_file(int folder, const std::string& name) {
  if (name.find(".db") == std::string::npos) return;
  const int file = ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return;
  struct stat facts{};
  if (::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_nlink == 1) {
    [[maybe_unused]] const int changed = ::fchmod(file, private_file);
  }
  ::close(file);
}

Result<void> close_to_others(const std::string& path, Logger& log) {
  const auto advice = fmt::format("mail lies there; type: chmod 700 {}", path);
  if (!is_for_us_alone(path)) {
    return fail(ErrorKind::invalid,
                fmt::format("the data folder {} is open to other users and holds other things, too; "
                            "name another data-dir, or, for {}",
                            path, advice));
  }
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return system_failure("cannot open " + path);
  const bool closed = ::fchmod(folder, private_directory) == 0;
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry{path, ignored}, end; closed && entry != end;
       entry.increment(ignored)) {
    close_file(folder, entry->path().filename().string());
  }
  ::close(folder);
  if (!closed) {
    return fail(ErrorKind::invalid,
                fmt::format("the data folder {} is open to other users and we cannot change that; {}", path, advice));
  }
  log.warning("data folder closed", {{"path", path}, {"because", "other users could read mail in it"}});
  return {};
}

}  // namespace

Result<void> prepare_data_dir(const std::string& path, const std::string& user, Logger& log) {
  Account account{::geteuid(), ::getegid()};
  const bool gives_away = account.uid == 0 && !user.empty();
  if (gives_away) {
    auto found = find_account(user);
    if (!found) return fail(found);
    account = *found;
  }
  const auto parent = std::filesystem::path{path}.parent_path();
  std::error_code ignored;  // mkdir below says what is wrong
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  if (::mkdir(path.c_str(), private_directory) == 0) {
    return gives_away ? give_to(path, account) : Result<void>{};
  }
  const int error = errno;
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    errno = error;
    return system_failure(fmt::format("cannot make the data folder {}", path));
  }
  if (!S_ISDIR(facts.st_mode)) return fail(ErrorKind::invalid, fmt::format("the data-dir {} is not a folder", path));
  if (gives_away) {
    auto owned = check_owner(path, facts.st_uid, account.uid);
    if (!owned) return owned;
  }
  return (facts.st_mode & of_others) == 0 ? Result<void>{} : close_to_others(path, log);
}

Result<void> drop_privileges(const std::string& user, Logger& log) {
  const auto me = ::geteuid();
  if (me == 0 && user.empty()) {
    log.warning("running as root", {{"advice", "name an account in the setting \"user\""}});
    return lock_down();
  }
  Account account{me, ::getegid()};
  if (!user.empty()) {
    auto found = find_account(user);
    if (!found) return fail(found);
    account = *found;
  }
  if (me != 0 && account.uid != me) {
    return fail(ErrorKind::invalid, fmt::format("the settings say user = \"{}\", but {} started us and cannot become "
                                                "another; start as root or as {}",
                                                user, account_name(me), user));
  }
  auto cleared = clear_capabilities();
  if (!cleared) return fail(cleared);
  if (me == 0) {
    auto became = become(user, account);
    if (!became) return fail(became);
  }
  auto emptied = empty_capability_sets();
  if (!emptied) return fail(emptied);
  auto checked = check_no_way_back(user.empty() ? account_name(me) : user);
  if (!checked) return fail(checked);
  return lock_down();
}

}  // namespace mailreeve::gateway
