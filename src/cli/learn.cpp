// SPDX-License-Identifier: Apache-2.0
// `mailreeve learn`: what people sorted teaches the statistics. The message is taken apart here, in a scanner process;
// only hashes of its words go to the gateway, or into the store when none runs.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "cli/call_gateway.h"
#include "cli/cell_scanner.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/learnt_words.h"
#include "cli/load_settings.h"
#include "cli/message_files.h"
#include "judge/message_words.h"
#include "net/blocking.h"
#include "web/learn_routes.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;
using store::MailClass;

constexpr std::size_t batch_words = 30'000;  // a request holds 16 octets a word, and may have 1 MiB

/// Where lessons go, found out with the first of them.
class Teacher {
 public:
  Teacher(const config::Settings& settings, std::vector<std::string> scopes)
      : settings_{settings}, scopes_{std::move(scopes)} {}

  Result<void> add(store::Lesson lesson) {
    waiting_words_ += lesson.words.size();
    waiting_.push_back(std::move(lesson));
    return waiting_words_ < batch_words ? Result<void>{} : flush();
  }
  Result<void> flush() {
    waiting_words_ = 0;
    const auto lessons = std::exchange(waiting_, {});
    if (lessons.empty()) return {};
    for (const auto& scope : scopes_) {
      auto counts = teach(scope, lessons);
      if (!counts) return fail(counts);
      if (&scope == &scopes_.back()) add_up(*counts);
    }
    return {};
  }
  const store::LessonCounts& counts() const { return counts_; }

  Result<store::WordCount> messages(const std::string& scope) {
    net::HttpRequest request{"GET", "/api/v1/learn", {}, {}};
    if (!scope.empty()) request.query["scope"] = scope;
    if (!words_) {
      const auto answer = ask_gateway(settings_, request);
      if (answer) return read_messages(*answer);
      auto opened = open_if_none_runs(answer.error());
      if (!opened) return fail(opened);
    }
    return words_->messages(scope);
  }

 private:
  Result<store::LessonCounts> teach(const std::string& scope, const std::vector<store::Lesson>& lessons) {
    if (!words_) {
      net::HttpRequest request{"POST", "/api/v1/learn", {}, web::lesson_request(scope, lessons)};
      const auto answer = ask_gateway(settings_, request);
      if (answer && answer->status == 200) return web::lesson_answer(answer->body);
      if (answer) return fail(ErrorKind::io, explain(*answer));
      auto opened = open_if_none_runs(answer.error());
      if (!opened) return fail(opened);
    }
    return net::run_blocking(learn_here(scope, lessons)).value();
  }

  Task<std::optional<Result<store::LessonCounts>>> learn_here(std::string scope, std::vector<store::Lesson> lessons) {
    auto counts = co_await words_->learn(std::move(scope), std::move(lessons));
    co_return std::optional{std::move(counts)};
  }

  Result<void> open_if_none_runs(const Error& error) {
    if (error.kind != ErrorKind::not_found) return fail(error.kind, error.text);
    auto words = open_words(settings_, *log_);
    if (!words) return fail(words);
    words_ = std::move(*words);
    return {};
  }

