// SPDX-License-Identifier: Apache-2.0
// What `learn`, `config` and `history search` refuse or remark before they ask anybody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands.h"

namespace mailreeve::cli {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::Not;

struct Ran {
  int code;
  std::string out, err;
};

class Told : public testing::Test {
 protected:
  Told() {
    auto path = (fs::temp_directory_path() / "mailreeve-told-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
    fs::create_directory(folder_ / "data");
    write("mailreeve.toml", "hostname = \"mx.example.org\"\ndata-dir = \"" + (folder_ / "data").string() + R"("
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[[domain]]
name = "example.org"
aliases = ["example.net"]
deliver = "smtp://10.0.0.25:25"
recipients = "any"
accept-any = true
policy = "balanced"
)");
  }
  ~Told() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream{folder_ / name} << text;
    return (folder_ / name).string();
  }
  Ran run(const Command& command, std::map<std::string, std::string> given, bool with_config = true) const {
    if (with_config) given["--config"] = (folder_ / "mailreeve.toml").string();
    std::ostringstream out, err;
    const int code = command.run(Arguments{std::move(given)}, out, err);
    return {code, out.str(), err.str()};
  }
  fs::path folder_;
};

TEST_F(Told, WhatIsNoMessageIsNamedAndNotLearnt) {
  for (const auto* text : {"", "\x01\x02\xff random\n", "root:x:0:0:root:/root:/bin/bash\nbin:x:2:2::/bin:/bin/sh\n"}) {
    const auto path = write("odd", text);
    const auto ran = run(learn_spam_command(), {{"FILE", path}});
    EXPECT_EQ(ran.code, exit_failed);
    EXPECT_THAT(ran.err, HasSubstr(path + ": no message: no header field"));
    EXPECT_THAT(ran.out, HasSubstr("0 learnt as spam"));
  }
}

TEST_F(Told, APipeIsNotWaitedFor) {
  const auto path = (folder_ / "pipe").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto ran = run(learn_spam_command(), {{"FILE", path}});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_THAT(ran.err, HasSubstr("is no ordinary file"));
}

TEST_F(Told, ADomainThatIsNotOursIsRefusedWithOurs) {
  auto ran = run(learn_show_command(), {{"--domain", "example.com"}});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_THAT(ran.err, HasSubstr("example.com is no domain of ours; these are: example.org"));
  ran = run(learn_show_command(), {{"--domain", "example.net"}});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_THAT(ran.err, HasSubstr("write --domain example.org"));
  EXPECT_EQ(run(learn_show_command(), {{"--domain", "EXAMPLE.org"}}).code, exit_ok);
}

TEST_F(Told, TheSettingsFileMayStandAlone) {
  const auto path = (folder_ / "mailreeve.toml").string();
  const auto checked = run(config_check_command(), {{"FILE", path}}, false);
  EXPECT_EQ(checked.code, exit_ok) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(path + ": OK"));
  EXPECT_THAT(run(config_show_command(), {{"FILE", path}}, false).out, HasSubstr("hostname = \"mx.example.org\""));
  EXPECT_EQ(run(config_check_command(), {{"FILE", "/nonexistent.toml"}}).code, exit_failed);
}

TEST_F(Told, AMissingSettingsFileHasNoMistakes) {
  const auto ran =
      run(scan_command(), {{"--config", "/nonexistent.toml"}, {"FILE", write("m", "Subject: x\n\n")}}, false);
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_THAT(ran.err, HasSubstr("/nonexistent.toml: No such file or directory"));
  EXPECT_THAT(ran.err, Not(HasSubstr("mistakes")));
}

TEST_F(Told, HistoryKnowsItsVerdictsAndFindings) {
  auto ran = run(history_search_command(), {{"--verdict", "foo"}});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_THAT(ran.err, HasSubstr("--verdict foo: write one of accept, tag, greylist"));
  ran = run(history_search_command(), {{"--finding", "spf.faill"}});
  EXPECT_THAT(ran.err, HasSubstr("unknown finding \"spf.faill\"; did you mean \"spf.fail\"?"));
  EXPECT_THAT(run(history_search_command(), {{"--finding", "spf.fail"}}).err, Not(HasSubstr("unknown finding")));
}

}  // namespace
}  // namespace mailreeve::cli
