// SPDX-License-Identifier: Apache-2.0
// What a command says about itself: a name, a line about it, what it takes, and what it does.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::cli {

/// What stood on the command line: "--state" -> "held", "ID" -> "01J...", "--json" -> "" for a flag.
class Arguments {
 public:
  Arguments() = default;
  explicit Arguments(std::map<std::string, std::string> values) : values_{std::move(values)} {}
  bool has(std::string_view name) const { return values_.contains(std::string{name}); }
  std::optional<std::string> value(std::string_view name) const {
    const auto found = values_.find(std::string{name});
    return found == values_.end() ? std::nullopt : std::optional{found->second};
  }
  /// All that were given, in order.
  std::vector<std::string> values(std::string_view name) const;

 private:
  std::map<std::string, std::string> values_;  // several are joined by line ends
};

struct Parameter {
  /// `values` may be given several times, `positionals` takes all that is left: see Arguments::values.
  enum class Kind { flag, value, values, number, positional, optional_positional, positionals, optional_positionals };
  std::string name;  // "--state", or the name of a positional: "ID"
  Kind kind = Kind::flag;
  std::string help;
  std::string shown = {};  // what stands for the value in the help: "FILE"
};

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

struct Command {
  std::string name;  // "config check": the second word of a group
  std::string about;
  std::vector<Parameter> parameters;
  int (*run)(const Arguments& arguments, std::ostream& out, std::ostream& err);
};

/// --config FILE, which every command takes.
Parameter config_parameter();
/// FILE, for the commands that are about the file itself; it goes before --config.
Parameter settings_file_parameter();
/// The settings file: --config, else $MAILREEVE_CONFIG, else /etc/mailreeve/mailreeve.toml.
std::string config_path(const Arguments& arguments);

}  // namespace mailreeve::cli
