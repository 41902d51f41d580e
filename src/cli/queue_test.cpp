// SPDX-License-Identifier: Apache-2.0
// The queue commands against a real store: with no gateway running, and through a control socket.
#include "store/sqlite/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "cli/parse.h"
#include "net/blocking.h"
#include "web/routes.h"

namespace mailreeve::cli {
namespace {

using testing::HasSubstr;

class QueueCommandsTest : public testing::Test {
 protected:
  QueueCommandsTest() {
    std::filesystem::create_directories(folder_ / "data");
    std::ofstream{folder_ / "m.toml"}
        << "hostname = \"mail.example.org\"\ndata-dir = \"" << (folder_ / "data").string()
        << "\"\n\n[[listener]]\nrole = \"mx\"\naddress = [\"127.0.0.1:2525\"]\n\n"
        << "[[domain]]\nname = \"example.org\"\npolicy = \"balanced\"\ndeliver = \"smtp://127.0.0.1:2526\"\n"
        << "recipients = \"any\"\naccept-any = true\n";
  }
  ~QueueCommandsTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<store::Queue> open() {
    store::sqlite::QueueOptions options;
    options.path = folder_ / "data" / "queue.db";
    options.node = "mail.example.org";
    auto queue = store::sqlite::open_queue(options, *log_, metrics_);
    if (!queue) throw std::runtime_error(queue.error().text);
    return std::move(*queue);
  }

  static MessageId add(store::Queue& queue) {
    SystemClock clock;
    SystemRandom random;
    store::NewMessage message;
    message.message.id = MessageId::make(clock.now(), random);
    message.message.accepted = clock.now();
    message.message.envelope.sender = *mail::Mailbox::parse("sender@example.net");
    store::QueuedRecipient recipient;
    recipient.envelope.address = *mail::Mailbox::parse("user@example.org");
    recipient.destination = "example.org";
    recipient.due = clock.now() + std::chrono::minutes{15};
    message.message.recipients = {recipient};
    message.body = std::make_shared<mail::MemoryBody>("Subject: hello\r\n\r\nA line.\r\n");
    const auto id = message.message.id;
    message.message.size = message.body->size();
    const auto accepted = net::run_blocking(queue.accept(std::move(message)));
    if (!accepted) throw std::runtime_error(accepted.error().text);
    return id;
  }

  // What a command prints; its exit code goes to `code_`.
  std::string say(std::vector<std::string> words) {
    words.insert(words.end(), {"--config", folder_ / "m.toml"});
    std::ostringstream out;
    std::ostringstream err;
    code_ = run(words, all_commands(), all_groups(), out, err);
    return out.str() + err.str();
  }

  // The same story with and without a gateway.
  void tell_the_story(const std::string& id) {
    EXPECT_THAT(say({"queue", "list"}), HasSubstr(id));
    EXPECT_EQ(code_, exit_ok);
    EXPECT_THAT(say({"queue", "list", "--json"}), HasSubstr("\"id\":\"" + id + "\""));
    EXPECT_EQ(say({"queue", "list", "--state", "held"}), "Nothing in the queue matches.\n");
    EXPECT_THAT(say({"queue", "show", id}), HasSubstr("user@example.org"));
    EXPECT_EQ(say({"queue", "show", id, "--body"}), "Subject: hello\r\n\r\nA line.\r\n");
    EXPECT_EQ(say({"queue", "hold", id}), "1 recipient changed\n");
    EXPECT_THAT(say({"queue", "list", "--state", "held"}), HasSubstr(id));
    EXPECT_EQ(say({"queue", "release", "--destination", "example.org"}), "1 recipient changed\n");
    EXPECT_EQ(say({"queue", "drop", "--all", "--json"}), "{\"changed\":1}\n");
    EXPECT_EQ(say({"queue", "list"}), "The queue is empty.\n");
    EXPECT_THAT(say({"queue", "show", id}), HasSubstr("there is no message " + id));
    EXPECT_EQ(code_, exit_failed);
    EXPECT_THAT(say({"queue", "list", "--state", "nonsense"}), HasSubstr("unknown state"));
    EXPECT_EQ(code_, exit_failed);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("queue_commands." + std::to_string(::getpid()));
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  int code_ = -1;
};

TEST_F(QueueCommandsTest, WorkWithoutAGateway) {
  const auto id = add(*open()).text();
  tell_the_story(id);
}

net::OnConnection serve_with(net::HttpHandler handler) {
  return [handler = std::move(handler)](net::Loop&, std::unique_ptr<net::Stream> stream) {
    return net::serve_http(std::move(stream), handler);
  };
}

Task<web::ReloadAnswer> reloaded() { co_return web::ReloadAnswer{true, {}}; }

TEST_F(QueueCommandsTest, WorkThroughTheGateway) {
  const auto queue = open();
  const auto id = add(*queue).text();
  const SystemClock clock;
  const auto loops = net::make_loops(1, *log_);
  auto bound = net::BoundSocket::bind_unix(folder_ / "data" / "control.sock");
  ASSERT_TRUE(bound) << bound.error().text;
  const auto listener = loops->listen(
      std::move(*bound), "control",
      serve_with(web::make_control_handler({*queue, metrics_, clock, [] { return web::Health{}; }, reloaded, {}})));
  std::thread thread{[&] { loops->run(); }};
  tell_the_story(id);
  EXPECT_EQ(say({"reload"}), "reloaded\n");
  EXPECT_EQ(code_, exit_ok);
  loops->stop();
  thread.join();
}

TEST_F(QueueCommandsTest, AMissingQueueIsNotMade) {
  EXPECT_THAT(say({"queue", "list"}), HasSubstr("is data-dir right?"));
  EXPECT_EQ(code_, exit_failed);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data" / "queue.db"));
}

TEST_F(QueueCommandsTest, ReloadSaysThatNoGatewayRuns) {
  EXPECT_THAT(say({"reload"}), HasSubstr("no gateway runs"));
  EXPECT_EQ(code_, exit_failed);
}

TEST_F(QueueCommandsTest, WrongSettingsAreToldWithTheirPlace) {
  std::ofstream{folder_ / "m.toml", std::ios::app} << "nonsense = 1\n";
  EXPECT_THAT(say({"config", "check"}), testing::ContainsRegex("m.toml:[0-9]+:[0-9]+: error: "));
  EXPECT_EQ(code_, exit_failed);
  EXPECT_THAT(say({"reload"}), HasSubstr("not reloaded"));
  EXPECT_EQ(code_, exit_failed);
}

TEST_F(QueueCommandsTest, GoodSettingsAreCountedAndShown) {
  EXPECT_EQ(say({"config", "check"}), (folder_ / "m.toml").string() + ": OK, 1 domain, 1 mail listener\n");
  EXPECT_THAT(say({"config", "show"}), HasSubstr("example.org"));
  EXPECT_EQ(code_, exit_ok);
}

}  // namespace
}  // namespace mailreeve::cli
