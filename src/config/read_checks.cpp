// SPDX-License-Identifier: Apache-2.0
// [checks.*] and [harvest]: what is looked at.
#include "config/load.h"
#include "judge/checks/all.h"
#include "mail/characters.h"
#include "scan/file_type.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Of = judge::ListZone::Of;

constexpr double heaviest = 1000;
constexpr std::size_t most_zones = 64;

bool is_finding_code(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '.' || text.back() == '.') return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

std::optional<std::string> read_code(const Section& section, std::string_view key) {
  const auto given = section.text(key);
  if (!given) return std::nullopt;
  if (is_finding_code(given->value)) return given->value;
  section.error(
      key, fmt::format("{}: \"{}\" is no name of a finding; write for example \"dnsbl.spamhaus\"", key, given->value));
  return std::nullopt;
}

void read_answer_codes(const Section& section, judge::ListZone& zone) {
  for (const auto& item : section.sections("codes")) {
    const auto answer = item.required_text("answer", "127.0.0.2");
    if (!answer) continue;
    auto network = IpNetwork::parse(answer->value);
    if (!network) {
      item.error("answer", fmt::format("answer: {}", network.error().text));
      continue;
    }
    judge::ListZone::Code code{*network, zone.weight, {}};
    if (const auto weight = item.decimal("weight", -heaviest, heaviest)) code.weight = *weight;
    if (auto finding = read_code(item, "finding")) code.finding = std::move(*finding);
    zone.codes.push_back(std::move(code));
  }
}

void read_of(const Section& section, judge::ListZone& zone) {
  constexpr std::pair<std::string_view, Of> words[] = {
      {"mail-from", Of::mail_from}, {"header-from", Of::header_from}, {"helo", Of::helo}, {"urls", Of::urls}};
  for (const auto& text : section.texts("of")) {
    bool known = false;
    for (const auto& [word, of] : words) {
      if (text.value != word) continue;
      zone.of.push_back(of);
      known = true;
    }
    if (!known) {
      section.problems().error(text.place, fmt::format("of: \"{}\" is unknown; write \"mail-from\", \"header-from\", "
                                                       "\"helo\" or \"urls\"",
                                                       text.value));
    }
  }
}

std::vector<judge::ListZone> read_zones(const Section& check, bool of_domains) {
  std::vector<judge::ListZone> zones;
  for (const auto& section : check.sections("lists")) {
    judge::ListZone zone;
    const auto name = section.required_text("zone", of_domains ? "dbl.spamhaus.org" : "zen.spamhaus.org");
    const auto code = section.has("finding") ? read_code(section, "finding")
                                             : std::optional<std::string>{of_domains ? "rhsbl.listed" : "dnsbl.listed"};
    if (const auto weight = section.decimal("weight", -heaviest, heaviest)) {
      zone.weight = *weight;
    } else if (!section.has("weight")) {
      zone.weight = 1.0;
    }
    if (!name || !code) continue;
    auto domain = mail::Domain::parse(name->value);
    if (!domain || domain->is_literal()) {
      section.error("zone", fmt::format("zone \"{}\" is no domain", name->value));
      continue;
    }
    zone.zone = domain->text();
    zone.finding = *code;
    read_answer_codes(section, zone);
    if (of_domains) {
      read_of(section, zone);
      if (!section.has("of")) zone.of = {Of::mail_from, Of::header_from, Of::helo};
    }
    zones.push_back(std::move(zone));
  }
  if (zones.size() > most_zones) check.error("lists", fmt::format("at most {} lists", most_zones));
  return zones;
}

void read_greylist(const Section& section, judge::GreylistOptions& options) {
  for (const auto& text : section.texts("when")) {
    if (is_finding_code(text.value)) {
      options.when.push_back(text.value);
    } else {
      section.problems().error(text.place, fmt::format("when: \"{}\" is no name of a finding", text.value));
    }
  }
  section.duration("delay", options.delay, seconds{0}, hours{24});
  section.duration("retry-within", options.retry_within, seconds{1}, hours{24 * 30});
  section.duration("remember", options.remember, seconds{1}, hours{24 * 365});
  if (options.retry_within <= options.delay) {
    section.error("retry-within", "retry-within must be longer than delay, or nobody ever gets in");
  }
}

