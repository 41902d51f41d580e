// SPDX-License-Identifier: Apache-2.0
#include "cli/call_gateway.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>

#include "cli/doorkeeper.h"
#include "gateway/privileges.h"
#include "net/blocking.h"
#include "store/sqlite/history.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/vault.h"
#include "web/routes.h"

namespace mailreeve::cli {
namespace {

constexpr std::chrono::seconds patience{60};

Result<net::HttpResponse> ask_store(const config::Settings& settings, const net::HttpRequest& request) {
  const auto path = settings.data_dir + "/queue.db";
  std::error_code problem;
  if (!std::filesystem::exists(path, problem)) {
    const auto why = problem ? problem.message() : "there is no such file";
    return fail(ErrorKind::not_found,
                fmt::format("no gateway runs and the queue {} cannot be opened: {}; is data-dir right?", path, why));
  }
  const auto log = make_silent_logger();
  if (::geteuid() == 0 && !settings.user.empty()) {
    auto dropped = gateway::drop_privileges(settings.user, *log);
    if (!dropped) return fail(dropped);
  }
  ::umask(0077);
  Metrics metrics;
  SystemClock clock;
  store::sqlite::QueueOptions options;
  options.path = path;
  options.node = settings.host_name;
  auto queue = store::sqlite::open_queue(options, *log, metrics);
  if (!queue) return fail(queue);
  auto history = store::sqlite::open_history(settings.data_dir + "/archive.db", *log, metrics);
  if (!history) return fail(history);
  auto vault = store::sqlite::open_vault({.path = settings.data_dir + "/quarantine.db"}, *log, metrics);
  if (!vault) return fail(vault);
  Doorkeeper doorkeeper{settings, clock, *log};
  auto opened = doorkeeper.open(metrics);
  if (!opened) return fail(opened);
  web::Services services{**queue, metrics, clock, [] { return web::Health{false, "stopped"}; }, {}, {}, history->get()};
  doorkeeper.lend(services);
  services.vault = vault->get();
  const auto handler = web::make_control_handler(services);
  return net::run_blocking(handler(request));
}

}  // namespace

std::string control_socket(const config::Settings& settings) { return settings.data_dir + "/control.sock"; }

Result<net::HttpResponse> ask_gateway(const config::Settings& settings, const net::HttpRequest& request) {
  return net::http_call_unix(control_socket(settings), request, patience);
}

Result<net::HttpResponse> ask_queue(const config::Settings& settings, const net::HttpRequest& request) {
  auto answer = ask_gateway(settings, request);
  if (answer) return answer;
  if (answer.error().kind == ErrorKind::not_found) return ask_store(settings, request);
  if (answer.error().kind == ErrorKind::refused) answer.error().text += "; try as root";
  return answer;
}

std::string explain(const net::HttpResponse& response) {
  boost::json::error_code error;
  const auto value = boost::json::parse({response.body.data(), response.body.size()}, error);
  if (!error && value.is_object()) {
    const auto* detail = value.as_object().if_contains("detail");
    if (detail != nullptr && detail->is_string()) return detail->as_string().c_str();
  }
  return fmt::format("the gateway answered with status {}", response.status);
}

}  // namespace mailreeve::cli
