// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/date.h"

namespace mailreeve::cli {
namespace {

constexpr std::size_t reply_width = 60;  // characters of a reply in the list; `queue show` prints all of it

/// Characters, not octets: UTF-8 continuation octets take no room.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string shortened(std::string text) {
  if (width(text) <= reply_width) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins && seen++ == reply_width - 3) break;
  }
  return text.substr(0, end) + "...";
}

std::string time_until(WallTime due, WallTime now) { return due <= now ? "now" : "in " + format_age(due - now); }

std::string sender_of(const web::QueueEntry& entry) { return entry.sender ? printable(*entry.sender) : "<>"; }

}  // namespace

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return out;
}

std::string format_age(std::chrono::milliseconds age) {
  const auto seconds = std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count(), 0);
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

std::string format_size(std::uint64_t octets) {
  if (octets < 1024) return fmt::format("{}", octets);
  double size = static_cast<double>(octets);
  for (const char unit : {'K', 'M', 'G'}) {
    size /= 1024;
    if (size < 9.95) return fmt::format("{:.1f}{}", size, unit);
    if (size < 1023.5 || unit == 'G') return fmt::format("{:.0f}{}", size, unit);
  }
  return {};
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool is_c1 = octet == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) {
      out += "??";
      ++i;
    } else {
      out += octet < 0x20 || octet == 0x7F ? '?' : text[i];
    }
  }
  return out;
}

std::string format_queue(const std::vector<web::QueueEntry>& entries, WallTime now) {
  if (entries.empty()) return "The queue is empty.\n";
  std::vector<std::vector<std::string>> rows{
      {"ID", "AGE", "SIZE", "SENDER", "RECIPIENT", "STATE", "ATTEMPTS", "NEXT", "LAST REPLY"}};
  for (const auto& entry : entries) {
    for (const auto& recipient : entry.recipients) {
      const auto state = entry.damaged ? recipient.state + ", damaged" : recipient.state;
      std::string next = "-";
      if (recipient.due) next = recipient.owner.empty() ? time_until(*recipient.due, now) : "under way";
      rows.push_back({entry.id, format_age(now - entry.accepted), format_size(entry.size), sender_of(entry),
                      printable(recipient.address), state, fmt::format("{}", recipient.attempts), next,
                      shortened(printable(recipient.reply))});
    }
  }
  return format_table(rows);
}

std::string format_message(const web::QueueEntry& entry, WallTime now) {
  std::vector<std::vector<std::string>> facts{
      {"id", entry.id},
      {"accepted", fmt::format("{} ({} ago)", mail::iso8601(entry.accepted), format_age(now - entry.accepted))},
      {"size", fmt::format("{} octets", entry.size)},
      {"sha256", printable(entry.sha256)},
      {"sender", sender_of(entry)},
      {"client", fmt::format("{} ({})", printable(entry.client), printable(entry.helo))},
      {"listener", printable(entry.listener)},
  };
  if (entry.damaged) facts.push_back({"damaged", "the stored body does not match its SHA-256: it is not delivered"});
  auto out = format_table(facts);
  for (const auto& recipient : entry.recipients) {
    out += '\n';
    std::vector<std::vector<std::string>> rows{{"recipient", printable(recipient.address)},
                                               {"  destination", printable(recipient.destination)},
                                               {"  state", printable(recipient.state)},
                                               {"  attempts", fmt::format("{}", recipient.attempts)}};
    if (recipient.due) {
      rows.push_back(
          {"  next attempt", fmt::format("{} ({})", mail::iso8601(*recipient.due), time_until(*recipient.due, now))});
    }
    if (!recipient.owner.empty()) rows.push_back({"  under way by", printable(recipient.owner)});
    if (!recipient.reply.empty()) rows.push_back({"  last reply", printable(recipient.reply)});
    out += format_table(rows);
  }
  return out;
}

}  // namespace mailreeve::cli