void read_callout(const Section& section, judge::CalloutOptions& options) {
  if (section.has("only-without")) {
    options.only_without.clear();
    for (const auto& text : section.texts("only-without")) options.only_without.push_back(text.value);
  }
  section.rate("limit", "domain", options.limit_count, options.limit_window);
  section.number("port", options.port, 1, 65535);
}

void read_attachment(const Section& section, judge::AttachmentOptions& options) {
  if (section.has("block")) {
    options.block.clear();
    for (const auto& text : section.texts("block")) {
      const auto is_it = [&](const scan::Category& category) { return category.name == text.value; };
      if (std::ranges::any_of(scan::categories(), is_it)) {
        options.block.insert(text.value);
        continue;
      }
      std::vector<std::string_view> names;
      for (const auto& category : scan::categories()) names.push_back(category.name);
      section.problems().error(text.place, fmt::format("block: \"{}\" is no kind of file; write \"{}\"", text.value,
                                                       fmt::join(names, "\", \"")));
    }
  }
  section.boolean("inside-archives", options.inside_archives);
  section.choice<std::string>("encrypted-archives", options.encrypted_archives,
                              {{"none", "none"}, {"tag", "tag"}, {"quarantine", "quarantine"}, {"reject", "reject"}});
}

/// What is wrong with the place of an engine. Names are not looked up: what answers there must not depend on DNS.
std::string wrong_engine(std::string_view key, std::string_view given, std::string_view host,
                         std::string_view example) {
  const auto name = host.substr(0, host.find(':'));
  const bool is_name = !name.starts_with('[') && std::ranges::any_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return fmt::format("{}: \"{}\": {}write {}", key, given,
                     is_name ? fmt::format("\"{}\" is a name; an address must stand there; ", name) : "", example);
}

