// SPDX-License-Identifier: Apache-2.0
#include "delivery/maildir.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailreeve::delivery {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_safe(std::string_view value) {
  if (value.empty() || value.size() > 255 || value.front() == '.') return false;
  return std::ranges::none_of(value,
                              [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// CRLF to LF; messages hold no other CR.
Result<void> write_lines(File& file, std::string_view bytes) {
  std::string lines;
  lines.reserve(bytes.size());
  std::ranges::copy_if(bytes, std::back_inserter(lines), [](char c) { return c != '\r'; });
  return file.write(lines);
}

Result<bool> lies_in(Files& files, const std::string& directory, std::string_view unique) {
  auto names = files.list(directory);
  if (!names) return fail(names);
  return std::ranges::any_of(*names, [unique](const std::string& name) {
    return name == unique || (name.starts_with(unique) && name[unique.size()] == ':');
  });
}

}  // namespace

Result<std::string> maildir_path(const Target& target, const mail::Mailbox& recipient) {
  const auto user = lower(recipient.local().substr(0, recipient.local().find('+')));
  const auto& domain = recipient.domain().text();
  const std::pair<std::string_view, std::string> values[] = {
      {"{user}", user}, {"{domain}", domain}, {"{address}", user + "@" + domain}};
  std::string path = target.path;
  for (const auto& [placeholder, value] : values) {
    for (auto at = path.find(placeholder); at != std::string::npos; at = path.find(placeholder, at + value.size())) {
      if (!is_safe(value)) {
        return fail(ErrorKind::invalid, fmt::format("no Maildir can bear the name of {}", recipient.text()),
                    Blame::peer);
      }
      path.replace(at, placeholder.size(), value);
    }
  }
  return path;
}

Result<void> deliver_to_maildir(Files& files, const std::string& path, const mail::Body& body, std::string_view unique,
                                std::string_view prepend) {
  for (const auto* part : {"/tmp", "/new", "/cur"}) {
    auto made = files.make_directories(path + part);
    if (!made) return made;
  }
  for (const auto* part : {"/new", "/cur"}) {
    auto there = lies_in(files, path + part, unique);
    if (!there) return fail(there);
    if (*there) return {};
  }
  const auto temporary = fmt::format("{}/tmp/{}", path, unique);
  // What an interrupted attempt left there is not a message yet.
  static_cast<void>(files.remove(temporary));
  auto file = files.create(temporary);
  if (!file) return fail(file);
  auto done = write_lines(**file, prepend);
  std::string scratch;
  for (std::uint64_t offset = 0; done && offset < body.size();) {
    auto bytes = body.read(offset, scratch);
    if (!bytes) return fail(bytes);
    if (bytes->empty()) return fail(ErrorKind::io, "the message is shorter than it should be");
    offset += bytes->size();
    done = write_lines(**file, *bytes);
  }
  if (done) done = (*file)->sync();
  if (done) done = files.rename(temporary, fmt::format("{}/new/{}", path, unique));
  if (!done) {
    static_cast<void>(files.remove(temporary));
    return done;
  }
  return files.sync_directory(path + "/new");
}

}  // namespace mailreeve::delivery
