// SPDX-License-Identifier: Apache-2.0
#include "web/session_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "mail/characters.h"
#include "mail/date.h"
#include "web/access.h"
#include "web/secrets.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using namespace std::chrono_literals;
using net::HttpResponse;
using store::SessionKind;

constexpr auto link_life = 15min;
constexpr std::size_t name_limit = 320;

HttpResponse no_accounts() { return problem(503, "Unavailable", "no gateway is running that people could sign in to"); }

HttpResponse wait_first(std::chrono::seconds wait) {
  auto response = problem(429, "Too many attempts", fmt::format("try again in {} seconds", wait.count()));
  response.headers.emplace_back("Retry-After", fmt::to_string(wait.count()));
  return response;
}

HttpResponse wrong_credentials() {
  return problem(401, "Not signed in", "name or password are wrong, or the account is disabled");
}

/// The text of that name, or an answer that says what is missing.
struct Texts {
  std::vector<std::string> values;
  std::optional<HttpResponse> wrong;
};
Texts read_texts(const net::HttpRequest& request, std::initializer_list<std::string_view> names) {
  Texts texts;
  auto object = read_object(request);
  if (!object) {
    texts.wrong = problem(object.error());
    return texts;
  }
  if (object->size() > names.size()) {
    texts.wrong = problem(400, "Malformed", fmt::format("nothing but {} belongs here", fmt::join(names, ", ")));
    return texts;
  }
  for (const auto name : names) {
    auto value = text_in(*object, name);
    const auto limit = name == "password" || name == "old" || name == "new" ? password_most : name_limit;
    if (!value || value->size() > limit) {
      texts.wrong = problem(400, "Malformed", fmt::format("{} must be a text of at most {} octets", name, limit));
      return texts;
    }
    texts.values.push_back(std::move(*value));
  }
  return texts;
}

bj::object describe(const Call& call, bool needs_setup) {
  const auto& services = *call.services;
  const auto& identity = call.identity;
  bj::array scopes;
  for (const auto name : identity.scopes.names()) scopes.emplace_back(name);
  bj::value idle_end;
  bj::value end;
  if (call.session) {
    idle_end = mail::iso8601(std::min(services.access->idle_end(*call.session), services.access->end(*call.session)));
    end = mail::iso8601(services.access->end(*call.session));
  }
  std::string_view kind = "user";
  if (identity.kind == Identity::Kind::nobody) kind = "none";
  if (identity.kind == Identity::Kind::recipient) kind = "recipient";
  bj::object out;
  out["kind"] = kind;
  out["name"] = identity.kind == Identity::Kind::nobody ? "" : identity.who();
  out["role"] = identity.role ? bj::value(store::name(*identity.role)) : bj::value(nullptr);
  out["scopes"] = std::move(scopes);
  out["csrf"] = call.session ? call.session->csrf : "";
  out["idle_end"] = std::move(idle_end);
  out["end"] = std::move(end);
  out["needs_setup"] = needs_setup;
  out["host"] = services.host;
  out["version"] = services.version;
  const bool knows_passwords = services.live != nullptr && services.live->get()->recipients.knows_passwords();
  out["sign_in"] = bj::object{{"link", static_cast<bool>(services.mail_link)}, {"directory", knows_passwords}};
  return out;
}

Task<HttpResponse> session_of(const Call& call, std::string cookie) {
  if (call.services->access == nullptr) co_return json(describe(call, false));
  auto users = co_await call.services->access->accounts().users();
  if (!users) co_return problem(users.error());
  auto response = json(describe(call, users->empty()));
  if (!cookie.empty()) response.headers.emplace_back("Set-Cookie", std::move(cookie));
  co_return response;
}

/// Ends what was, begins anew: a session that somebody else might have planted is worth nothing afterwards.
Task<HttpResponse> begin_session(Call call, SessionKind kind, std::string subject, std::optional<store::Role> role,
                                 std::string_view how) {
  auto& access = *call.services->access;
  if (call.session) {
    const auto ended = co_await access.accounts().end_session(call.session->key);
    if (!ended) co_return problem(ended.error());
  }
  auto opened = co_await access.open_session(kind, subject, call.origin);
  if (!opened) co_return problem(opened.error());
  const auto from = call.identity.from;
  call.identity = {};
  call.identity.kind = kind == SessionKind::user ? Identity::Kind::user : Identity::Kind::recipient;
  call.identity.name = subject;
  call.identity.role = role;
  call.identity.scopes = role ? scopes_of(*role) : Scopes{Scope::own};
  if (kind == SessionKind::recipient) call.identity.address = subject;
  call.identity.from = from;
  call.session = std::move(opened->session);
  access.log().info("signed in", {{"who", subject}, {"from", from}, {"by", how}});
  const auto noted = co_await record(call, "session.sign-in", std::move(subject), std::string{how});
  if (!noted) co_return problem(noted.error());
  auto response = co_await session_of(call, std::move(opened->cookie));
  co_return response;
}

