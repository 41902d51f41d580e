// SPDX-License-Identifier: Apache-2.0
#include "web/quarantine_json.h"

#include "mail/date.h"
#include "web/call.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;

bj::array texts(const std::vector<std::string>& values) {
  bj::array all;
  for (const auto& value : values) all.emplace_back(readable(value));
  return all;
}

bj::value time_or_null(WallTime time) {
  if (time == WallTime{}) return nullptr;
  return bj::value(mail::iso8601(time));
}

/// On its way to the queue is as good as released to whoever looks.
std::string_view shown_state(store::HeldState state) {
  return name(state == store::HeldState::releasing ? store::HeldState::released : state);
}

}  // namespace

bj::object to_json(const store::HeldMessage& message, std::chrono::seconds keep) {
  bj::array recipients;
  for (const auto& recipient : message.recipients) {
    bj::object one;
    one["address"] = readable(recipient.envelope.address.text());
    one["state"] = shown_state(recipient.state);
    one["changed"] = time_or_null(recipient.changed);
    one["by"] = readable(recipient.by);
    recipients.push_back(std::move(one));
  }
  bj::object out;
  out["id"] = message.id.text();
  out["time"] = mail::iso8601(message.time);
  out["expires"] = mail::iso8601(message.time + keep);
  out["kind"] = name(message.kind);
  out["sender"] = message.envelope.sender ? readable(message.envelope.sender->text()) : std::string{};
  out["from"] = readable(message.from);
  out["subject"] = readable(message.subject);
  out["recipients"] = std::move(recipients);
  out["client"] = message.origin.client.text();
  out["policy"] = readable(message.policy);
  out["decided_by"] = readable(message.decided_by);
  out["why"] = readable(message.why);
  out["score"] = message.score;
  out["findings"] = texts(message.findings);
  out["size"] = message.size;
  out["attachments"] = texts(message.attachments);
  return out;
}

bj::object to_json(const scan::Preview& preview) {
  bj::array headers;
  for (const auto& field : preview.headers) {
    bj::object one;
    one["name"] = field.name;
    one["value"] = readable(field.value);
    headers.push_back(std::move(one));
  }
  bj::array attachments;
  for (const auto& item : preview.attachments) {
    bj::object one;
    one["place"] = readable(item.place);
    one["name"] = item.names.empty() ? std::string{} : readable(item.names.front());
    one["declared"] = readable(item.declared);
    one["type"] = item.type;
    one["size"] = item.size;
    one["sha256"] = item.sha256;
    one["encrypted"] = item.encrypted;
    one["categories"] = texts(item.categories);
    attachments.push_back(std::move(one));
  }
  bj::array links;
  for (const auto& link : preview.links) {
    bj::object one;
    one["shown"] = readable(link.shown);
    one["url"] = readable(link.url);
    one["host"] = readable(link.host);
    links.push_back(std::move(one));
  }
  bj::object blocked;
  blocked["images"] = preview.blocked.images;
  blocked["scripts"] = preview.blocked.scripts;
  blocked["forms"] = preview.blocked.forms;
  blocked["frames"] = preview.blocked.frames;
  bj::object out;
  out["headers"] = std::move(headers);
  out["raw_header"] = readable(preview.raw_header);
  out["text"] = readable(preview.text);
  out["has_html"] = !preview.html.empty();
  out["attachments"] = std::move(attachments);
  out["links"] = std::move(links);
  out["blocked"] = std::move(blocked);
  out["truncated"] = preview.truncated;
  return out;
}

bj::object to_json(const store::AuditEntry& entry) {
  bj::object out;
  out["time"] = mail::iso8601(entry.time);
  out["who"] = readable(entry.who);
  out["from"] = readable(entry.from);
  out["action"] = readable(entry.action);
  out["object"] = readable(entry.object);
  out["detail"] = readable(entry.detail);
  return out;
}

}  // namespace mailreeve::web
