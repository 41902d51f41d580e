// SPDX-License-Identifier: Apache-2.0
#include "delivery/prober.h"

#include <fmt/format.h>

#include "smtp/client_reply.h"

namespace mailreeve::delivery {
namespace {

using judge::ProbeAnswer;
using Kind = ProbeAnswer::Kind;

constexpr std::size_t reply_limit = 64U << 10;
constexpr std::size_t text_limit = 300;

/// The few lines of a probe, one after the other.
class Dialogue {
 public:
  Dialogue(std::unique_ptr<net::Stream> stream, SteadyTime deadline) : stream_{std::move(stream)} {
    stream_->set_deadline(deadline);
  }

  Task<Result<smtp::Reply>> reply() {
    while (true) {
      std::string_view rest{input_};
      auto read = reader_.read(rest);
      input_.erase(0, input_.size() - rest.size());
      if (!read) co_return fail(read);
      if (*read) co_return std::move(**read);
      char buffer[4096];
      auto got = co_await stream_->read_some(buffer, sizeof buffer);
      if (!got) co_return fail(got);
      if (*got == 0) co_return fail(ErrorKind::closed, "the server closed the connection");
      input_.assign(buffer, *got);
    }
  }

  Task<Result<smtp::Reply>> ask(std::string line) {
    line += "\r\n";
    auto written = co_await stream_->write_all(line);
    if (!written) co_return fail(written);
    auto answer = co_await reply();
    co_return answer;
  }

  Task<void> quit() {
    co_await stream_->write_all("QUIT\r\n");
    stream_->close();
  }

 private:
  std::unique_ptr<net::Stream> stream_;
  smtp::ReplyReader reader_{reply_limit};
  std::string input_;
};

ProbeAnswer failed(const Error& error) {
  return {error.kind == ErrorKind::timeout ? Kind::timeout : Kind::unreachable, error.text.substr(0, text_limit)};
}

ProbeAnswer answered(Kind kind, const smtp::Reply& reply) { return {kind, reply.text().substr(0, text_limit)}; }

/// What a reply before RCPT means when it is not positive.
ProbeAnswer turned_away(const smtp::Reply& reply) {
  return answered(reply.is_temporary() ? Kind::temporary : Kind::blocked, reply);
}

struct Question {
  net::Endpoint server;
  std::string host_name;
  std::optional<std::string> sender;  // none: only the greeting is waited for
  std::string recipient;
  SteadyTime deadline;
};

Task<ProbeAnswer> probe(net::Loop& loop, Question question) {
  auto stream = co_await loop.connect(question.server, question.deadline);
  if (!stream) co_return failed(stream.error());
  Dialogue dialogue{std::move(*stream), question.deadline};
  auto greeting = co_await dialogue.reply();
  if (!greeting) co_return failed(greeting.error());
  if (!greeting->is_positive()) co_return turned_away(*greeting);
  if (!question.sender) {
    co_await dialogue.quit();
    co_return answered(Kind::accepted, *greeting);
  }
  auto hello = co_await dialogue.ask("EHLO " + question.host_name);
  if (hello && hello->is_permanent()) hello = co_await dialogue.ask("HELO " + question.host_name);
  if (!hello) co_return failed(hello.error());
  if (!hello->is_positive()) co_return turned_away(*hello);
  auto mail = co_await dialogue.ask(fmt::format("MAIL FROM:<{}>", *question.sender));
  if (!mail) co_return failed(mail.error());
  if (!mail->is_positive()) co_return turned_away(*mail);
  auto recipient = co_await dialogue.ask(fmt::format("RCPT TO:<{}>", question.recipient));
  if (!recipient) co_return failed(recipient.error());
  co_await dialogue.quit();
  if (recipient->is_positive()) co_return answered(Kind::accepted, *recipient);
  co_return answered(recipient->is_temporary() ? Kind::temporary : Kind::refused, *recipient);
}

class SmtpProber final : public judge::Prober {
 public:
  SmtpProber(net::LoopGroup& loops, std::string host_name) : loops_{loops}, host_name_{std::move(host_name)} {}

  Task<ProbeAnswer> recipient(IpAddress server, std::uint16_t port, mail::ReversePath sender, mail::Mailbox address,
                              std::chrono::milliseconds time_limit) override {
    Question question{{server, port},
                      host_name_,
                      sender ? sender->text() : std::string{},
                      address.text(),
                      std::chrono::steady_clock::now() + time_limit};
    auto answer = co_await run(std::move(question));
    co_return answer;
  }

  Task<ProbeAnswer> greeting(IpAddress server, std::uint16_t port, std::chrono::milliseconds time_limit) override {
    Question question{{server, port}, host_name_, std::nullopt, {}, std::chrono::steady_clock::now() + time_limit};
    auto answer = co_await run(std::move(question));
    co_return answer;
  }

 private:
  static Task<void> serve(net::Loop& loop, Question question, Done<ProbeAnswer> done) {
    auto answer = co_await probe(loop, std::move(question));
    done(std::move(answer));
  }

  Task<ProbeAnswer> run(Question question) {
    auto& loop = loops_.at(next_++ % loops_.size());
    auto answer = co_await wait_for<ProbeAnswer>(
        [&loop, question](Done<ProbeAnswer> done) { loop.spawn("probe", serve(loop, question, std::move(done))); });
    co_return answer;
  }

  net::LoopGroup& loops_;
  std::string host_name_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace

std::unique_ptr<judge::Prober> make_prober(net::LoopGroup& loops, std::string host_name) {
  return std::make_unique<SmtpProber>(loops, std::move(host_name));
}

}  // namespace mailreeve::delivery
