// SPDX-License-Identifier: Apache-2.0
#include "judge/story.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace mailreeve::judge {
namespace {

namespace json = boost::json;

constexpr std::size_t story_limit = 64U << 10;
constexpr std::size_t room_for_look_ups = 1U << 10;
constexpr std::size_t shown_records = 5;
constexpr std::size_t shown_octets = 300;
constexpr std::string_view put_off_word = "defer";
constexpr std::size_t shown_parts = 50;
constexpr std::size_t shown_name = 100;
constexpr std::size_t shown_hosts = 50;

/// JSON is UTF-8 (RFC 8259 8.1), and a client may say anything in HELO: one such octet would make the story unreadable.
void make_readable(json::value& value) {
  if (auto* text = value.if_string()) {
    const bool is_ascii = std::ranges::all_of(*text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!is_ascii) *text = scan::clean_text(*text, 3 * text->size());
  } else if (auto* array = value.if_array()) {
    for (auto& element : *array) make_readable(element);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) make_readable(member.value());
  }
}

using Memory = json::storage_ptr;

void put(json::object& to, std::string_view key, std::string_view text) { to[key].emplace_string().assign(text); }

void put(json::object& to, std::string_view key, const std::vector<std::string>& values) {
  auto& all = to[key].emplace_array();
  for (const auto& value : values) all.emplace_back(json::string_view{value});
}

void put_session(json::object& to, const SessionFacts& session) {
  auto& out = to["session"].emplace_object();
  put(out, "client", session.client.text());
  out["port"] = session.port;
  put(out, "listener", session.listener);
  put(out, "helo", session.helo);
  put(out, "tls", session.tls);
  if (session.early_talker) out["early_talker"] = true;
  if (session.name.asked) {
    put(out, "names", session.name.names);
    put(out, "confirmed_name", session.name.confirmed);
    put(out, "name_status", dns::name(session.name.status));
  }
}

json::object finding_json(const Finding& finding, const Memory& memory) {
  json::object out(memory);
  put(out, "code", finding.code);
  out["weight"] = finding.weight;
  put(out, "evidence", finding.evidence);
  put(out, "check", finding.check);
  return out;
}

json::object verdict_json(const StoryRecipient& recipient, const Memory& memory) {
  json::object out(memory);
  const auto& verdict = recipient.verdict;
  put(out, "address", recipient.address);
  put(out, "policy", verdict.policy);
  put(out, "verdict", recipient.put_off ? put_off_word : verdict_name(verdict.action));
  put(out, "outcome", recipient.put_off ? put_off_word : verdict_name(recipient.outcome));
  out["score"] = verdict.score;
  put(out, "decided_by", verdict.decided_by);
  put(out, "why", verdict.why);
  put(out, "would_change", verdict.would_change);
  auto& weighed = out["findings"].emplace_array();
  for (const auto& one : verdict.findings) {
    json::object entry(memory);
    put(entry, "code", one.finding.code);
    entry["weight"] = one.weight;
    if (one.action != Action::none) put(entry, "action", name(one.action));
    weighed.push_back(std::move(entry));
  }
  return out;
}

json::object look_up_json(const dns::Recorder::Entry& entry, const Memory& memory) {
  json::object out(memory);
  put(out, "name", entry.name);
  put(out, "type", dns::name(entry.type));
  put(out, "status", dns::name(entry.answer->status));
  if (entry.answer->secure) out["secure"] = true;
  json::array records(memory);
  for (const auto& record : entry.answer->records) {
    if (records.size() >= shown_records) break;
    const auto text = dns::presentation(entry.type, record);
    records.emplace_back(json::string_view{text}.substr(0, shown_octets));
  }
  if (!records.empty()) out["records"] = std::move(records);
  return out;
}