void log_refusal(const Call& call, std::string_view who) {
  call.services->access->log().warning("sign-in refused", {{"who", who}, {"from", call.identity.from}});
}

/// The recipient of ours that an address means; nothing when there is none, or when it cannot be said.
Task<std::optional<mail::Mailbox>> find_recipient(const Services& services, std::string address) {
  if (services.live == nullptr) co_return std::nullopt;
  auto mailbox = mail::Mailbox::parse(address, mail::Utf8::allow);
  if (!mailbox) co_return std::nullopt;
  const auto live = services.live->get();
  mail::ForwardPath path{std::move(*mailbox), false};
  const auto decision = co_await live->recipients.decide(std::move(path), IpAddress{});
  if (decision.kind != judge::RecipientDecision::Kind::ours || !decision.recipient) co_return std::nullopt;
  // Whose mailbox it is, without a tag: passwords and links are his, whatever the tag.
  auto owner = mail::Mailbox::parse(store::owner_key(*decision.recipient), mail::Utf8::allow);
  if (!owner) co_return std::nullopt;
  co_return std::move(*owner);
}

Task<HttpResponse> sign_in_recipient(Call call, std::string address, std::string password) {
  auto& access = *call.services->access;
  const auto wait = access.throttle().attempt(mail::lower(address), call.origin.client);
  if (wait > 0s) co_return wait_first(wait);
  const auto recipient = co_await find_recipient(*call.services, address);
  auto verified = judge::Directory::Verified::no;
  if (recipient) {
    const auto live = call.services->live->get();
    verified = co_await live->recipients.verify(*recipient, std::move(password));
  }
  if (verified == judge::Directory::Verified::unavailable) {
    co_return problem(503, "Unavailable", "the directory does not answer; try again later");
  }
  if (verified != judge::Directory::Verified::yes) {
    log_refusal(call, recipient ? recipient->text() : "an unknown address");
    co_return wrong_credentials();
  }
  access.throttle().succeeded(mail::lower(address), call.origin.client);
  auto response = co_await begin_session(std::move(call), SessionKind::recipient, store::owner_key(*recipient),
                                         std::nullopt, "directory");
  co_return response;
}

Task<HttpResponse> sign_in_user(Call call, std::string name, std::string password) {
  auto& access = *call.services->access;
  const auto wait = access.throttle().attempt(name, call.origin.client);
  if (wait > 0s) co_return wait_first(wait);
  auto user = co_await access.accounts().user(name);
  if (!user) co_return problem(user.error());
  const bool may = *user && !(*user)->disabled;
  auto verified = co_await access.passwords().verify(may ? (*user)->password_hash : "", std::move(password));
  if (!verified) co_return problem(verified.error());
  if (!*verified) {
    // What was typed as a name may be a password.
    log_refusal(call, *user ? name : "an unknown name");
    co_return wrong_credentials();
  }
  access.throttle().succeeded(name, call.origin.client);
  const auto noted = co_await access.accounts().signed_in(name, call.services->clock.now());
  if (!noted) co_return problem(noted.error());
  const auto role = (*user)->role;
  auto response = co_await begin_session(std::move(call), SessionKind::user, std::move(name), role, "password");
  co_return response;
}

/// Whoever asked is not told what comes of it.
Task<void> mail_link(std::shared_ptr<const Services> services, std::string address) {
  const auto recipient = co_await find_recipient(*services, std::move(address));
  if (!recipient) co_return;
  auto& access = *services->access;
  if (!access.links_by_address().take(recipient->text())) co_return;
  auto secret = co_await access.make_one_time("sign-in", recipient->text(), link_life);
  if (!secret) co_return;
  const auto sent =
      co_await services->mail_link(*recipient, fmt::format("{}/sign-in#{}", access.options()->url, *secret));
  if (!sent) access.log().warning("sign-in link", {{"error", sent.error().text}});
}

}  // namespace

Task<HttpResponse> show_session(Call call) {
  auto response = co_await session_of(call, {});
  co_return response;
}

Task<HttpResponse> sign_in(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto texts = read_texts(call.request, {"name", "password"});
  if (texts.wrong) co_return std::move(*texts.wrong);
  auto name = mail::lower(texts.values[0]);
  auto password = std::move(texts.values[1]);
  if (name.find('@') != std::string::npos) {
    co_return co_await sign_in_recipient(std::move(call), std::move(texts.values[0]), std::move(password));
  }
  co_return co_await sign_in_user(std::move(call), std::move(name), std::move(password));
}

Task<HttpResponse> sign_out(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto& access = *call.services->access;
  HttpResponse response;
  response.status = 204;
  if (call.session) {
    const auto ended = co_await access.accounts().end_session(call.session->key);
    if (!ended) co_return problem(ended.error());
    const auto noted = co_await record(call, "session.sign-out", call.session->subject);
    if (!noted) co_return problem(noted.error());
  }
  response.headers.emplace_back("Set-Cookie", access.expired_cookie(call.origin));
  co_return response;
}

