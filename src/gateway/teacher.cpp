// SPDX-License-Identifier: Apache-2.0
#include "gateway/teacher.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/message_words.h"

namespace mailreeve::gateway {
namespace {

constexpr std::uint64_t most = 100U << 20;

std::vector<std::string> scopes_of(const std::vector<mail::Mailbox>& recipients, bool per_domain) {
  std::vector<std::string> scopes{""};
  if (!per_domain) return scopes;
  for (const auto& recipient : recipients) {
    const auto& domain = recipient.domain().text();
    if (std::ranges::find(scopes, domain) == scopes.end()) scopes.push_back(domain);
  }
  return scopes;
}

}  // namespace

Task<Result<void>> Teacher::learn(MessageId id, store::MailClass as, bool per_domain) {
  auto& loop = loops_.at(0);
  auto learnt = co_await wait_for<Result<void>>([this, &loop, id, as, per_domain](Done<Result<void>> done) {
    loop.post([this, &loop, id, as, per_domain, done] { loop.spawn("learn", learn_there(id, as, per_domain, done)); });
  });
  co_return learnt;
}

Task<void> Teacher::learn_there(MessageId id, store::MailClass as, bool per_domain, Done<Result<void>> done) {
  auto learnt = co_await learn_here(id, as, per_domain);
  done(std::move(learnt));
}

Task<Result<Teacher::Material>> Teacher::find(MessageId id) {
  Material material;
  const auto held = co_await vault_.show(id);
  if (held && *held) {
    for (const auto& recipient : (*held)->recipients) material.recipients.push_back(recipient.envelope.address);
    auto body = co_await vault_.body(id);
    if (!body) co_return fail(body);
    material.body = std::move(*body);
    co_return material;
  }
  const auto queued = co_await queue_.show(id);
  if (!queued) co_return std::unexpected(queued.error());
  if (!*queued) co_return fail(ErrorKind::not_found, fmt::format("there is no message {} here", id.text()));
  for (const auto& recipient : (*queued)->recipients) material.recipients.push_back(recipient.envelope.address);
  auto body = co_await queue_.body(id);
  if (!body) co_return fail(body);
  material.body = std::move(*body);
  co_return material;
}

Task<Result<void>> Teacher::learn_here(MessageId id, store::MailClass as, bool per_domain) {
  const auto material = co_await find(id);
  if (!material) co_return std::unexpected(material.error());
  const auto bytes = mail::read_whole(*material->body, most);
  if (!bytes) co_return std::unexpected(bytes.error());
  const auto scanned = co_await scanners_.scan(loops_.at(0), material->body);
  if (!scanned.report) co_return fail(ErrorKind::io, fmt::format("its content cannot be looked at: {}", scanned.why));
  for (auto& scope : scopes_of(material->recipients, per_domain)) {
    std::vector<store::Lesson> lessons{judge::lesson_of(*bytes, *scanned.report, as)};
    const auto counts = co_await words_.learn(std::move(scope), std::move(lessons));
    if (!counts) co_return std::unexpected(counts.error());
  }
  co_return Result<void>{};
}

}  // namespace mailreeve::gateway
