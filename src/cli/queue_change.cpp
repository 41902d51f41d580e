// SPDX-License-Identifier: Apache-2.0
// retry, hold, release and drop: the same words for one message and for many.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/queue_common.h"

namespace mailreeve::cli {
namespace {

int wrong_usage(std::string_view action, std::string_view text, std::ostream& err) {
  err << fmt::format("mailreeve queue {}: {}\n", action, text);
  return exit_usage;
}

int change(std::string_view action, const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto id = arguments.value("ID");
  const bool is_all = arguments.has("--all");
  auto query = filter_query(arguments);
  if (id && (is_all || !query.empty())) return wrong_usage(action, "give an ID, or filters, not both", err);
  if (!id && !is_all && query.empty()) {
    return wrong_usage(action, "say which: an ID, filters such as --destination, or --all", err);
  }
  if (id && (id->empty() || id->find('/') != std::string::npos)) return wrong_usage(action, "that is no ID", err);
  net::HttpRequest request;
  request.method = "POST";
  request.path = id ? fmt::format("/api/v1/queue/{}/{}", *id, action) : fmt::format("/api/v1/queue/{}", action);
  if (is_all) query["all"] = "true";
  if (const auto learn = arguments.value("--learn")) {
    if (!id) return wrong_usage(action, "--learn is for one message: give its ID", err);
    if (*learn != "spam" && *learn != "ham") return wrong_usage(action, "--learn: write spam or ham", err);
    query["learn"] = *learn;
  }
  request.query = std::move(query);
  return ask_and_show(arguments, request, err, [&](const std::string& body) {
    if (arguments.has("--json")) {
      out << body;
      return exit_ok;
    }
    boost::json::error_code error;
    const auto answer = boost::json::parse({body.data(), body.size()}, error);
    if (error || !answer.is_object() || !answer.as_object().contains("changed")) {
      err << "mailreeve: the gateway's answer is not understood\n";
      return exit_failed;
    }
    const auto count = answer.at("changed").to_number<std::uint64_t>();
    out << fmt::format("{} recipient{} changed\n", count, count == 1 ? "" : "s");
    return exit_ok;
  });
}

int retry(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return change("retry", arguments, out, err);
}
int hold(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return change("hold", arguments, out, err);
}
int release(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return change("release", arguments, out, err);
}
int drop(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return change("drop", arguments, out, err);
}

std::vector<Parameter> parameters(bool decides) {
  std::vector<Parameter> all{{"ID", Parameter::Kind::optional_positional, "The message's id"},
                             {"--all", Parameter::Kind::flag, "Every message, or every one that the filters match"}};
  for (auto& filter : filter_parameters()) all.push_back(std::move(filter));
  if (decides) all.push_back({"--learn", Parameter::Kind::value, "It is spam, or ham: teach the statistics", "CLASS"});
  all.push_back({"--json", Parameter::Kind::flag, "Print JSON"});
  all.push_back(config_parameter());
  return all;
}

}  // namespace

Command queue_retry_command() {
  return {"queue retry", "Try again now, what was refused or given up too", parameters(false), retry};
}
Command queue_hold_command() {
  return {"queue hold", "Keep from being delivered until released", parameters(false), hold};
}
Command queue_release_command() { return {"queue release", "Let held mail go on, now", parameters(true), release}; }
Command queue_drop_command() { return {"queue drop", "Remove for good, without a notice", parameters(true), drop}; }

}  // namespace mailreeve::cli
