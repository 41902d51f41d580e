// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <ostream>

#include "auth/dkim.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/dns_options.h"

namespace mailreeve::cli {
namespace {

constexpr std::size_t key_limit = 64U << 10;

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto needed = {"--domain", "--selector", "--key"};
  for (const auto* name : needed) {
    if (!arguments.has(name)) return give_up(err, {ErrorKind::invalid, Blame::peer, fmt::format("{} is needed", name)});
  }
  const auto pem = make_system_files()->read_all(*arguments.value("--key"), key_limit);
  if (!pem) return give_up(err, pem.error());
  const auto key = auth::SigningKey::from_pem(*pem);
  if (!key) return give_up(err, {key.error().kind, Blame::local, *arguments.value("--key") + ": " + key.error().text});
  const auto message = read_message_file(*arguments.value("FILE"));
  if (!message) return give_up(err, message.error());
  auth::DkimSignOptions options;
  options.domain = *arguments.value("--domain");
  options.selector = *arguments.value("--selector");
  options.canonicalization = arguments.value("--canonicalization").value_or(options.canonicalization);
  options.signed_at = SystemClock{}.now();
  const auto field = auth::sign_dkim(*message, *key, options);
  if (!field) return give_up(err, field.error());
  out << *field << *message;
  return exit_ok;
}

}  // namespace

Command dkim_sign_command() {
  using Kind = Parameter::Kind;
  return {"dkim sign",
          "Sign a message; the signed one goes to standard output",
          {{"--domain", Kind::value, "Who signs (d=)", "DOMAIN"},
           {"--selector", Kind::value, "Which of the domain's keys (s=)", "NAME"},
           {"--key", Kind::value, "The private key: PEM, RSA or Ed25519", "FILE"},
           {"--canonicalization", Kind::value, "header/body, each simple or relaxed (else relaxed/relaxed)", "C"},
           {"FILE", Kind::positional, "The message; - for standard input"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
