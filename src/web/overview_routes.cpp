// SPDX-License-Identifier: Apache-2.0
#include "web/overview_routes.h"

#include "web/overview.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 2s;
constexpr int heartbeat_looks = 8;  // without news

Task<void> write_events(std::shared_ptr<const Services> services, net::HttpStream& stream) {
  const auto range = *parse_overview_range("1h");
  std::string last;
  int quiet = 0;
  while (true) {
    auto overview = co_await make_overview(services, range);
    std::string news;
    if (overview.without_time != last) {
      last = std::move(overview.without_time);
      news = "event: overview\ndata: " + overview.json + "\n\n";
      quiet = 0;
    } else if (++quiet >= heartbeat_looks) {
      news = ": alive\n\n";
      quiet = 0;
    }
    if (!news.empty()) {
      const bool goes_on = co_await stream.write(std::move(news));
      if (!goes_on) co_return;
    }
    const bool goes_on = co_await stream.wait(look_every);
    if (!goes_on) co_return;
  }
}

}  // namespace

Task<net::HttpResponse> show_overview(Call call) {
  std::string name = "1h";
  for (const auto& [key, value] : call.request.query) {
    if (key != "range") co_return problem(400, "Bad request", "there is no parameter \"" + readable(key) + "\"");
    name = value;
  }
  const auto range = parse_overview_range(name);
  if (!range) co_return problem(400, "Bad request", "range must be 1h, 24h or 7d");
  auto overview = co_await make_overview(call.services, *range);
  net::HttpResponse response;
  response.body = std::move(overview.json) + '\n';
  co_return response;
}

Task<net::HttpResponse> stream_events(Call call) {
  net::HttpResponse response;
  response.type = "text/event-stream";
  response.body = "retry: 3000\n\n";
  response.stream = [services = call.services](net::HttpStream& stream) { return write_events(services, stream); };
  co_return response;
}

}  // namespace mailreeve::web
