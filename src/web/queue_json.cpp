// SPDX-License-Identifier: Apache-2.0
#include "web/queue_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>

#include "base/digest.h"
#include "mail/date.h"
#include "web/call.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;

/// Reads what mail::iso8601 wrote.
WallTime read_time(const bj::value& value) {
  const std::string text{value.as_string().c_str()};
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%3uZ", &year, &month, &day, &hour, &minute, &second, &milli) !=
      7) {
    throw std::invalid_argument("no time: " + text);
  }
  using namespace std::chrono;
  return WallTime{sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}} + hours{hour} +
                  minutes{minute} + seconds{second} + milliseconds{milli}};
}

std::string read_text(const bj::value& value) {
  const auto& text = value.as_string();
  return {text.data(), text.size()};
}

QueueEntry::Recipient read_recipient(const bj::object& object) {
  QueueEntry::Recipient recipient;
  recipient.number = object.at("number").to_number<std::uint32_t>();
  recipient.address = read_text(object.at("address"));
  recipient.destination = read_text(object.at("destination"));
  recipient.state = read_text(object.at("state"));
  recipient.attempts = object.at("attempts").to_number<std::uint32_t>();
  if (const auto* due = object.if_contains("due"); due != nullptr && !due->is_null()) recipient.due = read_time(*due);
  recipient.reply = read_text(object.at("reply"));
  recipient.owner = read_text(object.at("owner"));
  return recipient;
}

QueueEntry read_entry(const bj::object& object) {
  QueueEntry entry;
  entry.id = read_text(object.at("id"));
  entry.accepted = read_time(object.at("accepted"));
  entry.size = object.at("size").to_number<std::uint64_t>();
  entry.sha256 = read_text(object.at("sha256"));
  if (!object.at("sender").is_null()) entry.sender = read_text(object.at("sender"));
  entry.client = read_text(object.at("client"));
  entry.helo = read_text(object.at("helo"));
  entry.listener = read_text(object.at("listener"));
  entry.damaged = object.at("damaged").as_bool();
  for (const auto& recipient : object.at("recipients").as_array()) {
    entry.recipients.push_back(read_recipient(recipient.as_object()));
  }
  return entry;
}

// Boost.JSON tells a missing or other value by throwing.
template <class Read>
auto parse(std::string_view text, Read read) -> Result<decltype(read(std::declval<const bj::object&>()))> {
  try {
    const auto value = bj::parse({text.data(), text.size()});
    return read(value.as_object());
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid, fmt::format("the gateway's answer is not understood: {}", error.what()));
  }
}

}  // namespace

QueueEntry to_entry(const store::QueuedMessage& message) {
  QueueEntry entry;
  entry.id = message.id.text();
  entry.accepted = message.accepted;
  entry.size = message.size;
  entry.sha256 = hex(message.sha256);
  if (message.envelope.sender) entry.sender = readable(message.envelope.sender->text());
  entry.client = message.origin.client.text();
  entry.helo = readable(message.origin.helo);
  entry.listener = message.origin.listener;
  entry.damaged = message.damaged;
  for (const auto& from : message.recipients) {
    QueueEntry::Recipient recipient;
    recipient.number = from.number;
    recipient.address = readable(from.envelope.address.text());
    recipient.destination = readable(from.destination);
    recipient.state = store::name(from.state);
    recipient.attempts = from.attempts;
    if (from.state == store::RecipientState::queued) recipient.due = from.due;
    recipient.reply = readable(from.last_reply);
    recipient.owner = readable(from.owner);
    entry.recipients.push_back(std::move(recipient));
  }
  return entry;
}

bj::value to_json(const QueueEntry& entry) {
  bj::array recipients;
  for (const auto& recipient : entry.recipients) {
    bj::value due;
    if (recipient.due) due = mail::iso8601(*recipient.due);
    recipients.push_back(bj::object{{"number", recipient.number},
                                    {"address", recipient.address},
                                    {"destination", recipient.destination},
                                    {"state", recipient.state},
                                    {"attempts", recipient.attempts},
                                    {"due", std::move(due)},
                                    {"reply", recipient.reply},
                                    {"owner", recipient.owner}});
  }
  bj::value sender;
  if (entry.sender) sender = *entry.sender;
  return bj::object{{"id", entry.id},
                    {"accepted", mail::iso8601(entry.accepted)},
                    {"size", entry.size},
                    {"sha256", entry.sha256},
                    {"sender", std::move(sender)},
                    {"client", entry.client},
                    {"helo", entry.helo},
                    {"listener", entry.listener},
                    {"damaged", entry.damaged},
                    {"recipients", std::move(recipients)}};
}

bj::value to_json(const QueuePage& page) {
  bj::array messages;
  for (const auto& entry : page.messages) messages.push_back(to_json(entry));
  bj::object object{{"messages", std::move(messages)}};
  if (page.next.empty()) {
    object["next"] = nullptr;
  } else {
    object["next"] = page.next;
  }
  return object;
}

Result<QueueEntry> parse_queue_entry(std::string_view text) {
  return parse(text, [](const bj::object& object) { return read_entry(object); });
}

Result<QueuePage> parse_queue_page(std::string_view text) {
  return parse(text, [](const bj::object& object) {
    QueuePage page;
    for (const auto& message : object.at("messages").as_array())
      page.messages.push_back(read_entry(message.as_object()));
    if (!object.at("next").is_null()) page.next = read_text(object.at("next"));
    return page;
  });
}

}  // namespace mailreeve::web
