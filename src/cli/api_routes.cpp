// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "web/routes.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

std::string words(const web::Needs& needs) {
  switch (needs.kind()) {
    case web::Needs::Kind::open:
      return "open";
    case web::Needs::Kind::anyone:
      return "anyone";
    case web::Needs::Kind::signed_in:
      return "signed in";
    case web::Needs::Kind::scope:
      return std::string{web::name(needs.scope())};
    case web::Needs::Kind::scope_or_loopback:
      return fmt::format("{} or loopback", web::name(needs.scope()));
  }
  return "nobody";
}

int run(const Arguments& arguments, std::ostream& out, std::ostream&) {
  bj::array all;
  for (const auto& route : web::all_routes()) {
    if (arguments.has("--json")) {
      all.push_back(bj::object{{"method", route.method}, {"path", route.pattern}, {"needs", words(route.needs)}});
    } else {
      out << fmt::format("{:<7} {:<44} {}\n", route.method, route.pattern, words(route.needs));
    }
  }
  if (arguments.has("--json")) out << bj::serialize(all) << '\n';
  return exit_ok;
}

}  // namespace

Command api_routes_command() {
  return {"api routes",
          "List the addresses of the API and what each asks of its caller",
          {{"--json", Parameter::Kind::flag, "Print JSON"}, config_parameter()},
          run};
}

}  // namespace mailreeve::cli