Task<HttpResponse> change_password(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  if (!call.session || call.identity.kind != Identity::Kind::user) {
    co_return problem(403, "Forbidden", "only somebody who signed in with a password can change it here");
  }
  auto texts = read_texts(call.request, {"old", "new"});
  if (texts.wrong) co_return std::move(*texts.wrong);
  auto& access = *call.services->access;
  const auto& name = call.session->subject;
  const auto wait = access.throttle().attempt(name, call.origin.client);
  if (wait > 0s) co_return wait_first(wait);
  auto user = co_await access.accounts().user(name);
  if (!user) co_return problem(user.error());
  auto verified = co_await access.passwords().verify(*user ? (*user)->password_hash : "", std::move(texts.values[0]));
  if (!verified) co_return problem(verified.error());
  if (!*verified) co_return problem(403, "Forbidden", "the old password is wrong");
  access.throttle().succeeded(name, call.origin.client);
  const auto good = check_new_password(name, texts.values[1]);
  if (!good) co_return problem(good.error());
  auto hash = co_await access.passwords().hash(std::move(texts.values[1]));
  if (!hash) co_return problem(hash.error());
  store::UserChange change;
  change.password_hash = std::move(*hash);
  auto changed = co_await access.accounts().change_user(name, std::move(change), call.session->key);
  if (!changed) co_return problem(changed.error());
  const auto noted = co_await record(call, "user.password", name, "by the owner");
  if (!noted) co_return problem(noted.error());
  HttpResponse response;
  response.status = 204;
  co_return response;
}

Task<HttpResponse> ask_for_link(Call call) {
  if (call.services->access == nullptr || !call.services->mail_link) {
    co_return problem(503, "Unavailable", "this gateway mails no links");
  }
  auto texts = read_texts(call.request, {"address"});
  if (texts.wrong) co_return std::move(*texts.wrong);
  if (call.services->access->links_by_client().take(network_key(call.origin.client))) {
    auto work = mail_link(call.services, std::move(texts.values[0]));
    if (call.services->spawn) {
      call.services->spawn(std::move(work));
    } else {
      co_await std::move(work);
    }
  }
  co_return json(bj::object{{"detail", "if there is such a recipient here, a link is under way"}}, 202);
}

Task<HttpResponse> redeem_link(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto texts = read_texts(call.request, {"token"});
  if (texts.wrong) co_return std::move(*texts.wrong);
  auto& access = *call.services->access;
  auto subject = co_await access.accounts().redeem(secret_hash(texts.values[0]), "sign-in", call.services->clock.now());
  if (!subject) co_return problem(subject.error());
  if (!*subject) co_return problem(410, "Gone", "this link was used or is too old; ask for another");
  auto response =
      co_await begin_session(std::move(call), SessionKind::recipient, std::move(**subject), std::nullopt, "link");
  co_return response;
}

Task<HttpResponse> set_up(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto texts = read_texts(call.request, {"token", "name", "password"});
  if (texts.wrong) co_return std::move(*texts.wrong);
  auto& access = *call.services->access;
  auto name = check_account_name(texts.values[1]);
  if (!name) co_return problem(name.error());
  const auto good = check_new_password(*name, texts.values[2]);
  if (!good) co_return problem(good.error());
  const auto wait = access.throttle().attempt("set-up link", call.origin.client);
  if (wait > 0s) co_return wait_first(wait);
  auto hash = co_await access.passwords().hash(std::move(texts.values[2]));
  if (!hash) co_return problem(hash.error());
  store::User user;
  user.name = *name;
  user.role = store::Role::admin;
  user.created = call.services->clock.now();
  user.password_hash = std::move(*hash);
  const auto added = co_await access.accounts().add_first_user(std::move(user), secret_hash(texts.values[0]),
                                                               call.services->clock.now());
  if (!added && added.error().kind == ErrorKind::refused) co_return problem(410, "Gone", added.error().text);
  if (!added) co_return problem(added.error());
  access.throttle().succeeded("set-up link", call.origin.client);
  const auto noted = co_await access.accounts().signed_in(*name, call.services->clock.now());
  if (!noted) co_return problem(noted.error());
  auto response =
      co_await begin_session(std::move(call), SessionKind::user, std::move(*name), store::Role::admin, "set-up link");
  co_return response;
}

Task<HttpResponse> make_setup_link(Call call) {
  if (call.services->access == nullptr) co_return no_accounts();
  auto link = co_await call.services->access->make_setup_link();
  if (!link && link.error().kind == ErrorKind::busy) co_return problem(409, "Not possible", link.error().text);
  if (!link) co_return problem(link.error());
  const auto noted = co_await record(call, "setup.link", "");
  if (!noted) co_return problem(noted.error());
  co_return json(bj::object{{"url", *link}});
}

}  // namespace mailreeve::web