/// "icap://127.0.0.1:1344/avscan"; the port is 1344 where none is given (RFC 3507 4.2).
std::optional<judge::VirusEngineAddress> icap_engine(const std::string& text) {
  constexpr std::string_view scheme = "icap://";
  constexpr std::uint16_t usual_port = 1344;
  std::string_view rest{text};
  if (!rest.starts_with(scheme)) return std::nullopt;
  rest.remove_prefix(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  judge::VirusEngineAddress engine;
  engine.protocol = judge::VirusEngineAddress::Protocol::icap;
  engine.text = text;
  engine.service = slash == rest.size() ? "/" : std::string{rest.substr(slash)};
  const auto host = rest.substr(0, slash);
  if (const auto address = IpAddress::parse(host)) {
    engine.address = *address;
    engine.port = usual_port;
  } else if (const auto endpoint = net::Endpoint::parse(host); endpoint && endpoint->port != 0) {
    engine.address = endpoint->address;
    engine.port = endpoint->port;
  } else {
    return std::nullopt;
  }
  const bool plain = std::ranges::all_of(engine.service, [](char c) { return c > ' ' && c < 0x7f; });
  return plain ? std::optional{std::move(engine)} : std::nullopt;
}

/// "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310".
void read_virus(const Section& section, judge::VirusOptions& options) {
  if (const auto given = section.text("clamd")) {
    judge::VirusEngineAddress engine;
    engine.text = given->value;
    const std::string_view value{given->value};
    const auto endpoint =
        value.starts_with("tcp:") ? net::Endpoint::parse(value.substr(4)) : fail(ErrorKind::invalid, "");
    if (value.starts_with("unix:/") && value.size() < 100) {
      engine.path = value.substr(5);
    } else if (endpoint && endpoint->port != 0) {
      engine.address = endpoint->address;
      engine.port = endpoint->port;
    } else {
      const auto host = value.starts_with("tcp:") ? value.substr(4) : std::string_view{};
      section.error("clamd",
                    wrong_engine("clamd", value, host, "\"unix:/run/clamav/clamd.ctl\" or \"tcp:127.0.0.1:3310\""));
      return;
    }
    options.engines.push_back(std::move(engine));
  }
  if (const auto given = section.text("icap")) {
    if (auto engine = icap_engine(given->value)) {
      options.engines.push_back(std::move(*engine));
    } else {
      std::string_view host{given->value};
      host = host.starts_with("icap://") ? host.substr(7, host.find('/', 7) - 7) : std::string_view{};
      section.error("icap", wrong_engine("icap", given->value, host, "\"icap://127.0.0.1:1344/avscan\""));
    }
  }
  section.choice("when-down", options.accept_when_down, {{"defer", false}, {"accept", true}});
  seconds limit = std::chrono::duration_cast<seconds>(options.time_limit);
  section.duration("time-limit", limit, seconds{1}, seconds{300});
  options.time_limit = limit;
}

void read_languages(const Section& section, judge::LanguageOptions& options) {
  for (const auto& text : section.texts("unwanted")) {
    const bool is_code =
        text.value.size() == 2 && std::ranges::all_of(text.value, [](char c) { return c >= 'a' && c <= 'z'; });
    if (is_code) {
      options.unwanted.insert(text.value);
    } else {
      section.problems().error(
          text.place, fmt::format("unwanted: \"{}\" is no code of ISO 639-1; write for example \"ru\"", text.value));
    }
  }
}

std::shared_ptr<const judge::KeywordSet> read_keywords(const Section& section) {
  using In = judge::KeywordRule::In;
  constexpr std::pair<std::string_view, In> places[] = {
      {"subject", In::subject}, {"body", In::body}, {"headers", In::headers}, {"names", In::names}, {"urls", In::urls}};
  std::vector<judge::KeywordRule> rules;
  std::vector<Place> places_of_rules;
  for (const auto& rule_section : section.sections("rule")) {
    judge::KeywordRule rule;
    const auto name = rule_section.required_text("name", "prize");
    const auto match = rule_section.required_text("match", "(?i)\\byou have won\\b");
    if (const auto weight = rule_section.decimal("weight", -heaviest, heaviest)) rule.weight = *weight;
    if (rule_section.has("in")) rule.in.clear();
    if (rule_section.is_list("in") && rule_section.texts("in").empty()) {
      rule_section.error("in",
                         "in is empty: the rule would look nowhere; write for example in = [\"subject\", \"body\"]");
    }
    for (const auto& text : rule_section.texts("in")) {
      const auto* place =
          std::ranges::find(places, std::string_view{text.value}, &std::pair<std::string_view, In>::first);
      if (place == std::end(places)) {
        section.problems().error(text.place,
                                 fmt::format("in: \"{}\" is unknown; write \"subject\", \"body\", \"headers\", "
                                             "\"names\" or \"urls\"",
                                             text.value));
      } else {
        rule.in.push_back(place->second);
      }
    }
    if (!name || !match) continue;
    if (!is_finding_code(name->value)) {
      rule_section.error("name", fmt::format("name: \"{}\" must be lower case letters, digits, - and .", name->value));
      continue;
    }
    rule.name = name->value;
    rule.pattern = match->value;
    places_of_rules.push_back(rule_section.place("match"));
    rules.push_back(std::move(rule));
  }
  if (rules.empty()) return nullptr;
  auto set = judge::KeywordSet::compile(rules);
  if (set) return std::move(*set);
  // One by one, to tell the places of all that are wrong; compiling takes its time, so only now.
  bool told = false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto alone = judge::KeywordSet::compile({rules[i]});
    if (alone) continue;
    section.problems().error(places_of_rules[i], alone.error().text);
    told = true;
  }
  if (!told) section.error({}, set.error().text);
  return nullptr;
}

void read_brands(const Section& section, judge::UrlOptions& options) {
  for (const auto& text : section.texts("brands")) {
    auto domain = mail::Domain::parse(text.value);
    if (domain && !domain->is_literal()) {
      options.brands.push_back(domain->text());
    } else {
      section.problems().error(text.place,
                               fmt::format("brands: \"{}\" is no domain; write \"bank.example\"", text.value));
    }
  }
}

void read_people(const Section& section, judge::DisplayOptions& options) {
  for (const auto& text : section.texts("people")) {
    auto person = judge::parse_person(text.value);
    if (person) {
      options.people.push_back(std::move(*person));
    } else {
      section.problems().error(text.place, fmt::format("people: {}", person.error().text));
    }
  }
}

