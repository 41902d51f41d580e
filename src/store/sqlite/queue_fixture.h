// SPDX-License-Identifier: Apache-2.0
// For tests: a queue in a folder of its own, and a way to wait for its tasks.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/sqlite/queue.h"

namespace mailreeve::store::sqlite {

/// Runs one task to its end on this thread.
template <class T>
T wait(Task<T> task) {
  boost::asio::io_context context;
  std::optional<T> value;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T result) {
    if (error) std::rethrow_exception(error);
    value.emplace(std::move(result));
  });
  context.run();
  return std::move(*value);
}

inline WallTime at(std::int64_t seconds) { return from_millis(1'700'000'000'000 + seconds * 1000); }

/// Messages with numbered recipients of example.org, from a seed.
class MessageMaker {
 public:
  NewMessage make(std::string bytes, std::size_t recipients = 1, std::string domain = "example.org") {
    NewMessage message;
    message.message.id = MessageId::make(at(made_), random_);
    message.message.envelope.sender = mail::Mailbox::parse("Sender@example.net").value();
    message.message.envelope.envid = "QQ314159";
    message.message.origin = {.client = *IpAddress::parse("192.0.2.7"), .helo = "client.example.net", .listener = "mx"};
    message.message.accepted = at(made_++);
    for (std::size_t i = 0; i < recipients; ++i) {
      QueuedRecipient recipient;
      recipient.number = static_cast<std::uint32_t>(i);
      recipient.envelope.address = mail::Mailbox::parse("user" + std::to_string(i) + "@" + domain).value();
      recipient.envelope.notify = {.set = true, .failure = true};
      recipient.destination = domain;
      recipient.due = at(0);
      message.message.recipients.push_back(std::move(recipient));
    }
    message.body = std::make_shared<mail::MemoryBody>(std::move(bytes));
    return message;
  }

 private:
  SeededRandom random_{7};
  std::int64_t made_ = 0;
};

/// Bytes that differ at every offset enough to notice a chunk in the wrong place.
inline std::string body_of(std::size_t size) {
  std::string bytes = "Subject: test\r\n\r\n";
  std::uint32_t state = static_cast<std::uint32_t>(size);
  while (bytes.size() < size) {
    state = state * 1664525U + 1013904223U;
    bytes += static_cast<char>('a' + (state >> 24) % 26);
  }
  bytes.resize(size);
  return bytes;
}

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string{"mailreeve-store-"} + info->name() + "-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~QueueTest() override {
    queue_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return (folder_ / "queue.db").string(); }
  QueueOptions options() const { return {.path = path(), .vfs = {}, .node = "node"}; }
  void open() {
    queue_.reset();
    auto opened = open_queue(options(), *log_, metrics_);
    ASSERT_TRUE(opened) << opened.error().text;
    queue_ = std::move(*opened);
  }
  NewMessage accept(NewMessage message) {
    auto accepted = wait(queue_->accept(message));
    EXPECT_TRUE(accepted) << accepted.error().text;
    return message;
  }
  std::vector<Claim> claim(const std::string& owner = "node/1", std::int64_t now = 0, std::size_t limit = 10) {
    return wait(queue_->claim("example.org", owner, at(now), at(now + 60), limit)).value();
  }
  void record(const MessageId& id, std::uint32_t recipient, RecipientState state, const std::string& owner = "node/1",
              std::int64_t due = 100) {
    const Change change{.id = id, .recipient = recipient, .state = state, .due = at(due), .reply = "said so"};
    ASSERT_TRUE(wait(queue_->record(owner, {change})));
  }
  Counts counts() { return wait(queue_->counts()).value(); }
  std::optional<QueuedMessage> show(const MessageId& id) { return wait(queue_->show(id)).value(); }
  std::uint64_t change(AdminAction action, const MessageId& id) {
    return wait(queue_->change(action, id, {}, at(500))).value();
  }

  std::filesystem::path folder_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  MessageMaker maker_;
  std::unique_ptr<Queue> queue_;
};

}  // namespace mailreeve::store::sqlite
