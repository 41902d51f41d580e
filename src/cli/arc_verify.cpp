// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "auth/arc.h"
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
  const auto outcome = net::run_blocking(auth::verify_arc(digest, **resolver, SystemClock{}.now()));
  if (arguments.has("--json")) {
    bj::array sets;
    for (const auto& set : outcome.sets) {
      sets.push_back(bj::object{{"instance", set.instance},
                                {"domain", set.sealer},
                                {"selector", set.selector},
                                {"algorithm", set.algorithm},
                                {"result", auth::name(set.seal)},
                                {"message_signature", auth::name(set.message)},
                                {"cv", set.cv},
                                {"results", set.results},
                                {"reason", set.reason}});
    }
    out << bj::serialize(bj::object{
               {"result", auth::name(outcome.result)}, {"reason", outcome.reason}, {"signatures", std::move(sets)}})
        << '\n';
  } else {
    out << auth::name(outcome.result);
    if (!outcome.reason.empty()) out << ": " << shown(outcome.reason);
    out << (outcome.result == auth::ArcResult::none ? ": the message has no ARC sets\n" : "\n");
    for (const auto& set : outcome.sets) {
      out << fmt::format("  {:>2}  {}  seal {}, message signature {}, cv={}\n", set.instance, shown(set.sealer),
                         auth::name(set.seal), auth::name(set.message), set.cv);
      out << fmt::format("      saw: {}\n", shown(set.results));
    }
  }
  return outcome.result == auth::ArcResult::pass || outcome.result == auth::ArcResult::none ? exit_ok : exit_failed;
}

}  // namespace

Command arc_verify_command() {
  return {"arc verify", "Verify a message's ARC chain",
          with_dns_parameters({{"FILE", Parameter::Kind::positional, "The message; - for standard input"}}), run};
}

}  // namespace mailreeve::cli
