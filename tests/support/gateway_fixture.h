// SPDX-License-Identifier: Apache-2.0
// A whole gateway in the test's own process: real loops and loopback sockets, a queue and files of the test's choice,
// and a scripted outside.
#pragma once

#include <future>
#include <map>
#include <thread>

#include "gateway/gateway.h"
#include "judge/checks/all.h"
#include "judge/list_watch.h"
#include "support/memory_history.h"
#include "support/memory_vault.h"

namespace mailreeve::support {

/// What reached the outside, and what the outside answers.
class Outside {
 public:
  using Answer = std::function<delivery::Attempt(const std::string& destination, const mail::Envelope& envelope,
                                                 const std::string& body)>;
  struct Delivery {
    std::string destination;
    std::string recipient;
    std::string body;
  };

  void set_answer(Answer answer) {
    std::lock_guard lock{mutex_};
    answer_ = std::move(answer);
  }
  /// Messages that were brought, taken or not.
  std::size_t attempts() const {
    std::lock_guard lock{mutex_};
    return attempts_;
  }
  std::vector<Delivery> deliveries() const {
    std::lock_guard lock{mutex_};
    return deliveries_;
  }
  delivery::Attempt take(const std::string& destination, const mail::Envelope& envelope, std::string body) {
    std::lock_guard lock{mutex_};
    ++attempts_;
    auto attempt =
        answer_ ? answer_(destination, envelope, body)
                : delivery::same_for_all(envelope.recipients.size(), delivery::RecipientResult::Outcome::delivered,
                                         smtp::Reply{250, "2.0.0", "ok"});
    for (std::size_t i = 0; i < attempt.results.size(); ++i) {
      if (attempt.results[i].outcome != delivery::RecipientResult::Outcome::delivered) continue;
      deliveries_.push_back({destination, envelope.recipients[i].address.text(), body});
    }
    return attempt;
  }

 private:
  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<Delivery> deliveries_;
  std::size_t attempts_ = 0;
};

class ScriptedTransport final : public delivery::Transport {
 public:
  explicit ScriptedTransport(Outside& outside) : outside_{outside} {}
  Task<delivery::Attempt> deliver(std::string destination, MessageId, mail::Envelope envelope,
                                  std::shared_ptr<const mail::Body> body, delivery::Patience) override {
    auto whole = mail::read_whole(*body, 100'000'000);
    if (!whole) {
      co_return delivery::same_for_all(envelope.recipients.size(), delivery::RecipientResult::Outcome::temporary,
                                       smtp::Reply{451, "4.3.0", whole.error().text});
    }
    co_return outside_.take(destination, envelope, std::move(*whole));
  }

 private:
  Outside& outside_;
};

/// The outside's answer for every recipient.
inline Outside::Answer always(delivery::RecipientResult::Outcome outcome, smtp::Reply reply) {
  return [outcome, reply](const std::string&, const mail::Envelope& envelope, const std::string&) {
    return delivery::same_for_all(envelope.recipients.size(), outcome, reply);
  };
}

struct GatewaySettings {
  delivery::Handover handover = delivery::Handover::before_accept;
  gateway::LimitOptions limits;
  gateway::ListenerOptions listener;
  delivery::Options delivery;
  std::vector<std::string> relay_networks;
  std::shared_ptr<const net::TlsContext> tls;
  std::string data_dir = "/tmp";
  // What is looked at, and what DNS answers; nothing by default.
  std::string zone;
  judge::CheckOptions checks;
  judge::Policy policy;
  bool inspect = false;
};

class GatewayFixture {
 public:
  /// Serves example.org (any recipient but nobody@) and its alias example.net on one port of loopback.
  GatewayFixture(std::unique_ptr<store::Queue> queue, Files& files, GatewaySettings settings = {})
      : settings_{std::move(settings)},
        queue_{std::move(queue)},
        live_{make_live()},
        plan_{live_.get()->plan},
        loops_{net::make_loops(2, *log_)},
        runner_{delivery::RunnerServices{*loops_, *queue_, plan_, clock_, random_, *log_, metrics_}, "test/1",
                [this](net::Loop&) { return std::make_unique<ScriptedTransport>(outside_); }},
        gateway_{*loops_,
                 gateway::SessionServices{live_, *queue_, vault_, runner_, files, settings_.data_dir, clock_, random_,
                                          *log_, limits_, session_metrics_, draining_, inspection_, history_}} {
    auto socket = net::BoundSocket::bind({*IpAddress::parse("127.0.0.1"), 0}, 2);
    endpoint_ = socket->local();
    gateway_.listen(std::move(*socket), settings_.listener);
    runner_.start();
    thread_ = std::thread{[this] { loops_->run(); }};
  }
  ~GatewayFixture() { stop(); }

