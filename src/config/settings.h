// SPDX-License-Identifier: Apache-2.0
// The settings file as values: every folder's own option struct, checked as a whole.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "delivery/options.h"
#include "delivery/routes.h"
#include "dns/options.h"
#include "gateway/options.h"
#include "gateway/scanner_pool.h"
#include "judge/checks/options.h"
#include "judge/directories.h"
#include "judge/policies.h"
#include "judge/recipients.h"
#include "web/options.h"

namespace mailreeve::config {

/// One [recipients.NAME] as it was written.
struct RecipientSource {
  std::string kind;
  std::string file;
  judge::LdapOptions ldap;
  std::string bind_password_file;
  judge::SqlOptions sql;
  std::string callahead_url;
  std::shared_ptr<const judge::CallaheadDirectory> callahead;  // wants a prober before it can answer
  judge::DirectoryCacheOptions cache;
  std::shared_ptr<const judge::WatchedDirectory> watched;  // what is asked behind the cache
};

struct Settings {
  std::string host_name;
  std::string data_dir;  // "hostname", "data-dir", "contact" of the file
  std::string contact;
  std::string user;  // whom to become after binding, when started as root; empty: see docs
  LogFormat log_format = LogFormat::json;
  LogLevel log_level = LogLevel::info;
  gateway::Options gateway;
  web::Options web;
  judge::RecipientOptions recipients;
  delivery::Options delivery;
  delivery::Routes routes;
  dns::Options dns;
  judge::CheckOptions checks;
  gateway::ScannerOptions scanners;
  std::map<std::string, std::shared_ptr<const judge::Policy>, std::less<>> policies;  // by name, the built-in ones too
  judge::PolicyBook policy_book;
  std::map<std::string, std::shared_ptr<const judge::Policy>> domain_policies;  // by domain, with its own weights
  std::vector<std::pair<std::string, std::shared_ptr<const judge::Policy>>> recipient_policies;
  std::map<std::string, std::vector<std::string>> domain_choices;  // domain -> policies its recipients may choose
  std::chrono::seconds history_keep = std::chrono::hours{24 * 30};
  std::map<std::string, RecipientSource> recipient_sources;  // [recipients.NAME]
  std::map<std::string, std::string> domain_recipients;      // domain -> NAME, or "any"
};

/// One mistake or remark, with its place: "mailreeve.toml:12:9: error: ...".
struct Problem {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  unsigned line = 0;  // from 1; 0 when it has no place
  unsigned column = 0;
  std::string text;  // what is wrong, and what to write instead
  std::string format(const std::string& path) const;
};

struct Loaded {
  std::shared_ptr<const Settings> settings;  // null when there was an error
  std::vector<Problem> problems;             // all of them, in the file's order
};

/// Reads and checks a file; also reads the recipient lists and looks at the certificate it names.
Loaded load_file(const std::string& path);
/// The same from text; `path` is only for messages and for resolving nothing.
Loaded load_text(std::string_view text, const std::string& path);

/// The effective settings, defaults filled in, as TOML that load_text reads back to the same settings.
std::string show(const Settings& settings);

}  // namespace mailreeve::config
