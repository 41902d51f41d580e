// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "auth/dkim.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "net/blocking.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  auto resolver = make_command_resolver(arguments);
  if (!resolver) return give_up(err, resolver.error());
  const auto message = read_message_file(*arguments.value("FILE"));
  if (!message) return give_up(err, message.error());
  const auto digest = digest_of(*message);
  const auto signatures = net::run_blocking(auth::verify_dkim(digest, **resolver, SystemClock{}.now()));
  const auto result = auth::overall(digest, signatures);
  if (arguments.has("--json")) {
    bj::array all;
    for (const auto& one : signatures) {
      all.push_back(bj::object{{"domain", one.domain},
                               {"selector", one.selector},
                               {"algorithm", one.algorithm},
                               {"result", auth::name(one.result)},
                               {"reason", one.reason},
                               {"identity", one.identity},
                               {"bits", one.key_bits},
                               {"testing", one.testing},
                               {"partial_body", one.partial_body},
                               {"weak_key", one.weak_key},
                               {"oversigned", !one.unsigned_from_possible}});
    }
    out << bj::serialize(bj::object{{"result", auth::name(result)}, {"signatures", std::move(all)}}) << '\n';
  } else {
    out << auth::name(result) << (signatures.empty() ? ": the message is not signed\n" : "\n");
    for (const auto& one : signatures) {
      out << fmt::format("  {:<9} {} (selector {}, {}", auth::name(one.result), shown(one.domain), shown(one.selector),
                         one.algorithm);
      if (one.key_bits > 0) out << fmt::format(", {} bits", one.key_bits);
      out << ")" << (one.reason.empty() ? "" : ": ") << shown(one.reason) << '\n';
      if (one.testing) out << "            the signer is only testing (t=y)\n";
      if (one.weak_key) out << "            the key is weak: 2048 bits are usual (RFC 8301)\n";
      if (one.result == auth::DkimResult::pass && one.unsigned_from_possible) {
        out << "            a second From could be added unseen: From is not oversigned\n";
      }
    }
  }
  return result == auth::DkimResult::pass || result == auth::DkimResult::none ? exit_ok : exit_failed;
}

}  // namespace

Command dkim_verify_command() {
  return {"dkim verify", "Verify a message's DKIM signatures",
          with_dns_parameters({{"FILE", Parameter::Kind::positional, "The message; - for standard input"}}), run};
}

}  // namespace mailreeve::cli
