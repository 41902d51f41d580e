// SPDX-License-Identifier: Apache-2.0
#include "delivery/deliverer.h"

#include <fmt/format.h>

#include "delivery/maildir.h"

namespace mailreeve::delivery {
namespace {

using Outcome = RecipientResult::Outcome;

constexpr std::size_t host_limit = 10;  // addresses tried in one attempt: the other side's DNS chooses how many
constexpr std::uint16_t smtp_port = 25;

Attempt unreachable(std::size_t recipients, int code, std::string_view enhanced, const std::string& why) {
  auto attempt =
      same_for_all(recipients, code >= 500 ? Outcome::permanent : Outcome::temporary, smtp::Reply{code, enhanced, why});
  attempt.unreachable = code < 500;
  return attempt;
}

/// The lines a final delivery puts on top (RFC 5321 4.4: Return-Path).
std::string delivery_header(const mail::Envelope& envelope, const mail::Mailbox& recipient) {
  return fmt::format("Return-Path: <{}>\r\nDelivered-To: {}\r\n", envelope.sender ? envelope.sender->text() : "",
                     recipient.text());
}

RecipientResult maildir_result(const Result<void>& done) {
  if (done) return {Outcome::delivered, smtp::Reply{250, "2.0.0", "delivered to the Maildir"}, false};
  if (done.error().kind == ErrorKind::invalid) {
    return {Outcome::permanent, smtp::Reply{550, "5.1.1", done.error().text}, false};
  }
  const bool full = done.error().kind == ErrorKind::full;
  return {Outcome::temporary, smtp::Reply{full ? 452 : 451, full ? "4.2.2" : "4.3.0", done.error().text}, false};
}

std::string_view describe(dns::Status status) {
  switch (status) {
    case dns::Status::found:
      return "found";
    case dns::Status::no_data:
      return "has no address";
    case dns::Status::no_name:
      return "does not exist";
    case dns::Status::servfail:
      return "cannot be looked up: its DNS servers fail";
    case dns::Status::timeout:
      return "cannot be looked up: no DNS answer in time";
    case dns::Status::bogus:
      return "cannot be looked up: its DNSSEC signatures do not hold";
  }
  return "unknown";
}

}  // namespace

Deliverer::Deliverer(net::Loop& loop, const Current<Plan>& plan, World world, std::size_t share)
    : plan_{plan}, world_{world}, pool_{loop, plan, share} {}

Task<Attempt> Deliverer::deliver(std::string destination, MessageId id, mail::Envelope envelope,
                                 std::shared_ptr<const mail::Body> body, Patience patience) {
  const auto plan = plan_.get();
  const auto route = plan->routes.find(destination);
  if (route == plan->routes.end()) {
    co_return co_await deliver_to_mx(std::move(destination), std::move(envelope), std::move(body), patience);
  }
  const auto& target = route->second.target;
  if (target.kind == Target::Kind::maildir) {
    co_return co_await to_maildirs(target, id, std::move(envelope), std::move(body));
  }
  co_return co_await deliver_to(target, std::move(envelope), std::move(body), patience);
}

Task<Result<Deliverer::Hosts>> Deliverer::hosts_of(Target target) {
  Hosts hosts;
  if (target.kind == Target::Kind::lmtp_unix) {
    hosts.push_back({target, {}});
    co_return hosts;
  }
  if (const auto literal = IpAddress::parse(target.host)) {
    hosts.push_back({target, {*literal, target.port}});
    co_return hosts;
  }
  const auto answer = co_await world_.resolver.addresses(target.host);
  if (answer.status != dns::Status::found) {
    co_return fail(answer.status == dns::Status::no_name ? ErrorKind::not_found : ErrorKind::refused,
                   fmt::format("{} {}", target.host, describe(answer.status)), Blame::remote);
  }
  for (const auto& address : answer.records) hosts.push_back({target, {address, target.port}});
  co_return hosts;
}

Task<Attempt> Deliverer::deliver_to(Target target, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                                    Patience patience) {
  auto hosts = co_await hosts_of(std::move(target));
  // Our own route: even a name that does not exist is our trouble, so it waits for the operator.
  if (!hosts) co_return unreachable(envelope.recipients.size(), 451, "4.4.4", hosts.error().text);
  co_return co_await try_hosts(std::move(*hosts), std::move(envelope), std::move(body), patience);
}

Task<Attempt> Deliverer::try_hosts(Hosts hosts, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                                   Patience patience) {
  Attempt last = unreachable(envelope.recipients.size(), 451, "4.4.1", "no server to try");
  if (hosts.size() > host_limit) hosts.resize(host_limit);
  for (auto& host : hosts) {
    last = co_await pool_.send(std::move(host), envelope, body, patience.deadline, patience.answer_deadline);
    if (!last.unreachable || last.abandoned) break;
  }
  co_return last;
}

// RFC 5321 5.1: MX records by preference, or the domain's own addresses when there is none; RFC 7505: a null MX takes
// no mail.
Task<Attempt> Deliverer::deliver_to_mx(std::string domain, mail::Envelope envelope,
                                       std::shared_ptr<const mail::Body> body, Patience patience) {
  const auto recipients = envelope.recipients.size();
  Target target;
  target.port = smtp_port;
  if (domain.starts_with('[')) {
    const auto& literal = envelope.recipients.front().address.domain().literal();
    target.host = literal ? literal->text() : domain;
    co_return co_await deliver_to(std::move(target), std::move(envelope), std::move(body), patience);
  }
  const auto exchangers = co_await world_.resolver.mail_exchangers(domain);
  std::vector<std::string> names;
  switch (exchangers.status) {
    case dns::Status::found:
      for (const auto& exchanger : exchangers.records) names.push_back(exchanger.host);
      break;
    case dns::Status::no_data:
      names.push_back(domain);
      break;
    case dns::Status::no_name:
      co_return unreachable(recipients, 550, "5.1.2", fmt::format("the domain {} does not exist", domain));
    case dns::Status::servfail:
    case dns::Status::timeout:
    case dns::Status::bogus:
      co_return unreachable(recipients, 451, "4.4.3", fmt::format("{} {}", domain, describe(exchangers.status)));
  }
  if (names.size() == 1 && names.front().empty()) {
    co_return unreachable(recipients, 556, "5.1.10", fmt::format("{} takes no mail (null MX)", domain));
  }
  Hosts hosts;
  std::string trouble = fmt::format("{} has no usable mail exchanger", domain);
  for (const auto& name : names) {
    if (name.empty() || hosts.size() >= host_limit) continue;
    if (name == plan_.get()->options.host_name) {
      // RFC 5321 5.1: when we are listed ourselves, only better exchangers may be tried, or mail would circle.
      if (hosts.empty())
        trouble = fmt::format("the mail exchanger of {} is this gateway, which does not serve it", domain);
      break;
    }
    target.host = name;
    auto found = co_await hosts_of(target);
    if (!found) {
      trouble = found.error().text;
      continue;
    }
    hosts.insert(hosts.end(), found->begin(), found->end());
  }
  if (hosts.empty()) co_return unreachable(recipients, 451, "4.4.4", trouble);
  co_return co_await try_hosts(std::move(hosts), std::move(envelope), std::move(body), patience);
}

Task<Attempt> Deliverer::to_maildirs(Target target, MessageId id, mail::Envelope envelope,
                                     std::shared_ptr<const mail::Body> body) {
  Attempt attempt;
  attempt.server = target.text();
  for (const auto& recipient : envelope.recipients) {
    auto path = maildir_path(target, recipient.address);
    if (!path) {
      attempt.results.push_back(maildir_result(fail(path)));
      continue;
    }
    // The file bears the message's id, so that a repeated attempt after a crash finds the first one's file.
    std::function<Result<void>()> work = [&files = world_.files, path = *path, body, name = id.text(),
                                          header = delivery_header(envelope, recipient.address)] {
      return deliver_to_maildir(files, path, *body, name, header);
    };
    const auto done = co_await world_.offload.run<Result<void>>(std::move(work));
    attempt.results.push_back(maildir_result(done));
  }
  co_return attempt;
}

}  // namespace mailreeve::delivery