void read_switch(const Section& section, const judge::CheckInfo& info, judge::CheckOptions& options) {
  bool on = info.on_by_default;
  section.boolean("enabled", on);
  if (on == info.on_by_default) return;
  (on ? options.enabled : options.disabled).insert(std::string{info.name});
}

void read_delay(const Section& section, std::string_view key, std::chrono::milliseconds& out, seconds most) {
  seconds time = std::chrono::duration_cast<seconds>(out);
  section.duration(key, time, seconds{0}, most);
  out = time;
}

}  // namespace

judge::SenderLists read_sender_lists(const Section& section) {
  judge::SenderLists lists;
  const auto read = [&](std::string_view key, std::vector<judge::ListEntry>& to) {
    for (const auto& text : section.texts(key)) {
      auto entry = judge::parse_list_entry(text.value);
      if (entry) {
        to.push_back(std::move(*entry));
      } else {
        section.problems().error(text.place, fmt::format("{}: {}", key, entry.error().text));
      }
    }
  };
  read("block", lists.block);
  read("allow", lists.allow);
  return lists;
}

void read_checks(const Section& file, Settings& settings) {
  auto& options = settings.checks;
  const auto checks = file.section("checks");
  bool all = true;
  checks.boolean("enabled", all);
  for (const auto* info : judge::all_checks()) {
    const auto section = checks.section(info->name);
    read_switch(section, *info, options);
    if (!all) {
      options.disabled.insert(std::string{info->name});
      options.enabled.erase(std::string{info->name});
    }
  }
  options.dnsbl.lists = read_zones(checks.section("dnsbl"), false);
  checks.section("dnsbl").duration("recheck", options.dnsbl.recheck, seconds{10}, hours{24});
  options.rhsbl.lists = read_zones(checks.section("rhsbl"), true);
  read_greylist(checks.section("greylist"), options.greylist);
  read_callout(checks.section("callout"), options.callout);
  bool connect_back = options.enabled.contains("connect-back");
  checks.section("callout").boolean("connect-back", connect_back);
  if (all && connect_back) options.enabled.insert("connect-back");
  checks.section("recipients").number("maximum", options.recipients.maximum, 1, 100'000);
  read_delay(checks.section("pregreet"), "delay", options.pregreet.delay, seconds{60});
  read_delay(checks.section("tarpit"), "delay", options.tarpit.delay, seconds{60});
  const auto rate = checks.section("rate");
  rate.rate("connections", "address", options.rate.connections.count, options.rate.connections.window);
  rate.rate("messages", "address", options.rate.messages.count, options.rate.messages.window);
  for (const auto& text : checks.section("arc").texts("trusted")) {
    options.arc.trusted.insert(mail::lower(text.value));
  }
  checks.section("dkim").number("signatures", options.dkim.signatures, 1, 50);
  options.lists = read_sender_lists(checks.section("lists"));
  read_attachment(checks.section("attachment"), options.attachment);
  read_brands(checks.section("url"), options.url);
  read_people(checks.section("display"), options.display);
  read_languages(checks.section("language"), options.language);
  options.keywords = read_keywords(checks.section("keyword"));
  read_virus(checks.section("virus"), options.virus);
  read_spam_engine(checks.section("rspamd"), judge::SpamProtocol::rspamd, options.rspamd);
  read_spam_engine(checks.section("spamassassin"), judge::SpamProtocol::spamd, options.spamassassin);
  checks.section("bayes").number("min-learned", options.bayes.minimum, 1, 1'000'000);
  checks.section("bayes").boolean("per-domain", options.bayes.per_domain);

  const auto scan = file.section("scan");
  unsigned cells = 0;
  scan.number("cells", cells, 0, 1024);
  settings.scanners.cells = cells;
  seconds limit = std::chrono::duration_cast<seconds>(settings.scanners.time_limit);
  scan.duration("time-limit", limit, seconds{1}, seconds{300});
  settings.scanners.time_limit = limit;

  const auto harvest = file.section("harvest");
  if (!harvest.exists()) options.harvest.unknown_limit = 0;
  harvest.number("unknown-limit", options.harvest.unknown_limit, 0, 10'000);
  harvest.duration("window", options.harvest.window, seconds{1}, hours{24});
  harvest.duration("block", options.harvest.block, seconds{1}, hours{24 * 30});
}

}  // namespace mailreeve::config
