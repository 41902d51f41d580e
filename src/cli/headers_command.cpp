// SPDX-License-Identifier: Apache-2.0
// `mailreeve headers`: a message's way here, told hop by hop.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ctime>
#include <ostream>

#include "auth/authentication_results.h"
#include "auth/dmarc.h"
#include "auth/tag_list.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "mail/characters.h"
#include "mail/date.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

struct Hop {
  std::string from, by, with, date;
  std::optional<std::int64_t> time;  // seconds since 1970
  bool tls = false;
};

/// A word behind `keyword` outside comments: the clauses of RFC 5321 4.4.
std::string clause(std::string_view text, std::string_view keyword) {
  std::size_t depth = 0;
  bool after = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    if (depth > 0 || c == ')' || c == ' ' || c == '\t') {
      ++i;
      continue;
    }
    const auto word = text.substr(i, text.find_first_of(" \t(;", i) - i);
    if (after) return std::string{word};
    after = mail::equals_ignoring_case(word, keyword);
    i += std::max<std::size_t>(word.size(), 1);
  }
  return {};
}

Hop hop_of(const mail::HeaderField& field) {
  Hop hop;
  const auto text = mail::unfolded(field.value);
  const auto semicolon = text.rfind(';');
  const std::string clauses = text.substr(0, semicolon);
  hop.from = clause(clauses, "from");
  hop.by = clause(clauses, "by");
  hop.with = clause(clauses, "with");
  if (semicolon != std::string::npos) hop.date = std::string{auth::trimmed(text.substr(semicolon + 1))};
  if (const auto time = mail::parse_date(hop.date)) {
    hop.time = std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
  }
  const auto protocol = mail::lower(hop.with);
  // RFC 3848: ESMTPS and ESMTPSA; others say it in a comment.
  hop.tls = protocol.ends_with("smtps") || protocol.ends_with("smtpsa") ||
            mail::lower(clauses).find("tls") != std::string::npos;
  return hop;
}

std::string delay_text(std::int64_t seconds) {
  if (seconds < 0) return fmt::format("{} s BACK in time: a clock is wrong", -seconds);
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  return fmt::format("{:.1f} h", static_cast<double>(seconds) / 3600);
}

struct Explained {
  std::vector<Hop> hops;  // oldest first
  std::vector<std::string> authentication, signatures, oddities;
};

Explained explain(const mail::Header& header) {
  Explained out;
  const auto received = header.all("Received");
  for (auto field = received.rbegin(); field != received.rend(); ++field) out.hops.push_back(hop_of(**field));
  for (const auto* name : {"Authentication-Results", "ARC-Authentication-Results"}) {
    for (const auto* field : header.all(name)) {
      auto value = mail::unfolded(field->value);
      if (std::string_view{name}.starts_with("ARC") && value.find(';') != std::string::npos)
        value.erase(0, value.find(';') + 1);
      const auto results = auth::parse_authentication_results(value);
      if (!results) {
        out.authentication.push_back(fmt::format("{} cannot be read: {}", name, results.error().text));
        continue;
      }
      std::string line = results->authserv_id + " says:";
      for (const auto& method : results->methods) {
        line += fmt::format(" {}={}", method.method, method.result);
        if (!method.properties.empty()) line += fmt::format(" ({})", method.properties.front().value);
      }
      if (results->methods.empty()) line += " nothing was checked";
      out.authentication.push_back(std::move(line));
    }
  }
  for (const auto* field : header.all("DKIM-Signature")) {
    const auto tags = auth::TagList::parse(field->value);
    if (!tags) {
      out.signatures.push_back("a DKIM signature that cannot be read: " + tags.error().text);
      continue;
    }
    out.signatures.push_back(fmt::format("DKIM signature of {} (selector {}, {})", tags->find("d").value_or("nobody"),
                                         tags->find("s").value_or("none"), tags->find("a").value_or("?")));
  }
  if (const auto sets = header.all("ARC-Seal").size(); sets > 0)
    out.signatures.push_back(fmt::format("ARC chain of {} sets", sets));
  const auto authors = auth::authors_of(header);
  if (!authors.problem.empty()) out.oddities.push_back(authors.problem);
  for (const auto* name : {"Date", "Message-ID"}) {
    if (header.first(name) == nullptr) out.oddities.push_back(fmt::format("there is no {} field", name));
  }
  if (header.broken()) out.oddities.emplace_back("a line in the header is no field");
  for (const auto& field : header.fields()) {
    if (field.odd_name) out.oddities.push_back(fmt::format("white space before the colon of {}", field.name));
  }
  for (std::size_t i = 1; i < out.hops.size(); ++i) {
    const auto& before = out.hops[i - 1];
    const auto& hop = out.hops[i];
    if (before.time && hop.time && *hop.time < *before.time - 60) {
      out.oddities.push_back(fmt::format("{} received it before {} did", hop.by, before.by));
    }
  }
  return out;
}

