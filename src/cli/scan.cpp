// SPDX-License-Identifier: Apache-2.0
// `mailreeve scan`: what the gateway would say to a message, without a gateway.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "cli/cell_scanner.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/engines.h"
#include "cli/learnt_words.h"
#include "cli/message_files.h"
#include "cli/rules.h"
#include "cli/scan_preview.h"
#include "net/blocking.h"
#include "store/marks.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

struct Envelope {
  std::optional<IpAddress> client;
  std::string helo;
  bool has_sender = false;
  mail::ReversePath sender;
  std::vector<mail::Mailbox> recipients;
};

struct Scanned {
  judge::Verdict verdict;
  std::size_t questions = 0;
  bool put_off = false;  // it could not be examined

  std::string_view word() const { return put_off ? "defer" : judge::verdict_name(verdict.action); }
};

/// What `scan` goes by: the settings where there are some, else the built-in policy.
struct Bench {
  std::unique_ptr<Logger> log = make_silent_logger();
  SystemClock clock;
  judge::ListWatch lists{*log, clock};
  std::unique_ptr<store::Marks> marks = store::make_memory_marks();
  std::unique_ptr<dns::Resolver> resolver;
  std::shared_ptr<const judge::Rules> rules;
  judge::Policy policy;
  CellScanner scanner;
  std::unique_ptr<store::WordCounts> words;  // null: nothing was learnt
  std::optional<CommandEngines> engines;     // none: the settings name none

  const judge::Policy& policy_of(const Envelope& envelope) const {
    if (envelope.recipients.empty()) return policy;
    const auto& own = rules->policies.of(envelope.recipients.front());
    return own.observe ? policy : own;
  }
};

Result<Envelope> envelope_from(const Arguments& arguments) {
  Envelope envelope;
  if (const auto ip = arguments.value("--ip")) {
    envelope.client = IpAddress::parse(*ip);
    if (!envelope.client) return fail(ErrorKind::invalid, fmt::format("--ip {}: write for example 192.0.2.1", *ip));
  }
  envelope.helo = arguments.value("--helo").value_or("");
  if (!std::ranges::all_of(envelope.helo, [](char c) { return c > ' ' && c < 0x7f; })) {
    return fail(ErrorKind::invalid, "--helo must be one word of printable US-ASCII, as EHLO sends it");
  }
  if (const auto from = arguments.value("--from")) {
    envelope.has_sender = true;
    if (!from->empty() && *from != "<>") {
      auto sender = mail::Mailbox::parse(*from, mail::Utf8::allow);
      if (!sender) return fail(ErrorKind::invalid, fmt::format("--from {}: {}", *from, sender.error().text));
      envelope.sender = std::move(*sender);
    }
  }
  for (const auto& text : arguments.values("--rcpt")) {
    auto recipient = mail::Mailbox::parse(text, mail::Utf8::allow);
    if (!recipient) return fail(ErrorKind::invalid, fmt::format("--rcpt {}: {}", text, recipient.error().text));
    envelope.recipients.push_back(std::move(*recipient));
  }
  return envelope;
}

Result<void> prepare(Bench& bench, const Arguments& arguments, std::ostream& err) {
  auto resolver = make_command_resolver(arguments);
  if (!resolver) return fail(resolver);
  bench.resolver = std::move(*resolver);
  config::Settings settings;
  settings.contact = "postmaster";
  std::error_code ignored;
  const auto path = config_path(arguments);
  const bool named = arguments.has("--config");
  if (named || std::filesystem::exists(path, ignored)) {
    const auto loaded = config::load_file(path);
    if (loaded.settings) {
      settings = *loaded.settings;
      bench.words = learnt_words(settings, *bench.log, err);
    } else if (named) {
      const auto& first = loaded.problems.front();  // without a place: the file itself cannot be read
      return fail(ErrorKind::invalid, first.line == 0 && loaded.problems.size() == 1
                                          ? first.text
                                          : path + " has mistakes: see `mailreeve config check`");
    }
  }
  auto policies = settings.policies;
  for (const auto& [name, policy] : judge::built_in_policies()) {
    policies.try_emplace(name, std::make_shared<const judge::Policy>(policy));
  }
  const auto name = arguments.value("--policy").value_or("balanced");
  const auto found = policies.find(name);
  if (found == policies.end()) return fail(ErrorKind::invalid, fmt::format("there is no policy \"{}\"", name));
  bench.policy = *found->second;
  bench.rules = make_rules(settings, bench.lists);
  const auto& checks = settings.checks;
  const bool asks = !checks.virus.engines.empty() || !checks.rspamd.text.empty() || !checks.spamassassin.text.empty();
  if (asks) bench.engines.emplace(*bench.log);
  return {};
}