  /// Ends the loops, closes the queue, drops what still waited: in this order, as `mailreeve serve` does.
  void stop() {
    if (!thread_.joinable()) return;
    runner_.stop(clock_.steady());
    loops_->stop();
    thread_.join();
    queue_.reset();
    runner_.close_connections();
    loops_.reset();
  }
  void drain() {
    draining_ = true;
    runner_.stop(clock_.steady() + std::chrono::seconds{5});
    gateway_.drain();
  }
  net::Endpoint endpoint() const { return endpoint_; }
  const MemoryHistory& history() const { return history_; }
  Outside& outside() { return outside_; }
  store::Queue& queue() { return *queue_; }
  MemoryVault& vault() { return vault_; }
  delivery::Runner& runner() { return runner_; }
  std::size_t open_sessions() const { return gateway_.open_sessions(); }

 private:
  class Everybody final : public judge::Directory {
   public:
    Task<Answer> find(mail::Mailbox address) const override {
      co_return address.local() == "nobody" ? Answer::missing : Answer::found;
    }
  };

  std::shared_ptr<const gateway::Live> make_live() {
    gateway::Options options;
    options.host_name = "mx.example.org";
    options.limits = settings_.limits;
    judge::RecipientOptions recipients;
    recipients.domains.push_back(
        {*mail::Domain::parse("example.org"), {*mail::Domain::parse("example.net")}, std::make_shared<Everybody>()});
    for (const auto& network : settings_.relay_networks) {
      recipients.relay_networks.push_back(*IpNetwork::parse(network));
    }
    auto plan = std::make_shared<delivery::Plan>();
    plan->options = settings_.delivery;
    plan->options.host_name = options.host_name;
    plan->routes["example.org"] = {*delivery::Target::parse("smtp://127.0.0.1:25"), settings_.handover};
    return std::make_shared<const gateway::Live>(
        gateway::Live{options, judge::AddressBook{recipients}, settings_.tls, std::move(plan), make_rules(), {}});
  }

  std::shared_ptr<const judge::Rules> make_rules() {
    auto rules = std::make_shared<judge::Rules>();
    if (!settings_.inspect) return rules;
    rules->options = settings_.checks;
    rules->checks = std::make_shared<const judge::Examination::Checks>(judge::make_checks(settings_.checks, lists_));
    rules->policies.set_domain(*mail::Domain::parse("example.org"),
                               std::make_shared<const judge::Policy>(settings_.policy));
    rules->contact = "postmaster@example.org";
    judge::OwnNames own;
    own.host_name = "mx.example.org";
    own.domains = {"example.org", "example.net"};
    rules->own = std::make_shared<const judge::OwnNames>(std::move(own));
    return rules;
  }
  std::unique_ptr<dns::Resolver> make_resolver() {
    auto resolver = dns::zone_resolver_from(settings_.zone);
    return resolver ? std::move(*resolver) : nullptr;
  }

  GatewaySettings settings_;
  std::unique_ptr<store::Queue> queue_;
  MemoryVault vault_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  SystemClock clock_;
  judge::ListWatch lists_{*log_, clock_};
  std::unique_ptr<dns::Resolver> resolver_ = make_resolver();
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  judge::Greylist greylist_{*marks_};
  judge::Rates rates_{clock_};
  judge::Harvest harvest_{*marks_};
  gateway::InspectionServices inspection_{{*resolver_, *marks_, nullptr, clock_, *log_}, greylist_, rates_, harvest_};
  MemoryHistory history_;
  SystemRandom random_;
  Metrics metrics_;
  Outside outside_;
  Current<gateway::Live> live_;
  Current<delivery::Plan> plan_;
  gateway::ConnectionLimits limits_;
  gateway::SessionMetrics session_metrics_{metrics_};
  std::atomic<bool> draining_{false};
  std::unique_ptr<net::LoopGroup> loops_;
  delivery::Runner runner_;
  gateway::Gateway gateway_;
  net::Endpoint endpoint_;
  std::thread thread_;
};

}  // namespace mailreeve::support
