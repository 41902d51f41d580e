// SPDX-License-Identifier: Apache-2.0
#include "delivery/pool.h"

namespace mailreeve::delivery {
namespace {

constexpr auto down_time = std::chrono::seconds{5};

SteadyTime now() { return std::chrono::steady_clock::now(); }

Attempt unreachable(std::size_t recipients, const std::string& why) {
  auto attempt = same_for_all(recipients, RecipientResult::Outcome::temporary, smtp::Reply{451, "4.4.1", why});
  attempt.unreachable = true;
  return attempt;
}

}  // namespace

Pool::Pool(net::Loop& loop, const Current<Plan>& plan, std::size_t share) : loop_{loop}, plan_{plan}, share_{share} {}

void Pool::wake_one(Server& server) {
  if (server.waiting.empty()) return;
  auto done = std::move(server.waiting.front());
  server.waiting.pop_front();
  done(true);
}

Task<Pool::Borrowed> Pool::borrow(Server& server, ServerAddress address, SteadyTime deadline) {
  const auto plan = plan_.get();
  const auto limit = std::max<std::size_t>(1, plan->options.connections / share_);
  while (true) {
    if (!server.idle.empty()) {
      auto connection = std::move(server.idle.back());
      server.idle.pop_back();
      co_return connection;
    }
    if (server.down_until > now()) co_return fail(ErrorKind::refused, server.down_reason, Blame::remote);
    if (server.open < limit) break;
    const bool go_on =
        co_await wait_for<bool>([&server](Done<bool> done) { server.waiting.push_back(std::move(done)); });
    if (!go_on) co_return fail(ErrorKind::closed, "the gateway is stopping");
  }
  ++server.open;
  auto opened = co_await Connection::open(loop_, std::move(address), plan, deadline, haste_);
  if (!opened) {
    --server.open;
    // A refusal costs nothing to hear again, and the server may be back at once. Only silence is remembered.
    if (opened.error().kind == ErrorKind::timeout) {
      server.down_until = now() + down_time;
      server.down_reason = opened.error().text;
    }
    while (!server.waiting.empty()) wake_one(server);
    co_return fail(opened);
  }
  server.down_until = {};
  co_return std::move(*opened);
}

void Pool::give_back(Server& server, std::unique_ptr<Connection> connection) {
  const auto most = plan_.get()->options.messages_per_connection;
  if (connection->is_reusable() && connection->messages() < most) {
    server.idle.push_back(std::move(connection));
  } else {
    --server.open;
    if (connection->is_reusable()) {
      struct Farewell {
        static Task<void> say(std::unique_ptr<Connection> leaving) { co_await leaving->quit(); }
      };
      loop_.spawn("quit", Farewell::say(std::move(connection)));
    }
  }
  wake_one(server);
}

Task<Attempt> Pool::send(ServerAddress address, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                         SteadyTime deadline, SteadyTime answer_deadline) {
  auto key = address.target.text();
  key += ' ';
  key += address.endpoint.text();
  auto& known = servers_[key];
  if (!known) known = std::make_shared<Server>();
  const auto kept = known;  // the entry may be forgotten, and at a stop the pool may go, while this waits
  auto& server = *kept;
  while (true) {
    auto borrowed = co_await borrow(server, address, deadline);
    if (!borrowed) {
      auto attempt = unreachable(envelope.recipients.size(), borrowed.error().text);
      attempt.abandoned = borrowed.error().kind == ErrorKind::closed;
      attempt.server = key;
      co_return attempt;
    }
    auto connection = std::move(*borrowed);
    auto attempt = co_await connection->send(envelope, body, deadline, answer_deadline);
    const bool stale = connection->was_stale();
    give_back(server, std::move(connection));
    if (!stale || deadline <= now()) co_return attempt;
  }
}

void Pool::hurry(SteadyTime end) {
  haste_->end = end;
  for (auto* connection : haste_->connections) connection->hasten();
  for (auto& [key, server] : servers_) {
    for (auto& done : server->waiting) done(false);
    server->waiting.clear();
  }
}

Task<void> Pool::close_idle(bool all) {
  const auto oldest = now() - plan_.get()->options.idle_connection;
  std::vector<std::unique_ptr<Connection>> leaving;
  for (auto& [key, server] : servers_) {
    while (!server->idle.empty() && (all || server->idle.front()->idle_since() < oldest)) {
      leaving.push_back(std::move(server->idle.front()));
      server->idle.pop_front();
      --server->open;
    }
  }
  // Other people's servers come and go; what is remembered of them must not add up.
  std::erase_if(servers_, [](const auto& entry) {
    const auto& server = entry.second;
    return server.use_count() == 1 && server->open == 0 && server->down_until <= now();
  });
  for (auto& connection : leaving) co_await connection->quit();
}

}  // namespace mailreeve::delivery
