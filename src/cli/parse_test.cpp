// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace mailreeve::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Said {
  int code = -1;
  std::string out;
  std::string err;
};

Said say(const std::vector<std::string>& words, const std::vector<Command>& commands = all_commands()) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run(words, commands, all_groups(), out, err);
  return {code, out.str(), err.str()};
}

int print(const Arguments& arguments, std::ostream& out, std::ostream&) {
  out << arguments.value("ID").value_or("-") << ' ' << arguments.value("--state").value_or("-") << ' '
      << arguments.has("--json") << '\n';
  return 7;
}
int fail_badly(const Arguments&, std::ostream&, std::ostream&) { throw std::runtime_error("out of luck"); }

std::vector<Command> printing() {
  using Kind = Parameter::Kind;
  return {{"queue print",
           "Prints",
           {{"ID", Kind::optional_positional, "An id"},
            {"--state", Kind::value, "A state", "STATE"},
            {"--limit", Kind::number, "A number", "N"},
            {"--json", Kind::flag, "JSON"}},
           print},
          {"crash", "Crashes", {}, fail_badly}};
}

TEST(CommandLine, TheVersionIsOneLine) {
  const auto said = say({"--version"});
  EXPECT_EQ(said.code, exit_ok);
  EXPECT_THAT(said.out, testing::MatchesRegex("mailreeve [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, HelpNamesEveryCommand) {
  const auto said = say({"--help"});
  EXPECT_EQ(said.code, exit_ok);
  for (const auto* word : {"serve", "config", "reload", "queue"}) EXPECT_THAT(said.out, HasSubstr(word));
  for (const auto& command : all_commands()) {
    std::vector<std::string> words;
    std::istringstream name{command.name};
    for (std::string word; name >> word;) words.push_back(word);
    words.push_back("--help");
    const auto help = say(words);
    EXPECT_EQ(help.code, exit_ok);
    EXPECT_THAT(help.out, StartsWith(command.about));
    EXPECT_THAT(help.out, HasSubstr("Usage: mailreeve " + command.name));
    EXPECT_THAT(help.out, HasSubstr("--config FILE"));
  }
}

TEST(CommandLine, WrongUsageGetsOneSentenceAndTheUsage) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{}, "mailreeve: a command is missing\nUsage: mailreeve [OPTIONS] COMMAND\n"},
      {{"sevre"}, "mailreeve: there is no command \"sevre\"\nUsage: mailreeve"},
      {{"queue"}, "mailreeve queue: a command is missing\n"},
      {{"queue", "lst"}, "mailreeve queue: there is no command \"lst\"\nUsage: mailreeve queue"},
      {{"queue", "list", "--limit", "x"},
       "mailreeve queue list: --limit: \"x\" is not a number\nUsage: mailreeve queue list"},
      {{"queue", "show"}, "mailreeve queue show: ID is required\n"},
      {{"queue", "list", "--nonsense"}, "mailreeve queue list: "},
  };
  for (const auto& [words, text] : wrong) {
    const auto said = say(words);
    EXPECT_EQ(said.code, exit_usage) << text;
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, StartsWith(text));
  }
}

TEST(CommandLine, ACommandGetsWhatWasGiven) {
  EXPECT_EQ(say({"queue", "print"}, printing()).out, "- - 0\n");
  const auto said = say({"queue", "print", "--json", "01ABC", "--state", "held"}, printing());
  EXPECT_EQ(said.out, "01ABC held 1\n");
  EXPECT_EQ(said.code, 7);
}

int print_files(const Arguments& arguments, std::ostream& out, std::ostream&) {
  for (const auto& file : arguments.values("FILE")) out << file << ' ';
  for (const auto& recipient : arguments.values("--rcpt")) out << recipient << ' ';
  return exit_ok;
}

TEST(CommandLine, SeveralFilesAndRepeatedOptionsAllArrive) {
  using Kind = Parameter::Kind;
  const std::vector<Command> commands{
      {"look", "Looks", {{"FILE", Kind::positionals, "Files"}, {"--rcpt", Kind::values, "R", "ADDRESS"}}, print_files}};
  EXPECT_EQ(say({"look", "a", "b b", "--rcpt", "x", "c", "--rcpt", "y"}, commands).out, "a b b c x y ");
  EXPECT_EQ(say({"look", "look", "a"}, commands).out, "look a ") << "a file may be called like a command";
}

int print_config(const Arguments& arguments, std::ostream& out, std::ostream&) {
  out << config_path(arguments) << '\n';
  return exit_ok;
}

TEST(CommandLine, TheSettingsFileMayStandBeforeOrBehindTheCommand) {
  const std::vector<Command> commands{{"look", "Looks", {config_parameter()}, print_config}};
  EXPECT_EQ(say({"--config", "a.toml", "look"}, commands).out, "a.toml\n");
  EXPECT_EQ(say({"look", "--config", "b.toml"}, commands).out, "b.toml\n");
  EXPECT_EQ(say({"look", "-c", "b.toml"}, commands).out, "b.toml\n");
  EXPECT_EQ(say({"-c", "a.toml", "look", "-c", "b.toml"}, commands).out, "b.toml\n");
}

TEST(CommandLine, ACommandThatThrowsFailsWithItsText) {
  const auto said = say({"crash"}, printing());
  EXPECT_EQ(said.code, exit_failed);
  EXPECT_EQ(said.err, "mailreeve: out of luck\n");
}

TEST(CommandLine, ManyMessagesAreNeverChangedByAccident) {
  for (const auto* action : {"retry", "hold", "release", "drop"}) {
    EXPECT_EQ(say({"queue", action}).code, exit_usage);
    EXPECT_EQ(say({"queue", action, "01ABC", "--all"}).code, exit_usage);
    EXPECT_EQ(say({"queue", action, "01ABC", "--sender", "a@b"}).code, exit_usage);
    EXPECT_EQ(say({"queue", action, "../reload"}).code, exit_usage);
  }
}

}  // namespace
}  // namespace mailreeve::cli