  static Result<store::WordCount> read_messages(const net::HttpResponse& answer) {
    if (answer.status != 200) return fail(ErrorKind::io, explain(answer));
    bj::error_code error;
    const auto value = bj::parse({answer.body.data(), answer.body.size()}, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto number = [object](const char* key) {
      const auto* found = object == nullptr ? nullptr : object->if_contains(key);
      return found == nullptr || !found->is_int64() ? 0U : static_cast<std::uint32_t>(found->as_int64());
    };
    return store::WordCount{number("spam"), number("ham")};
  }

  void add_up(const store::LessonCounts& counts) {
    counts_.learnt += counts.learnt;
    counts_.known += counts.known;
    counts_.moved += counts.moved;
    counts_.forgotten += counts.forgotten;
    counts_.unknown += counts.unknown;
  }

  const config::Settings& settings_;
  std::vector<std::string> scopes_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  std::unique_ptr<store::WordCounts> words_;  // when no gateway runs
  std::vector<store::Lesson> waiting_;
  std::size_t waiting_words_ = 0;
  store::LessonCounts counts_;
};

/// Only mail of our domains is judged by what is learnt for one.
Result<void> check_ours(const mail::Domain& domain, const std::vector<judge::DomainOptions>& ours) {
  std::vector<std::string_view> names;
  for (const auto& own : ours) {
    if (own.name == domain) return {};
    if (std::ranges::find(own.aliases, domain) != own.aliases.end()) {
      return fail(ErrorKind::invalid,
                  fmt::format("--domain {}: that is an alias; write --domain {}", domain.text(), own.name.text()));
    }
    names.push_back(own.name.text());
  }
  return fail(ErrorKind::not_found,
              fmt::format("--domain {} is no domain of ours; these are: {}", domain.text(), fmt::join(names, ", ")));
}

Result<std::vector<std::string>> scopes_from(const Arguments& arguments, const config::Settings& settings) {
  std::vector<std::string> scopes{""};
  if (const auto given = arguments.value("--domain")) {
    const auto domain = mail::Domain::parse(*given);
    if (!domain || domain->is_literal()) {
      return fail(ErrorKind::invalid, fmt::format("--domain {}: write for example example.org", *given));
    }
    auto ours = check_ours(*domain, settings.recipients.domains);
    if (!ours) return fail(ours);
    scopes.push_back(domain->text());
  }
  return scopes;
}

/// Has it a field that messages have? A list of accounts and a README have lines with colons, too.
bool is_message(const mail::Header& header) {
  constexpr std::string_view usual[] = {"From",     "To",           "Cc",          "Subject",      "Date",
                                        "Received", "Message-ID",   "Return-Path", "Delivered-To", "Sender",
                                        "Reply-To", "MIME-Version", "Content-Type"};
  return std::ranges::any_of(usual, [&](std::string_view name) { return header.first(name) != nullptr; });
}

Result<store::Lesson> lesson_from(CellScanner& scanner, net::LocalSpawner& spawner, std::string_view message,
                                  std::optional<MailClass> as) {
  const auto end = message.find("\r\n\r\n");
  const mail::Header header{std::string{message.substr(0, end == std::string_view::npos ? end : end + 2)}};
  if (!is_message(header))
    return fail(ErrorKind::invalid, "no message: no header field of one stands at its beginning");
  const auto scanned =
      spawner.run(scanner.scan(spawner, std::make_shared<const mail::MemoryBody>(std::string{message})));
  if (!scanned.report) return fail(ErrorKind::io, scanned.why);
  return judge::lesson_of(message, *scanned.report, as);
}

std::string summary(const store::LessonCounts& counts, std::optional<MailClass> as) {
  if (!as) return fmt::format("{} forgotten, {} were not known", counts.forgotten, counts.unknown);
  const bool is_spam = *as == MailClass::spam;
  return fmt::format("{} learnt as {}, {} known already, {} moved from {}", counts.learnt, is_spam ? "spam" : "ham",
                     counts.known, counts.moved, is_spam ? "ham" : "spam");
}

bj::object to_json(store::WordCount messages, unsigned minimum) {
  return {{"spam", messages.spam},
          {"ham", messages.ham},
          {"minimum", minimum},
          {"judging", messages.spam >= minimum && messages.ham >= minimum}};
}

std::string standing(store::WordCount messages, unsigned minimum) {
  const bool is_enough = messages.spam >= minimum && messages.ham >= minimum;
  // The statistics weigh each class by its number, but words of a class hardly seen stay unknown.
  constexpr std::uint64_t lopsided = 10;
  const std::uint64_t less = std::min(messages.spam, messages.ham);
  const auto* const rare = messages.spam < messages.ham ? "spam" : "ham";
  return fmt::format("{} spam and {} ham are known: {}{}", messages.spam, messages.ham,
                     is_enough ? "new mail is judged by them"
                               : fmt::format("nothing is judged by them before there are {} of each", minimum),
                     std::max(messages.spam, messages.ham) > lopsided * std::max<std::uint64_t>(less, 1)
                         ? fmt::format("; one class has more than ten times the messages of the other, which makes "
                                       "mistakes likely: teach more {}",
                                       rare)
                         : "");
}

int teach(const Arguments& arguments, std::optional<MailClass> as, std::ostream& out, std::ostream& err) {
  ::umask(0077);  // of what was learnt words can be guessed
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  auto scopes = scopes_from(arguments, *settings);
  if (!scopes) return give_up(err, scopes.error());
  const auto scope = scopes->back();
  Teacher teacher{*settings, std::move(*scopes)};
  CellScanner scanner;
  net::LocalSpawner spawner;
  int status = exit_ok;
  Result<void> taught;
  const auto take = [&](const std::string& name, std::string_view message, bool) {
    if (!taught) return;
    auto lesson = lesson_from(scanner, spawner, message, as);
    if (lesson) {
      taught = teacher.add(std::move(*lesson));
    } else {
      status = give_up(err, Error{lesson.error().kind, Blame::local, fmt::format("{}: {}", name, lesson.error().text)});
    }
  };
  const auto failed = [&](const Error& error) { status = give_up(err, error); };
  const auto remark = [&](const std::string& text) { err << "mailreeve: " << shown(text) << '\n'; };
  for_each_message(arguments.values("FILE"), take, failed, remark);
  if (taught) taught = teacher.flush();
  if (!taught) return give_up(err, taught.error());
  const auto messages = teacher.messages(scope);
  if (!messages) return give_up(err, messages.error());
  const auto minimum = settings->checks.bayes.minimum;
  if (arguments.has("--json")) {
    auto answer = to_json(*messages, minimum);
    const auto& counts = teacher.counts();
    answer["learnt"] = counts.learnt;
    answer["known"] = counts.known;
    answer["moved"] = counts.moved;
    answer["forgotten"] = counts.forgotten;
    answer["unknown"] = counts.unknown;
    out << bj::serialize(answer) << '\n';
  } else {
    out << summary(teacher.counts(), as) << ".\n" << standing(*messages, minimum) << ".\n";
  }
  return status;
}

int learn_spam(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return teach(arguments, MailClass::spam, out, err);
}
int learn_ham(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return teach(arguments, MailClass::ham, out, err);
}
int learn_forget(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return teach(arguments, std::nullopt, out, err);
}

int show(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  auto scopes = scopes_from(arguments, *settings);
  if (!scopes) return give_up(err, scopes.error());
  const auto scope = scopes->back();
  const auto messages = Teacher{*settings, std::move(*scopes)}.messages(scope);
  if (!messages) return give_up(err, messages.error());
  const auto minimum = settings->checks.bayes.minimum;
  if (arguments.has("--json")) {
    out << bj::serialize(to_json(*messages, minimum)) << '\n';
  } else {
    out << standing(*messages, minimum) << ".\n";
  }
  return exit_ok;
}

std::vector<Parameter> parameters(bool takes_files) {
  using Kind = Parameter::Kind;
  std::vector<Parameter> all;
  if (takes_files) {
    all.push_back({"FILE", Kind::positionals, "Messages, directories, Maildirs or mboxes; - for standard input"});
  }
  all.push_back({"--domain", Kind::value, "Also for the mail of this domain alone (see per-domain)", "NAME"});
  all.push_back({"--json", Kind::flag, "Print JSON"});
  all.push_back(config_parameter());
  return all;
}

}  // namespace

Command learn_spam_command() { return {"learn spam", "This is spam", parameters(true), learn_spam}; }
Command learn_ham_command() { return {"learn ham", "This is mail that people want", parameters(true), learn_ham}; }
Command learn_forget_command() {
  return {"learn forget", "Take back what these messages taught", parameters(true), learn_forget};
}
Command learn_show_command() { return {"learn show", "How much was learnt", parameters(false), show}; }

}  // namespace mailreeve::cli