void put_content(json::object& to, const scan::ContentReport& content, const Memory& memory) {
  auto& out = to["content"].emplace_object();
  auto& parts = out["parts"].emplace_array();
  for (const auto& item : content.items) {
    if (parts.size() == shown_parts) break;
    json::object one(memory);
    put(one, "place", scan::clean_text(item.place, shown_name));
    if (!item.names.empty()) put(one, "name", scan::clean_text(item.names.front(), shown_name));
    if (!item.declared.empty()) put(one, "declared", item.declared);
    if (!item.type.empty()) put(one, "type", item.type);
    one["size"] = item.size;
    if (!item.sha256.empty()) put(one, "sha256", item.sha256);
    if (item.encrypted) one["encrypted"] = true;
    parts.push_back(std::move(one));
  }
  std::vector<std::string> hosts;
  for (const auto& link : content.links) {
    if (hosts.size() == shown_hosts) break;
    if (!link.host.empty() && std::ranges::find(hosts, link.host) == hosts.end()) hosts.push_back(link.host);
  }
  put(out, "hosts", hosts);
  out["links"] = content.link_count;
  if (!content.languages.empty()) put(out, "language", content.languages.front().code);
}

/// Braces would make a list of it.
std::string readable_text(json::object object) {
  json::value whole(std::move(object));
  make_readable(whole);
  return json::serialize(whole);
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

double number_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
}

const json::array& list_of(const json::object& object, std::string_view key) {
  static const json::array none;
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->as_array() : none;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string{value.as_string()} : std::string{};
}

const json::object& object_of(const json::value& value) {
  static const json::object none;
  return value.is_object() ? value.as_object() : none;
}

/// Makes room: what each recipient's policy made of the findings goes first but for the first one's, then the longest
/// list's second half, again and again. `left_out` says of how many.
void shorten(json::object& out, std::size_t most) {
  auto& recipients = out["recipients"].as_array();
  for (std::size_t i = 1; i < recipients.size(); ++i) recipients[i].as_object()["findings"].emplace_array();
  while (json::serialize(out).size() > most) {
    std::string_view longest;
    std::size_t octets = 2;  // of an empty list
    for (const std::string_view key : {"recipients", "refusals", "handover", "findings", "authentication", "from"}) {
      const auto* list = out.if_contains(key);
      const auto size = list == nullptr ? 0 : json::serialize(*list).size();
      if (size > octets) {
        longest = key;
        octets = size;
      }
    }
    if (longest.empty()) return;
    auto& list = out[longest].as_array();
    const auto keep = list.size() / 2;
    auto& left_out = out["left_out"];
    if (!left_out.is_object()) left_out.emplace_object();
    const auto before = number_of(left_out.as_object(), longest);
    const auto total = static_cast<std::uint64_t>(before) + (list.size() - keep);
    list.resize(keep);
    left_out.as_object()[longest] = total;
  }
}

Result<json::object> parse(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) return fail(ErrorKind::invalid, "the record's story cannot be read");
  return std::move(value.as_object());
}

void tell_client(std::string& out, const json::object& session) {
  const auto confirmed = text_of(session, "confirmed_name");
  const auto& names = list_of(session, "names");
  out += fmt::format("  from        {}", text_of(session, "client"));
  if (!confirmed.empty()) {
    out += fmt::format(" ({})", confirmed);
  } else if (!names.empty()) {
    out += fmt::format(" (calls itself {}, not confirmed)", text_of(names.front()));
  } else if (session.contains("names")) {
    out += " (no name)";
  }
  out += '\n';
  const auto helo = text_of(session, "helo");
  out += fmt::format("  said        {}\n", helo.empty() ? "nothing (no HELO)" : "HELO " + helo);
  const auto tls = text_of(session, "tls");
  out += fmt::format("  connection  {} listener, {}\n", text_of(session, "listener"), tls.empty() ? "in clear" : tls);
}

