// SPDX-License-Identifier: Apache-2.0
#include "cli/letters.h"

#include "gateway/analyst.h"
#include "gateway/digest_page.h"

namespace mailreeve::cli {
namespace {

using namespace std::chrono_literals;

constexpr unsigned links_of_one_client = 1200;  // a whole company behind one address opens its digests in the morning
constexpr auto links_time = 10min;
constexpr auto look_for_due = 1min;
constexpr std::string_view requests_key = "alert:asked";
constexpr auto between_alerts = 1h;
constexpr auto remind_after = 24h;

}  // namespace

Letters::Letters(const gateway::MailerServices& mailer, store::Vault& vault, store::Wishes& wishes, store::Marks& marks)
    : services_{mailer},
      vault_{vault},
      wishes_{wishes},
      marks_{marks},
      mailer_{mailer},
      ration_{mailer.clock, links_of_one_client, links_time} {}

Result<void> Letters::open(Files& files, const std::string& directory, const web::Options& options) {
  auto key = gateway::LinkKey::load(files, directory);
  if (!key) return fail(key);
  key_ = *key;
  use(options);
  digest_.emplace(gateway::DigestServices{vault_, wishes_, mailer_, *key_, services_.live,
                                          [this] { return *url_.get(); }, services_.clock, services_.random,
                                          services_.log});
  return {};
}

void Letters::use(const web::Options& options) { url_.set(std::make_shared<const std::string>(options.url)); }

void Letters::lend(web::Services& services) {
  services.link_key = &*key_;
  services.link_ration = &ration_;
  services.digest = &*digest_;
  services.forward_held = [this](MessageId id, mail::Mailbox to, std::string note) {
    return gateway::forward_held(vault_, mailer_, id, std::move(to), std::move(note));
  };
  services.asked = [this] { return tell_of_requests(); };
  services.mail_link = [this](mail::Mailbox to, std::string link) { return send_link(std::move(to), std::move(link)); };
}

Task<void> Letters::run(net::Loop& loop) {
  while (true) {
    const auto sent = co_await digest_->send_due();
    if (!sent) services_.log.error("digest", {{"error", sent.error().text}});
    co_await tell_of_requests();
    const bool go_on = co_await loop.sleep(look_for_due);
    if (!go_on) co_return;
  }
}

Task<void> Letters::tell_of_requests() {
  const std::string key{requests_key};
  const auto now = services_.clock.now();
  const auto asked = static_cast<std::int64_t>(vault_.counts().asked);
  auto told = co_await marks_.find(key, now);
  if (asked == 0 && !told) co_return;
  if (told && asked <= told->value) {
    if (asked == told->value) co_return;
    told->value = asked;  // some were decided; the next request is news
    co_await marks_.put(key, *told);
    co_return;
  }
  if (told && now - told->first < between_alerts) co_return;
  co_await marks_.put(key, {asked, now, now + remind_after, {}});
  const auto live = services_.live.get();
  const auto contact = mail::Mailbox::parse(live->rules->contact);
  if (!contact) co_return;
  const auto url = *url_.get();
  auto rendered = gateway::render_requests(live->options.host_name, static_cast<std::uint64_t>(asked),
                                           url.empty() ? std::string{} : url + "/quarantine");
  gateway::OwnMail mail{*contact, std::move(rendered.subject), std::move(rendered.text), std::move(rendered.html), {}};
  const auto sent = co_await mailer_.send(std::move(mail));
  if (!sent) services_.log.warning("requests for release", {{"asked", asked}, {"not_told", sent.error().text}});
}

Task<Result<void>> Letters::send_link(mail::Mailbox to, std::string link) {
  const auto live = services_.live.get();
  auto rendered = gateway::render_sign_in(live->options.host_name, link, live->rules->contact);
  gateway::OwnMail mail{
      std::move(to), std::move(rendered.subject), std::move(rendered.text), std::move(rendered.html), {}};
  const auto sent = co_await mailer_.send(std::move(mail));
  if (!sent) co_return std::unexpected(sent.error());
  co_return Result<void>{};
}

}  // namespace mailreeve::cli
