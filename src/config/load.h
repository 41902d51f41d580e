// SPDX-License-Identifier: Apache-2.0
// Private to config/: how the loader is split.
#pragma once

#include "config/problems.h"
#include "config/section.h"
#include "config/settings.h"

namespace mailreeve::config {

/// `skip`: nothing outside the text is looked at, recipient lists stay null. For fuzzing and for tests of the text.
enum class FileChecks { full, skip };

Loaded load_text(std::string_view text, const std::string& path, FileChecks checks);

// Each fills its part of `settings`.
void read_listeners(const Section& file, Settings& settings);
void read_web_listener(const Section& section, const Section& file, const std::vector<net::Endpoint>& addresses,
                       Settings& settings);
void read_web(const Section& file, Settings& settings);  // after read_listeners
void read_tls(const Section& file, Settings& settings, FileChecks checks);
void read_limits(const Section& file, Settings& settings);
void read_domains(const Section& file, Settings& settings, FileChecks checks);
void read_relay(const Section& file, Settings& settings);
void read_outbound(const Section& file, Settings& settings);
void read_dns(const Section& file, Settings& settings);
void read_checks(const Section& file, Settings& settings);
void read_policies(const Section& file, Settings& settings);  // after read_domains
void read_history(const Section& file, Settings& settings);
void read_quarantine(const Section& file, Settings& settings);  // after read_domains
/// Last: warns of rules for what nothing can find, and of policies that let the worst in.
void check_rules(const Section& file, const Settings& settings);

/// Parts of show().
std::string show_checks(const Settings& settings);
std::string show_web(const Settings& settings);
std::string show_domain_policy(const judge::Policy& policy);
std::string show_quarantine(const gateway::QuarantineOptions& options);

judge::SenderLists read_sender_lists(const Section& section);
void read_spam_engine(const Section& section, judge::SpamProtocol protocol, judge::SpamEngineOptions& options);

/// A name with at least one dot whose last label is no number; else says what is wrong with it.
Result<mail::Domain> parse_host_name(std::string_view text);

}  // namespace mailreeve::config