void tell_recipient(std::string& out, const json::object& recipient, const json::array& findings) {
  out += fmt::format("\nFor {} (policy {}): {}\n", text_of(recipient, "address"), text_of(recipient, "policy"),
                     text_of(recipient, "outcome"));
  const auto why = text_of(recipient, "why");
  if (!why.empty()) out += fmt::format("  decided by  {}\n", why);
  if (text_of(recipient, "verdict") != text_of(recipient, "outcome")) {
    out += fmt::format("  alone       it would have been: {}\n", text_of(recipient, "verdict"));
  }
  const auto change = text_of(recipient, "would_change");
  if (!change.empty()) out += fmt::format("  otherwise   {}\n", change);
  out += fmt::format("  score       {:.1f}\n", number_of(recipient, "score"));
  for (const auto& value : list_of(recipient, "findings")) {
    const auto& one = object_of(value);
    const auto code = text_of(one, "code");
    std::string evidence;
    for (const auto& found : findings) {
      if (text_of(object_of(found), "code") == code) evidence = text_of(object_of(found), "evidence");
    }
    const auto action = text_of(one, "action");
    out += fmt::format("  {:>+8.1f}  {:<26} {}{}\n", number_of(one, "weight"), code, evidence,
                       action.empty() ? std::string{} : fmt::format(" [{}]", action));
  }
}

void tell_content(std::string& out, const json::object& content) {
  const auto& parts = list_of(content, "parts");
  const auto& hosts = list_of(content, "hosts");
  if (parts.empty() && hosts.empty()) return;
  out += "\nCarried:\n";
  for (const auto& value : parts) {
    if (!value.is_object()) continue;
    const auto& part = value.as_object();
    const auto type = text_of(part, "type");
    out += fmt::format("  part {}  {}  {}, {:.0f} octets{}\n", text_of(part, "place"), text_of(part, "name"),
                       type.empty() ? text_of(part, "declared") : type, number_of(part, "size"),
                       part.contains("encrypted") ? ", encrypted" : "");
    const auto hash = text_of(part, "sha256");
    if (!hash.empty()) out += fmt::format("          sha256 {}\n", hash);
  }
  if (hosts.empty()) return;
  std::string names;
  for (const auto& host : hosts) names += (names.empty() ? "" : ", ") + text_of(host);
  out += fmt::format("  links to {}\n", names);
}

}  // namespace

std::string story_json(const Story& story) {
  unsigned char room[16U << 10];
  json::monotonic_resource arena{room, sizeof room};
  const Memory memory{&arena};
  json::object out(memory);
  put(out, "id", story.id);
  out["time"] = to_millis(story.time);
  put(out, "kind", story.kind);
  if (story.session) put_session(out, *story.session);
  if (story.kind == "transaction") {
    put(out, "sender", story.sender);
    out["size"] = story.size;
    put(out, "from", story.from);
    put(out, "authentication", story.authentication);
  }
  auto& recipients = out["recipients"].emplace_array();
  for (const auto& recipient : story.recipients) recipients.push_back(verdict_json(recipient, memory));
  put(out, "refusals", story.refusals);
  put(out, "handover", story.handover);
  put(out, "reply", story.reply);
  put(out, "closed", story.closed);
  auto& findings = out["findings"].emplace_array();
  for (const auto& finding : story.findings) findings.push_back(finding_json(finding, memory));
  if (story.content) put_content(out, *story.content, memory);
  auto& timings = out["check_ms"].emplace_object();
  for (const auto& timing : story.timings) timings[timing.check] = static_cast<double>(timing.took.count()) / 1000.0;
  out["ms"] = story.took.count();
  // Look-ups last: each is written once, and only as long as there is room.
  json::value whole(std::move(out));
  make_readable(whole);
  auto text = json::serialize(whole);
  if (text.size() > story_limit - room_for_look_ups) {
    shorten(whole.as_object(), story_limit - room_for_look_ups);
    text = json::serialize(whole);
  }
  text.back() = ',';
  text += "\"look_ups\":[";
  const char* separator = "";
  for (const auto& entry : story.look_ups) {
    const auto one = readable_text(look_up_json(entry, memory));
    if (text.size() + one.size() > story_limit - room_for_look_ups) break;
    text.append(separator).append(one);
    separator = ",";
  }
  return text += "]}";
}

