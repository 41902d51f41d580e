// SPDX-License-Identifier: Apache-2.0
// [recipients.NAME]: where it stands who exists.
#include "config/read_recipients.h"

#include "base/files.h"
#include "delivery/target.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t password_limit = 4096;

void read_cache(const Section& section, judge::DirectoryCacheOptions& options) {
  const auto cache = section.section("cache");
  cache.duration("found", options.found, seconds{0}, hours{24 * 30});
  cache.duration("missing", options.missing, seconds{0}, hours{24});
  section.choice("when-down", options.accept_cached, {{"defer", false}, {"accept-cached", true}});
}

std::shared_ptr<const judge::Directory> read_file(const Section& section, RecipientSource& source, FileChecks checks) {
  const auto file = section.required_text("file", "/etc/mailreeve/recipients");
  if (!file) return nullptr;
  source.file = file->value;
  if (checks == FileChecks::skip) return nullptr;
  auto directory = judge::load_file_directory(file->value);
  if (directory) return std::move(*directory);
  section.error("file", directory.error().text);
  return nullptr;
}

std::shared_ptr<const judge::Directory> read_ldap(const Section& section, RecipientSource& source, FileChecks checks) {
  auto& options = source.ldap;
  const auto url = section.required_text("url", "ldap://10.0.0.30");
  const auto base = section.required_text("base", "ou=people,dc=example,dc=org");
  if (url) {
    options.url = url->value;
    const bool known =
        url->value.starts_with("ldap://") || url->value.starts_with("ldaps://") || url->value.starts_with("ldapi://");
    if (!known) section.error("url", fmt::format("url \"{}\": write ldap://, ldaps:// or ldapi://", url->value));
  }
  if (base) options.base = base->value;
  if (const auto filter = section.text("filter")) {
    options.filter = filter->value;
    auto rest = filter->value;
    bool any = false;
    for (const auto* name : {"{address}", "{user}", "{domain}"}) {
      for (auto at = rest.find(name); at != std::string::npos; at = rest.find(name)) {
        rest.erase(at, std::string_view{name}.size());
        any = true;
      }
    }
    if (!any || rest.find('{') != std::string::npos) {
      section.error("filter",
                    "filter must name {address}, {user} or {domain} and nothing else in braces, for example "
                    "\"(mail={address})\"");
    }
  }
  if (const auto dn = section.text("bind-dn")) options.bind_dn = dn->value;
  if (const auto file = section.text("bind-password-file")) {
    source.bind_password_file = file->value;
    if (checks == FileChecks::full) {
      auto password = make_system_files()->read_all(file->value, password_limit);
      if (password) {
        while (password->ends_with('\n') || password->ends_with('\r')) password->pop_back();
        options.bind_password = std::move(*password);
      } else {
        section.error("bind-password-file", password.error().text);
      }
    }
  }
  // RFC 4513 5.1.2: a name without a password is no sign-in, and what it may not see would look missing.
  if (!options.bind_dn.empty() && options.bind_password.empty() && checks == FileChecks::full) {
    section.error("bind-dn", "bind-dn needs a bind-password-file with a password in it");
  }
  section.boolean("start-tls", options.start_tls);
  if (const auto file = section.text("ca-file")) options.ca_file = file->value;
  section.duration("timeout", options.timeout, seconds{1}, seconds{60});
  return url && base ? judge::make_ldap_directory(options) : nullptr;
}

std::shared_ptr<const judge::Directory> read_sql(const Section& section, RecipientSource& source) {
  const auto url = section.required_text("url", "sqlite:/etc/mailreeve/users.db");
  const auto query = section.required_text("query", "SELECT 1 FROM users WHERE mail = {address}");
  if (!url || !query) return nullptr;
  source.sql = {url->value, query->value};
  auto directory = judge::make_sql_directory(source.sql);
  if (directory) return std::move(*directory);
  section.error(directory.error().text.starts_with("query") ? "query" : "url", directory.error().text);
  return nullptr;
}

std::shared_ptr<const judge::Directory> read_callahead(const Section& section, RecipientSource& source) {
  const auto url = section.text("url");
  if (!url) {
    source.callahead = std::make_shared<const judge::CallaheadDirectory>(judge::CallaheadOptions{});
    return source.callahead;
  }
  source.callahead_url = url->value;
  const auto target = delivery::Target::parse(url->value);
  const bool address = target && IpAddress::parse(target->host).has_value();
  if (!target || target->kind != delivery::Target::Kind::smtp || !address) {
    section.error("url", fmt::format("url \"{}\": write the internal server's address, for example "
                                     "\"smtp://10.0.0.25:25\"",
                                     url->value));
    return nullptr;
  }
  judge::CallaheadOptions options;
  options.host = target->host;
  options.port = target->port;
  source.callahead = std::make_shared<const judge::CallaheadDirectory>(std::move(options));
  return source.callahead;
}

}  // namespace

std::shared_ptr<const judge::Directory> read_recipient_source(const std::string& name, const Section& section,
                                                              Settings& settings, FileChecks checks) {
  if (name == "any") section.error({}, "\"any\" means everybody and cannot be the name of a list; call it otherwise");
  if (!section.required_text("kind", "file")) return nullptr;
  std::string kind;
  section.choice<std::string>("kind", kind,
                              {{"file", "file"}, {"ldap", "ldap"}, {"sql", "sql"}, {"callahead", "callahead"}});
  if (kind.empty()) return nullptr;
  auto& source = settings.recipient_sources[name];
  source.kind = kind;
  if (kind == "file") return read_file(section, source, checks);
  read_cache(section, source.cache);
  std::shared_ptr<const judge::Directory> directory;
  if (kind == "ldap") directory = read_ldap(section, source, checks);
  if (kind == "sql") directory = read_sql(section, source);
  if (kind == "callahead") directory = read_callahead(section, source);
  if (!directory) return nullptr;
  source.watched = std::make_shared<const judge::WatchedDirectory>(std::move(directory));
  return judge::make_cached_directory(source.watched, source.cache);
}

}  // namespace mailreeve::config
