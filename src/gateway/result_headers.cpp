// SPDX-License-Identifier: Apache-2.0
#include "gateway/result_headers.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/characters.h"

namespace mailreeve::gateway {
namespace {

using auth::AuthMethod;

constexpr std::size_t line_end = 78;         // RFC 5322 2.1.1
constexpr std::size_t summary_limit = 1500;  // octets of X-Mailreeve

/// iprev (RFC 8601 2.7.3): does the client's address lead to a name that leads back?
void add_iprev(const judge::Facts& facts, std::vector<AuthMethod>& methods) {
  const auto& name = facts.session->name;
  if (!name.asked) return;
  AuthMethod method;
  method.method = "iprev";
  if (!name.confirmed.empty()) {
    method.result = "pass";
    method.comment = name.confirmed;
  } else if (dns::is_failure(name.status)) {
    method.result = "temperror";
  } else {
    method.result = name.names.empty() ? "permerror" : "fail";
    method.comment = name.names.empty() ? "no name" : "no name leads back";
  }
  method.properties.push_back({"policy", "iprev", facts.client().text()});
  methods.push_back(std::move(method));
}

void add_spf(const judge::Facts& facts, std::vector<AuthMethod>& methods) {
  if (facts.spf && facts.sender) {
    methods.push_back({"spf",
                       std::string{auth::name(facts.spf->result)},
                       {},
                       facts.spf->matched,
                       {{"smtp", "mailfrom", facts.sender->text()}}});
  }
  if (facts.spf_helo && (!facts.sender || facts.spf_helo->result != auth::SpfResult::none)) {
    methods.push_back({"spf",
                       std::string{auth::name(facts.spf_helo->result)},
                       {},
                       facts.spf_helo->matched,
                       {{"smtp", "helo", facts.helo()}}});
  }
}

void add_dkim(const judge::Facts& facts, std::vector<AuthMethod>& methods) {
  if (facts.dkim_looked_at && facts.dkim.empty()) methods.push_back({"dkim", "none", {}, {}, {}});
  for (const auto& signature : facts.dkim) {
    AuthMethod method{"dkim", std::string{auth::name(signature.result)}, signature.reason, {}, {}};
    if (signature.key_bits > 0) method.comment = fmt::format("{} bits", signature.key_bits);
    const auto add = [&method](const char* property, const std::string& value) {
      if (!value.empty()) method.properties.push_back({"header", property, value});
    };
    add("d", signature.domain);
    add("s", signature.selector);
    add("a", signature.algorithm);
    add("b", signature.b_start);  // RFC 6008: tells signatures of one domain apart
    methods.push_back(std::move(method));
  }
}

void add_arc(const judge::Facts& facts, std::vector<AuthMethod>& methods) {
  if (!facts.arc || facts.arc->result == auth::ArcResult::none) return;
  AuthMethod method{"arc", std::string{auth::name(facts.arc->result)}, facts.arc->reason, {}, {}};
  if (!facts.arc->sets.empty()) method.comment = fmt::format("i={}", facts.arc->sets.back().instance);
  if (facts.arc->result == auth::ArcResult::pass) {
    method.properties.push_back({"header", "oldest-pass", fmt::to_string(facts.arc->oldest_pass)});  // RFC 8617 10.2
  }
  methods.push_back(std::move(method));
}

void add_dmarc(const judge::Facts& facts, std::vector<AuthMethod>& methods) {
  if (!facts.dmarc) return;
  AuthMethod method{"dmarc", std::string{auth::name(facts.dmarc->result)}, {}, {}, {}};
  if (!facts.dmarc->record.empty()) {
    method.comment = fmt::format("p={}{}", auth::name(facts.dmarc->policy), facts.dmarc->testing ? ", testing" : "");
  }
  if (!facts.dmarc->from_domain.empty()) method.properties.push_back({"header", "from", facts.dmarc->from_domain});
  methods.push_back(std::move(method));
}

/// Words one after the other, the line broken before one that would make it too long.
void append_folded(std::string& out, std::size_t& line, std::string_view word) {
  if (line + 1 + word.size() > line_end) {
    out += "\r\n\t";
    line = 8;
  } else {
    out += ' ';
    ++line;
  }
  out += word;
  line += word.size();
}

}  // namespace

auth::AuthenticationResults authentication_results(const judge::Facts& facts, const std::string& host_name) {
  auth::AuthenticationResults results;
  results.authserv_id = host_name;
  add_iprev(facts, results.methods);
  add_spf(facts, results.methods);
  add_dkim(facts, results.methods);
  add_arc(facts, results.methods);
  add_dmarc(facts, results.methods);
  return results;
}

std::string authentication_fields(const judge::Facts& facts, const std::string& host_name) {
  auto fields = auth::authentication_results_field(authentication_results(facts, host_name));
  auth::SpfQuestion question{facts.client(), facts.helo(), {}, host_name};
  if (facts.spf && facts.sender) {
    question.sender = facts.sender->text();
    fields += auth::received_spf_field(*facts.spf, auth::SpfIdentity::mail_from, question);
  } else if (facts.spf_helo) {
    fields += auth::received_spf_field(*facts.spf_helo, auth::SpfIdentity::helo, question);
  }
  return fields;
}

std::string verdict_fields(std::string_view id, const judge::Verdict& verdict, judge::Action outcome) {
  std::string out = "X-Mailreeve:";
  std::size_t line = out.size();
  append_folded(out, line, fmt::format("id={};", id));
  append_folded(out, line, fmt::format("action={};", judge::verdict_name(outcome)));
  append_folded(out, line, fmt::format("score={:.1f};", verdict.score));
  append_folded(out, line, fmt::format("policy={}", verdict.policy));
  for (const auto& weighed : verdict.findings) {
    if (out.size() > summary_limit) {
      out += "; ...";
      break;
    }
    out += ';';
    append_folded(out, line, fmt::format("{}={:.1f}", weighed.finding.code, weighed.weight));
  }
  out += "\r\n";
  if (outcome == judge::Action::tag) out += "X-Spam-Flag: YES\r\n";
  return out;
}

constexpr std::string_view own_fields[] = {"X-Mailreeve", "X-Mailreeve-Released", "X-Spam-Flag"};

std::vector<mail::Edit> forged_fields(const mail::Header& header, const std::string& host_name) {
  std::vector<mail::Edit> edits;
  for (const auto& field : header.fields()) {
    const bool ours_alone = std::ranges::any_of(
        own_fields, [&](std::string_view own) { return mail::equals_ignoring_case(field.name, own); });
    const bool forged = ours_alone || (mail::equals_ignoring_case(field.name, "Authentication-Results") &&
                                       auth::claims_authserv_id(field, host_name));
    if (forged) edits.push_back({field.offset, field.raw.size(), {}});
  }
  return edits;
}

void mark_subject(const mail::Header& header, const std::string& prefix, std::vector<mail::Edit>& edits,
                  std::string& above) {
  if (prefix.empty()) return;
  const auto* subject = header.first("Subject");
  if (subject == nullptr) {
    above += fmt::format("Subject: {}\r\n", prefix);
    return;
  }
  const auto text = subject->value.find_first_not_of(" \t");
  if (text != std::string_view::npos && subject->value.substr(text).starts_with(prefix)) return;
  const auto colon = static_cast<std::uint64_t>(subject->value.data() - subject->raw.data());
  const mail::Edit edit{subject->offset + colon, 0, ' ' + prefix};
  edits.insert(std::ranges::upper_bound(edits, edit.offset, {}, &mail::Edit::offset), edit);
}

}  // namespace mailreeve::gateway