Result<Findings> findings_of(std::string_view text) {
  const auto story = parse(text);
  if (!story) return std::unexpected(story.error());
  Findings findings;
  for (const auto& value : list_of(*story, "findings")) {
    if (!value.is_object()) continue;
    const auto& one = object_of(value);
    findings.push_back(
        {text_of(one, "code"), number_of(one, "weight"), text_of(one, "evidence"), text_of(one, "check")});
  }
  return findings;
}

Result<std::string> explain(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& story = *parsed;
  constexpr double last_millis = 253'402'300'799'000.0;  // of the year 9999
  const auto millis = static_cast<std::int64_t>(std::clamp(number_of(story, "time"), 0.0, last_millis));
  std::string out = fmt::format("{}  {:%Y-%m-%d %H:%M:%S} UTC\n", text_of(story, "id"),
                                fmt::gmtime(static_cast<std::time_t>(millis / 1000)));
  const auto* session = story.if_contains("session");
  if (session != nullptr && session->is_object()) tell_client(out, session->as_object());
  if (text_of(story, "kind") == "transaction") {
    const auto sender = text_of(story, "sender");
    out += fmt::format("  sender      {}\n", sender.empty() ? "<> (a notice: nobody to answer)" : sender);
    for (const auto& value : list_of(story, "authentication")) {
      out += fmt::format("  proof       {}\n", text_of(value));
    }
    out += fmt::format("  size        {:.0f} octets\n", number_of(story, "size"));
  }
  out += fmt::format("  reply       {}\n", text_of(story, "reply"));
  const auto closed = text_of(story, "closed");
  if (!closed.empty()) out += fmt::format("  ended       {}\n", closed);
  for (const auto& value : list_of(story, "refusals")) {
    out += fmt::format("  refused     {}\n", text_of(value));
  }
  for (const auto& value : list_of(story, "handover")) {
    out += fmt::format("  went to     {}\n", text_of(value));
  }
  const auto& findings = list_of(story, "findings");
  const auto& recipients = list_of(story, "recipients");
  for (const auto& value : recipients) tell_recipient(out, object_of(value), findings);
  if (recipients.empty() && !findings.empty()) {
    out += "\nFound:\n";
    for (const auto& value : findings) {
      const auto& one = object_of(value);
      out += fmt::format("  {:>+8.1f}  {:<26} {}\n", number_of(one, "weight"), text_of(one, "code"),
                         text_of(one, "evidence"));
    }
  }
  if (const auto* content = story.if_contains("content"); content != nullptr && content->is_object()) {
    tell_content(out, content->as_object());
  }
  const auto* left_out = story.if_contains("left_out");
  if (left_out != nullptr && left_out->is_object()) {
    out += '\n';
    for (const auto& [key, count] : left_out->as_object()) {
      const auto number = count.is_number() ? count.to_number<double>() : 0.0;
      out += fmt::format("Not kept, for there were too many: {:.0f} of the {}.\n", number, std::string_view{key});
    }
  }
  const auto& look_ups = list_of(story, "look_ups");
  if (!look_ups.empty()) out += "\nLooked up:\n";
  for (const auto& value : look_ups) {
    const auto& one = object_of(value);
    std::string records;
    for (const auto& record : list_of(one, "records")) {
      records += fmt::format("{}{}", records.empty() ? "" : ", ", text_of(record));
    }
    out += fmt::format("  {:<5} {} -> {}\n", text_of(one, "type"), text_of(one, "name"),
                       records.empty() ? text_of(one, "status") : records);
  }
  out += fmt::format("\nTook {:.0f} ms.\n", number_of(story, "ms"));
  return out;
}

}  // namespace mailreeve::judge
