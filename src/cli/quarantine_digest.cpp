// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/load_settings.h"
#include "cli/quarantine_common.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (!arguments.has("--now")) {
    err << "mailreeve quarantine digest: digests go by themselves, as their recipients want; --now sends what is new\n";
    return exit_usage;
  }
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  bj::object body;
  if (const auto address = arguments.value("ADDRESS")) body["address"] = *address;
  const net::HttpRequest request{
      .method = "POST", .path = "/api/v1/quarantine/digest", .query = {}, .body = bj::serialize(body)};
  const auto answer = ask_json(*settings, request);
  if (!answer) return give_up(err, answer.error());
  if (arguments.has("--json")) {
    out << bj::serialize(*answer) << '\n';
    return exit_ok;
  }
  const auto* sent = answer->as_object().if_contains("sent");
  const auto count = sent != nullptr && sent->is_number() ? sent->to_number<std::size_t>() : 0;
  out << (count == 0   ? std::string{"Nothing new is held: no digest was sent."}
          : count == 1 ? std::string{"One digest is on its way."}
                       : fmt::format("{} digests are on their way.", count))
      << '\n';
  return exit_ok;
}

}  // namespace

Command quarantine_digest_command() {
  return {"quarantine digest",
          "Tell recipients by mail what is held for them",
          {{"ADDRESS", Parameter::Kind::optional_positional, "This recipient alone"},
           {"--now", Parameter::Kind::flag, "What is new, whether or not a digest is due"},
           {"--json", Parameter::Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
