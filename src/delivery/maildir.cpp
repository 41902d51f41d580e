// SPDX-License-Identifier: Apache-2.0
#include "delivery/maildir.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace mailreeve::delivery {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Fit to be one part of a path: it can neither leave the folder nor hide in it.
bool is_safe(std::string_view value) {
  if (value.empty() || value.size() > 255 || value.front() == '.') return false;
  return std::ranges::none_of(value,
                              [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_missing(Files& files, const std::string& directory) {
  const auto names = files.list(directory);
  return !names && names.error().kind == ErrorKind::not_found;
}

/// Makes tmp, new and cur, and every folder above that is missing, and syncs all whose entries are new: without that
/// the power takes the whole Maildir with the message in it.
Result<void> make_maildir(Files& files, const std::string& path) {
  std::vector<std::string> changed{path};
  while (changed.back() != "/" && changed.back() != "." && is_missing(files, changed.back())) {
    changed.push_back(parent_of(changed.back()));
  }
  for (const auto* part : {"/tmp", "/new", "/cur"}) {
    auto made = files.make_directories(path + part);
    if (!made) return made;
  }
  for (const auto& directory : changed) {
    auto synced = files.sync_directory(directory);
    if (!synced) return synced;
  }
  return {};
}

/// Readers append to the name: ":2,S" for flags, and Dovecot ",S=1234" for the size.
bool bears_name(const std::string& name, std::string_view unique) {
  if (!name.starts_with(unique)) return false;
  return name.size() == unique.size() || name[unique.size()] == ':' || name[unique.size()] == ',';
}

/// CRLF to LF; messages hold no other CR.
Result<void> write_lines(File& file, std::string_view bytes) {
  std::string lines;
  lines.reserve(bytes.size());
  std::ranges::copy_if(bytes, std::back_inserter(lines), [](char c) { return c != '\r'; });
  return file.write(lines);
}

Result<void> write_message(File& file, const mail::Body& body, std::string_view prepend) {
  auto written = write_lines(file, prepend);
  std::string scratch;
  for (std::uint64_t offset = 0; written && offset < body.size();) {
    auto bytes = body.read(offset, scratch);
    if (!bytes) return fail(bytes);
    if (bytes->empty()) return fail(ErrorKind::io, "the stored message is shorter than it should be");
    offset += bytes->size();
    written = write_lines(file, *bytes);
  }
  if (!written) return written;
  return file.sync();
}

Result<std::unique_ptr<File>> create_in_maildir(Files& files, const std::string& path, const std::string& name) {
  auto file = files.create(name);
  if (file || file.error().kind != ErrorKind::not_found) return file;
  auto made = make_maildir(files, path);
  if (!made) return fail(made);
  return files.create(name);
}

}  // namespace

Result<std::string> maildir_path(const Target& target, const mail::Mailbox& recipient) {
  const auto user = lower(recipient.local().substr(0, recipient.local().find('+')));
  const auto& domain = recipient.domain().text();
  const std::pair<std::string_view, std::string> values[] = {
      {"{user}", user}, {"{domain}", domain}, {"{address}", user + "@" + domain}};
  std::string path;
  // One pass: a local part may itself read "{domain}" (RFC 5321 allows braces) and is not expanded again.
  for (std::string_view rest = target.path; !rest.empty();) {
    const auto* const found = std::ranges::find_if(values, [rest](const auto& v) { return rest.starts_with(v.first); });
    if (found == std::end(values)) {
      path += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    if (!is_safe(found->second)) {
      return fail(ErrorKind::invalid, fmt::format("no Maildir can bear the name of {}", recipient.text()), Blame::peer);
    }
    path += found->second;
    rest.remove_prefix(found->first.size());
  }
  return path;
}

Result<void> deliver_to_maildir(Files& files, const std::string& path, const mail::Body& body, std::string_view unique,
                                std::string_view prepend) {
  if (!is_safe(unique) || unique.find(':') != std::string_view::npos) {
    return fail(ErrorKind::internal, fmt::format("\"{}\" cannot be a file name in a Maildir", unique));
  }
  bool complete = true;
  for (const auto* part : {"/new", "/cur"}) {
    auto names = files.list(path + part);
    if (!names && names.error().kind != ErrorKind::not_found) return fail(names);
    if (!names) {
      complete = false;
    } else if (std::ranges::any_of(*names, [unique](const auto& name) { return bears_name(name, unique); })) {
      // The earlier attempt may have been stopped between its rename and its sync.
      return files.sync_directory(path + part);
    }
  }
  if (!complete) {
    auto made = make_maildir(files, path);
    if (!made) return made;
  }

  const auto temporary = fmt::format("{}/tmp/{}", path, unique);
  const auto final_name = fmt::format("{}/new/{}", path, unique);
  static_cast<void>(files.remove(temporary));  // what an interrupted attempt left there is not a message yet
  auto file = create_in_maildir(files, path, temporary);
  if (!file) return fail(file);
  auto done = write_message(**file, body, prepend);
  if (done) done = files.rename(temporary, final_name);
  if (!done) {
    static_cast<void>(files.remove(temporary));
    return done;
  }
  done = files.sync_directory(path + "/new");
  // A second sync after a failed one may lie: the next attempt has to write the message again.
  if (!done) static_cast<void>(files.remove(final_name));
  return done;
}

}  // namespace mailreeve::delivery
