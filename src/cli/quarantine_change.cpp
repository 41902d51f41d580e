// SPDX-License-Identifier: Apache-2.0
// release, delete, learn and forward: the same words for one message and for many.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/load_settings.h"
#include "cli/quarantine_common.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

constexpr std::size_t most_at_once = 100'000;
constexpr std::size_t ids_a_request = 100;  // each is answered within the time that a request has

int wrong_usage(std::string_view what, std::string_view text, std::ostream& err) {
  err << fmt::format("mailreeve quarantine {}: {}\n", what, text);
  return exit_usage;
}

/// The ids that were named, or those that the filters match.
Result<std::vector<std::string>> chosen(const config::Settings& settings, const Arguments& arguments) {
  if (arguments.has("ID")) return arguments.values("ID");
  auto query = held_filter_query(arguments);
  if (!query) return std::unexpected(query.error());
  const auto items = list_held_items(settings, std::move(*query), most_at_once);
  if (!items) return std::unexpected(items.error());
  std::vector<std::string> ids;
  for (const auto& item : *items) ids.push_back(text_in(item.as_object(), "id"));
  return ids;
}

struct Sums {
  std::size_t messages = 0, recipients = 0, failed = 0;
  bj::array results;
};

Result<void> send(const config::Settings& settings, bj::object order, std::span<const std::string> ids, Sums& sums) {
  bj::array list;
  for (const auto& id : ids) list.emplace_back(id);
  order["ids"] = std::move(list);
  const net::HttpRequest request{
      .method = "POST", .path = "/api/v1/quarantine/actions", .query = {}, .body = bj::serialize(order)};
  const auto answer = ask_json(settings, request);
  if (!answer) return std::unexpected(answer.error());
  const auto* results = answer->as_object().if_contains("results");
  if (results == nullptr || !results->is_array()) {
    return fail(ErrorKind::invalid, "the gateway's answer is not understood");
  }
  for (const auto& one : results->as_array()) {
    const auto* ok = one.as_object().if_contains("ok");
    const auto* changed = one.as_object().if_contains("changed");
    ++(ok != nullptr && ok->is_bool() && ok->as_bool() ? sums.messages : sums.failed);
    if (changed != nullptr && changed->is_number()) sums.recipients += changed->to_number<std::size_t>();
    sums.results.push_back(one);
  }
  return {};
}

void print(const Sums& sums, std::ostream& out, std::ostream& err) {
  for (const auto& one : sums.results) {
    const auto& result = one.as_object();
    const auto* ok = result.if_contains("ok");
    const bool good = ok != nullptr && ok->is_bool() && ok->as_bool();
    (good ? out : err) << fmt::format("{}: {}\n", text_in(result, "id"), text_in(result, "detail"));
  }
}

/// `action`: of the API; `what`: the command's last word.
int act(std::string_view what, bj::object order, const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const bool named = arguments.has("ID");
  const bool filtered = has_held_filter(arguments, named);
  const bool all = arguments.has("--all");
  if (named && (filtered || all)) return wrong_usage(what, "give IDs, or filters, not both", err);
  if (!named && !filtered && !all) {
    return wrong_usage(what, "say which: IDs, filters such as --sender with --all, or --all alone", err);
  }
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  const auto ids = chosen(*settings, arguments);
  if (!ids) return give_up(err, ids.error());
  if (!named && !all) {
    return wrong_usage(what, fmt::format("{} messages match; add --all to mean them all", ids->size()), err);
  }
  // Whoever names a recipient means nobody else who got the same message.
  if (const auto recipient = arguments.value("--recipient")) {
    order["recipients"] = bj::array{bj::value(*recipient)};
  }
  if (const auto reason = arguments.value("--reason")) order["reason"] = *reason;
  Sums sums;
  for (std::size_t at = 0; at < ids->size(); at += ids_a_request) {
    const auto sent =
        send(*settings, order, std::span{*ids}.subspan(at, std::min(ids_a_request, ids->size() - at)), sums);
    if (!sent) return give_up(err, sent.error());
  }
  if (arguments.has("--json")) {
    bj::object answer;
    answer["results"] = sums.results;
    out << bj::serialize(answer) << '\n';
  } else if (ids->empty()) {
    out << "Nothing in the quarantine matches.\n";
  } else {
    print(sums, out, err);
  }
  return sums.failed == 0 ? exit_ok : exit_failed;
}

bj::object order_of(std::string_view action) {
  bj::object order;
  order["action"] = action;
  return order;
}

bool add_learning(const Arguments& arguments, bj::object& order) {
  const auto learn = arguments.value("--learn");
  if (learn) order["learn"] = *learn;
  return !learn || *learn == "spam" || *learn == "ham";
}

int release(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  auto order = order_of(arguments.has("--allow") ? "release_and_allow" : "release");
  if (!add_learning(arguments, order)) return wrong_usage("release", "--learn: write spam or ham", err);
  return act("release", std::move(order), arguments, out, err);
}

int remove(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  auto order = order_of("delete");
  if (!add_learning(arguments, order)) return wrong_usage("delete", "--learn: write spam or ham", err);
  return act("delete", std::move(order), arguments, out, err);
}

int learn(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto as = arguments.value("CLASS").value_or("");
  if (as != "spam" && as != "ham") return wrong_usage("learn", "write spam or ham, then the IDs", err);
  return act("learn", order_of(as), arguments, out, err);
}

int forward(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  auto order = order_of("forward");
  const auto to = arguments.value("--to");
  if (!to) return wrong_usage("forward", "--to: whom to send it to", err);
  order["to"] = *to;
  return act("forward", std::move(order), arguments, out, err);
}

std::vector<Parameter> parameters(std::vector<Parameter> own, bool filters) {
  using Kind = Parameter::Kind;
  own.push_back({"ID", Kind::optional_positionals, "The messages' ids"});
  if (filters) {
    own.push_back({"--all", Kind::flag, "Every message, or every one that the filters match"});
    for (auto& filter : held_filter_parameters()) own.push_back(std::move(filter));
  }
  own.push_back({"--reason", Kind::value, "Why, for the audit log", "TEXT"});
  own.push_back({"--json", Kind::flag, "Print JSON"});
  own.push_back(config_parameter());
  return own;
}

constexpr auto flag = Parameter::Kind::flag;
constexpr auto value = Parameter::Kind::value;

}  // namespace

Command quarantine_release_command() {
  return {"quarantine release", "Deliver to the recipients",
          parameters({{"--allow", flag, "Their lists allow the sender from now on"},
                      {"--learn", value, "It is spam, or ham: teach the statistics", "CLASS"}},
                     true),
          release};
}
Command quarantine_delete_command() {
  return {"quarantine delete", "Remove for good, without a notice",
          parameters({{"--learn", value, "It is spam, or ham: teach the statistics", "CLASS"}}, true), remove};
}
Command quarantine_learn_command() {
  return {"quarantine learn", "Teach what is spam (it is deleted) or ham (it stays)",
          parameters({{"CLASS", Parameter::Kind::positional, "spam or ham"}}, false), learn};
}
Command quarantine_forward_command() {
  return {"quarantine forward", "Send to somebody who looks into it, as an attachment",
          parameters({{"--to", value, "The analyst's address", "ADDRESS"}}, false), forward};
}

}  // namespace mailreeve::cli