Task<Scanned> scan(Bench& bench, Spawner& spawner, const Envelope& envelope, std::string_view message) {
  auto facts = std::make_shared<judge::Facts>();
  if (envelope.client) facts->session->client = *envelope.client;
  facts->session->helo = envelope.helo;
  facts->sender = envelope.sender;
  facts->recipients = envelope.recipients;
  facts->size = message.size();
  facts->body = std::make_shared<const mail::MemoryBody>(std::string{message});
  auto* engines = bench.engines ? &*bench.engines : nullptr;
  const judge::ExaminationServices services{*bench.resolver, *bench.marks, nullptr,           bench.clock, *bench.log,
                                            &bench.scanner,  engines,      bench.words.get(), engines};
  judge::Examination examination{services, spawner, bench.rules->checks, bench.rules->own, facts};
  // Without an address nothing can be said of the client, and nothing is.
  if (envelope.client) examination.begin(judge::Stage::connect);
  if (envelope.client && !envelope.helo.empty()) examination.begin(judge::Stage::helo);
  if (envelope.client && envelope.has_sender) examination.begin(judge::Stage::mail);
  facts->message = std::make_shared<const auth::MessageDigest>(digest_of(message));
  if (!facts->message->header_too_big()) facts->authors = auth::authors_of(facts->message->header());
  examination.begin(judge::Stage::message);
  co_await examination.settle();
  examination.begin(judge::Stage::alignment);
  co_await examination.settle();
  examination.begin(judge::Stage::closing);
  co_await examination.settle();
  const auto& policy = bench.policy_of(envelope);
  auto findings = examination.findings();
  if (policy.lists) {
    auto own = policy.lists->match(*facts);
    findings.insert(findings.end(), own.begin(), own.end());
  }
  judge::RecipientContext context;
  context.is_role = !envelope.recipients.empty() && judge::is_role_address(envelope.recipients.front());
  context.greylist_when = bench.rules->options.greylist.when;
  Scanned scanned{judge::decide(policy, findings, context), examination.questions()};
  if (facts->unexamined && scanned.verdict.action < judge::Action::reject) {
    scanned.put_off = true;
    judge::put_off(scanned.verdict, *facts->unexamined, scanned.verdict.action);
  }
  co_return scanned;
}

bj::object to_json(const std::string& name, const Scanned& scanned) {
  const auto& verdict = scanned.verdict;
  bj::array findings;
  for (const auto& one : verdict.findings) {
    bj::object entry{{"code", one.finding.code},
                     {"weight", one.weight},
                     {"evidence", one.finding.evidence},
                     {"check", one.finding.check}};
    if (one.action != judge::Action::none) entry["action"] = judge::name(one.action);
    findings.push_back(std::move(entry));
  }
  return {{"file", name},
          {"action", scanned.word()},
          {"score", verdict.score},
          {"decided_by", verdict.decided_by},
          {"policy", verdict.policy},
          {"why", verdict.why},
          {"would_change", verdict.would_change},
          {"findings", std::move(findings)}};
}

void print_whole(std::ostream& out, const Scanned& scanned) {
  const auto& verdict = scanned.verdict;
  out << fmt::format("{}  score {:.1f}  (policy {})\n", scanned.word(), verdict.score, verdict.policy);
  out << "because    " << shown(verdict.why) << '\n';
  if (!verdict.would_change.empty()) out << "otherwise  " << shown(verdict.would_change) << '\n';
  for (const auto& one : verdict.findings) {
    out << fmt::format("{:>+6.1f}  {:<26} {}\n", one.weight, one.finding.code, shown(one.finding.evidence));
  }
}

void print_line(std::ostream& out, const std::string& name, const Scanned& scanned) {
  std::string codes;
  for (const auto& one : scanned.verdict.findings) codes += (codes.empty() ? "" : " ") + one.finding.code;
  out << fmt::format("{:<10} {:>6.1f}  {}  {}\n", scanned.word(), scanned.verdict.score, shown(name), codes);
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.has("--preview") || arguments.has("--html")) return run_preview(arguments, out, err);
  const auto envelope = envelope_from(arguments);
  if (!envelope) return give_up(err, envelope.error());
  Bench bench;
  auto prepared = prepare(bench, arguments, err);
  if (!prepared) return give_up(err, prepared.error());
  net::LocalSpawner spawner;
  int status = exit_ok;
  const auto paths = arguments.values("FILE");
  const bool many = !is_one_file(paths);
  const auto tell = [&](const std::string& name, std::string_view message, bool of_mbox) {
    const auto scanned = spawner.run(scan(bench, spawner, *envelope, message));
    if (arguments.has("--json")) {
      out << bj::serialize(to_json(name, scanned)) << '\n';
    } else if (many || of_mbox) {
      print_line(out, name, scanned);
    } else {
      print_whole(out, scanned);
    }
  };
  const auto failed = [&](const Error& error) { status = give_up(err, error); };
  const auto remark = [&](const std::string& text) { err << "mailreeve: " << shown(text) << '\n'; };
  for_each_message(paths, tell, failed, remark);
  return status;
}

}  // namespace

Command scan_command() {
  using Kind = Parameter::Kind;
  return {
      "scan", "Judge messages as the gateway would, offline; a directory or an mbox gives a line each",
      with_dns_parameters({{"FILE", Kind::positionals, "Messages, directories or mboxes; - for standard input"},
                           {"--ip", Kind::value, "The client's address", "ADDRESS"},
                           {"--helo", Kind::value, "Its name in HELO", "NAME"},
                           {"--from", Kind::value, "The envelope sender; empty for the null sender", "ADDRESS"},
                           {"--rcpt", Kind::values, "A recipient; the first one's policy is used", "ADDRESS"},
                           {"--policy", Kind::value, "The policy for recipients without one (else balanced)", "NAME"},
                           {"--preview", Kind::flag, "Show it as a reviewer is shown it; judge nothing"},
                           {"--html", Kind::flag, "The preview as a page: for a browser"}}),
      run};
}

}  // namespace mailreeve::cli