bj::array texts(const std::vector<std::string>& values) {
  bj::array all;
  for (const auto& value : values) all.emplace_back(value);
  return all;
}

std::string value_of(const mail::Header& header, std::string_view name) {
  const auto* field = header.first(name);
  return field == nullptr ? std::string{} : std::string{auth::trimmed(mail::unfolded(field->value))};
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto message = read_message_file(*arguments.value("FILE"));
  if (!message) return give_up(err, message.error());
  const auto digest = digest_of(*message);
  if (digest.header_too_big()) return give_up(err, {ErrorKind::full, Blame::peer, "the header is larger than 1 MiB"});
  const auto& header = digest.header();
  const auto told = explain(header);
  if (arguments.has("--json")) {
    bj::array hops;
    for (std::size_t i = 0; i < told.hops.size(); ++i) {
      const auto& hop = told.hops[i];
      bj::object entry{{"from", hop.from}, {"by", hop.by}, {"with", hop.with}, {"date", hop.date}, {"tls", hop.tls}};
      if (hop.time) entry["time"] = *hop.time;
      if (i > 0 && hop.time && told.hops[i - 1].time) entry["delay"] = *hop.time - *told.hops[i - 1].time;
      hops.push_back(std::move(entry));
    }
    out << bj::serialize(bj::object{{"hops", std::move(hops)},
                                    {"authentication", texts(told.authentication)},
                                    {"signatures", texts(told.signatures)},
                                    {"oddities", texts(told.oddities)}})
        << '\n';
    return exit_ok;
  }
  for (const auto* name : {"From", "To", "Subject", "Date", "Message-ID", "Return-Path", "List-Id"}) {
    const auto value = value_of(header, name);
    if (!value.empty()) out << fmt::format("{:<12} {}\n", name, shown(value));
  }
  out << "\nThe way here, oldest first:\n";
  if (told.hops.empty()) out << "  no Received field: it came straight from its author, or the fields were removed\n";
  for (std::size_t i = 0; i < told.hops.size(); ++i) {
    const auto& hop = told.hops[i];
    std::string delay = "         ";
    if (i > 0 && hop.time && told.hops[i - 1].time) delay = "+" + delay_text(*hop.time - *told.hops[i - 1].time);
    out << fmt::format("  {:>2}  {:<10} {} -> {}  {} {}\n", i + 1, delay,
                       hop.from.empty() ? "(nobody named)" : shown(hop.from),
                       hop.by.empty() ? "(nobody named)" : shown(hop.by), hop.with.empty() ? "?" : shown(hop.with),
                       hop.tls ? "encrypted" : "in clear");
    out << fmt::format("      {}\n", hop.date.empty() ? "no date" : shown(hop.date));
  }
  const auto section = [&out](std::string_view title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    out << '\n' << title << '\n';
    for (const auto& line : lines) out << "  " << shown(line) << '\n';
  };
  section("Authentication, as those on the way saw it (believe only your own):", told.authentication);
  section("Signatures (`mailreeve dkim verify` and `arc verify` check them):", told.signatures);
  section("Odd:", told.oddities);
  return exit_ok;
}

}  // namespace

Command headers_command() {
  return {"headers",
          "Explain a message's header hop by hop",
          {{"FILE", Parameter::Kind::positional, "The message; - for standard input"},
           {"--json", Parameter::Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
