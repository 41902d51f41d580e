// SPDX-License-Identifier: Apache-2.0
#include "cli/dns_options.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <iterator>

#include "base/files.h"
#include "cli/message_files.h"
#include "cli/table.h"
#include "config/settings.h"

namespace mailreeve::cli {
namespace {

constexpr std::uint16_t dns_port = 53;

Logger& silent() {
  static const auto log = make_silent_logger();
  return *log;
}

std::string unusable(const config::Loaded& loaded, const std::string& path) {
  for (const auto& problem : loaded.problems) {
    if (problem.severity != config::Problem::Severity::error) continue;
    return fmt::format("{}\nmend it, or name a DNS server by --resolver", problem.format(path));
  }
  return path;
}

}  // namespace

std::vector<Parameter> with_dns_parameters(std::vector<Parameter> own) {
  own.push_back({"--resolver", Parameter::Kind::value, "Ask this DNS server", "HOST:PORT"});
  own.push_back({"--zone", Parameter::Kind::value, "Answer from this zone file alone, without asking anybody", "FILE"});
  own.push_back({"--json", Parameter::Kind::flag, "Print JSON"});
  own.push_back(config_parameter());
  return own;
}

Result<std::unique_ptr<dns::Resolver>> make_command_resolver(const Arguments& arguments) {
  dns::Options options;
  if (const auto zone = arguments.value("--zone")) {
    options.zone_file = *zone;
  } else if (const auto server = arguments.value("--resolver")) {
    if (const auto address = IpAddress::parse(*server)) {
      options.servers.push_back({*address, dns_port});
    } else {
      auto endpoint = net::Endpoint::parse(*server);
      if (!endpoint) return fail(ErrorKind::invalid, fmt::format("--resolver {}: write \"127.0.0.1:53\"", *server));
      options.servers.push_back(*endpoint);
    }
    options.source = dns::Options::Source::servers;
  } else {
    std::error_code ignored;
    if (std::filesystem::exists(config_path(arguments), ignored)) {
      // Asking somebody else than the settings say, without a word, would mislead whoever looks for a mistake.
      const auto loaded = config::load_file(config_path(arguments));
      if (!loaded.settings) return fail(ErrorKind::invalid, unusable(loaded, config_path(arguments)));
      options = loaded.settings->dns;
    }
  }
  return dns::make_resolver(options, silent());
}

Result<void> check_ordinary(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{} is no ordinary file; write - and give the message by standard input", path));
}

Result<std::string> read_message_file(const std::string& path) {
  std::string bytes;
  if (path == "-") {
    bytes.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    auto ordinary = check_ordinary(path);
    if (!ordinary) return fail(ordinary);
    auto read = make_system_files()->read_all(path, message_limit);
    if (!read) return read;
    bytes = std::move(*read);
  }
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) out += '\r';
    out += bytes[i];
  }
  return out;
}

auth::MessageDigest digest_of(std::string_view message) {
  auth::MessageDigest digest;
  digest.feed(message);
  digest.finish();
  return digest;
}

int give_up(std::ostream& err, const Error& error) {
  err << "mailreeve: " << error.text << '\n';
  return exit_failed;
}

std::string shown(std::string_view text) { return printable(text); }

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out += shown(text.substr(0, end)) + '\n';
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace mailreeve::cli
