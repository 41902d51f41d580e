// SPDX-License-Identifier: Apache-2.0
// `mailreeve serve`: builds every service, hands them down, runs until told to stop.
#include "cli/serve.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ostream>
#include <thread>

#include "base/log_tail.h"
#include "base/offload.h"
#include "cli/doorkeeper.h"
#include "cli/housekeeping.h"
#include "cli/insights.h"
#include "cli/letters.h"
#include "cli/rules.h"
#include "config/settings.h"
#include "delivery/prober.h"
#include "delivery/runner.h"
#include "delivery/spam_engines.h"
#include "delivery/virus_engines.h"
#include "gateway/custodian.h"
#include "gateway/descriptors.h"
#include "gateway/gateway.h"
#include "gateway/notify.h"
#include "gateway/privileges.h"
#include "gateway/scanner_pool.h"
#include "gateway/teacher.h"
#include "gateway/watched.h"
#include "judge/list_watch.h"
#include "net/http.h"
#include "store/sqlite/history.h"
#include "store/sqlite/marks.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/vault.h"
#include "store/sqlite/wishes.h"
#include "store/sqlite/word_counts.h"
#include "web/routes.h"

namespace mailreeve::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t offload_threads = 2;
constexpr auto drain_look = 20ms;
constexpr std::size_t log_tail_octets = 8U << 20;

void print_problems(const std::string& path, const config::Loaded& loaded, std::ostream& err) {
  for (const auto& problem : loaded.problems) err << problem.format(path) << '\n';
}

/// What sessions and deliveries go by, made from settings that were found right.
Result<std::shared_ptr<const gateway::Live>> make_live(const config::Settings& settings, judge::ListWatch& lists) {
  auto plan = std::make_shared<delivery::Plan>();
  plan->options = settings.delivery;
  plan->routes = settings.routes;
  auto client_tls = net::TlsContext::client();
  if (!client_tls) return fail(client_tls);
  plan->client_tls = std::move(*client_tls);
  std::shared_ptr<const net::TlsContext> tls;
  const auto& files = settings.gateway.tls;
  if (!files.certificate.empty()) {
    auto loaded = net::TlsContext::server(files.certificate, files.key, files.minimum);
    if (!loaded) return fail(loaded);
    tls = std::move(*loaded);
  }
  return std::make_shared<const gateway::Live>(gateway::Live{settings.gateway, judge::AddressBook{settings.recipients},
                                                             std::move(tls), std::move(plan),
                                                             make_rules(settings, lists), settings.history_keep});
}

constexpr const char* package_account = "mailreeve";

/// Whom to become: as set, else the account that the package makes, where it exists and we are root.
std::string user_of(const config::Settings& settings) {
  const bool by_package = settings.user.empty() && ::geteuid() == 0 && ::getpwnam(package_account) != nullptr;
  return by_package ? package_account : settings.user;
}

/// Whether a reload changes something that only a start takes up.
bool needs_restart(const config::Settings& running, const config::Settings& fresh) {
  return fresh.data_dir != running.data_dir || fresh.user != running.user ||
         fresh.gateway.listeners != running.gateway.listeners || fresh.web.addresses != running.web.addresses ||
         fresh.web.tls_addresses != running.web.tls_addresses || fresh.dns != running.dns ||
         fresh.scanners != running.scanners || fresh.log_format != running.log_format;
}

/// Everything that must be bound while we may still be root.
struct Doors {
  std::vector<std::pair<net::BoundSocket, gateway::ListenerOptions>> mail;
  std::vector<std::pair<net::BoundSocket, bool>> web;  // with TLS?
};

Result<Doors> open_doors(const config::Settings& settings, std::size_t loops) {
  Doors doors;
  for (const auto& listener : settings.gateway.listeners) {
    for (const auto& address : listener.addresses) {
      auto bound = net::BoundSocket::bind(address, loops);
      if (!bound) return fail(bound);
      doors.mail.emplace_back(std::move(*bound), listener);
    }
  }
  for (const bool with_tls : {false, true}) {
    for (const auto& address : with_tls ? settings.web.tls_addresses : settings.web.addresses) {
      auto bound = net::BoundSocket::bind(address, 1);
      if (!bound) return fail(bound);
      doors.web.emplace_back(std::move(*bound), with_tls);
    }
  }
  return doors;
}

/// What sessions ask the judge with, kept together as long as there are sessions.
struct Inspecting {
  Inspecting(judge::ExaminationServices examination, const store::Wishes* wishes)
      : greylist{examination.marks},
        rates{examination.clock},
        harvest{examination.marks},
        services{examination, greylist, rates, harvest, wishes} {}
  judge::Greylist greylist;
  judge::Rates rates;
  judge::Harvest harvest;
  gateway::InspectionServices services;
};

/// The running gateway. Members stand in the order of their need: each may use those above it.
class Serving {
 public:
  Serving(std::string path, std::shared_ptr<const config::Settings> settings, std::shared_ptr<const gateway::Live> live,
          Logger& log, std::shared_ptr<const LogTail> log_tail, judge::ListWatch& lists,
          std::unique_ptr<dns::Resolver> resolver, std::size_t loop_count)
      : path_{std::move(path)},
        settings_{std::move(settings)},
        log_{log},
        lists_{lists},
        live_{live},
        plan_{live->plan},
        files_{make_system_files()},
        doorkeeper_{*settings_, clock_, log_},
        insights_{clock_, metrics_, *files_, lists_, std::move(log_tail)},
        resolver_{gateway::watch(std::move(resolver), insights_.registry().item("dns"), clock_)},
        loops_{net::make_loops(loop_count, log)} {
    insights_.show(*settings_, path_, *live);
  }

  Result<void> start(Doors doors) {
    store::sqlite::QueueOptions options;
    options.path = settings_->data_dir + "/queue.db";
    options.node = settings_->host_name;
    options.min_free_bytes = settings_->gateway.limits.min_free_disk;
    auto queue = store::sqlite::open_queue(options, log_, metrics_);
    if (!queue) return fail(queue);
    queue_ = std::move(*queue);
    auto vault = store::sqlite::open_vault(
        // Holding stops long before there is no room for ordinary mail, whose reserve this must not eat.
        {.path = settings_->data_dir + "/quarantine.db", .min_free_bytes = options.min_free_bytes * 3}, log_, metrics_);
    if (!vault) return fail(vault);
    vault_ = std::move(*vault);
    auto wishes = store::sqlite::open_wishes(settings_->data_dir + "/wishes.db", log_);
    if (!wishes) return fail(wishes);
    wishes_ = std::move(*wishes);
    auto marks = store::sqlite::open_marks(settings_->data_dir + "/counters.db", log_);
    if (!marks) return fail(marks);
    marks_ = std::move(*marks);
    auto history = store::sqlite::open_history(settings_->data_dir + "/archive.db", log_, metrics_);
    if (!history) return fail(history);
    history_ = std::move(*history);
    auto words =
        store::sqlite::open_word_counts(settings_->data_dir + "/words.db", log_, store::sqlite::Loading::behind);
    if (!words) return fail(words);
    words_ = std::move(*words);
    auto opened = doorkeeper_.open(metrics_);
    if (!opened) return fail(opened);
    prober_ = delivery::make_prober(*loops_, settings_->host_name);
    lend_prober(*settings_);
    virus_ = gateway::watch(delivery::make_virus_scanner(*loops_), insights_.registry());
    spam_ = gateway::watch(delivery::make_spam_engines(*loops_), insights_.registry());
    scanners_.emplace(gateway::ScannerServices{*loops_, *marks_, clock_, log_, metrics_}, settings_->scanners);
    content_ = gateway::watch(*scanners_, insights_.registry().item("scanners"));
    teacher_.emplace(*loops_, *queue_, *vault_, *scanners_, *words_);
    inspection_.emplace(judge::ExaminationServices{*resolver_, *marks_, prober_.get(), clock_, log_, content_.get(),
                                                   virus_.get(), words_.get(), spam_.get()},
                        wishes_.get());

    const auto owner = fmt::format("{}/{}", settings_->host_name, MessageId::make(clock_.now(), random_).text());
    const delivery::World world{*files_, *resolver_, *offload_, clock_};
    runner_ = std::make_unique<delivery::Runner>(
        delivery::RunnerServices{*loops_, *queue_, plan_, clock_, random_, log_, metrics_, history_.get()}, owner,
        [this, world](net::Loop& loop) -> std::unique_ptr<delivery::Transport> {
          return std::make_unique<delivery::Deliverer>(loop, plan_, world, loops_->size());
        });
    custodian_.emplace(gateway::CustodianServices{*loops_, *vault_, *queue_, *runner_, *teacher_, *virus_, live_,
                                                  clock_, random_, log_});
    letters_.emplace(gateway::MailerServices{*queue_, [this] { runner_->wake(); }, live_, clock_, random_, log_},
                     *vault_, *wishes_, *marks_);
    opened = letters_->open(*files_, settings_->data_dir, settings_->web);
    if (!opened) return fail(opened);
    housekeeping_.emplace(
        HousekeepingServices{loops_->at(0), *custodian_, *vault_, *history_, lists_, *resolver_, live_, clock_, log_});
    session_metrics_.emplace(metrics_);
    gateway_ = std::make_unique<gateway::Gateway>(
        *loops_,
        gateway::SessionServices{live_, *queue_, *vault_, *runner_, *files_, settings_->data_dir, clock_, random_, log_,
                                 limits_, *session_metrics_, draining_, inspection_->services, *history_});

    for (auto& [socket, listener] : doors.mail) {
      log_.info("listening", {{"role", listener.role == gateway::Role::mx ? "mx" : "submission"},
                              {"address", socket.local().text()}});
      gateway_->listen(std::move(socket), listener);
    }
    return start_web(std::move(doors.web));
  }

  void run(std::ostream& err) {
    runner_->start();
    loops_->on_signal({SIGTERM, SIGINT, SIGHUP}, [this](int signal) {
      if (signal == SIGHUP) {
        loops_->at(0).spawn("reload", reload_and_log());
      } else {
        begin_stop();
      }
    });
    housekeeping_->start();
    loops_->at(0).spawn("digests", letters_->run(loops_->at(0)));
    loops_->at(0).spawn("accounts", doorkeeper_.run(loops_->at(0), err));
    gateway::notify("READY=1\nSTATUS=carrying mail");
    log_.info("started", {{"host", settings_->host_name}, {"pid", ::getpid()}});
    loops_->run();
    // Store, resolver and helpers finish what they were given and answer into loops that no longer turn; then the loops
    // drop what waited.
    queue_.reset();
    vault_.reset();
    wishes_.reset();
    history_.reset();
    words_.reset();
    doorkeeper_.close();
    resolver_.reset();
    offload_.reset();
    runner_->close_connections();
    scanners_->close();
    log_.info("stopped");
  }

 private:
  Result<void> start_web(std::vector<std::pair<net::BoundSocket, bool>> sockets) {
    web::Services services{*queue_,
                           metrics_,
                           clock_,
                           [this] { return health(); },
                           [this] { return reload(); },
                           [this] { runner_->wake(); },
                           history_.get(),
                           words_.get(),
                           [this](MessageId id, store::MailClass as) { return teach(id, as); }};
    services.vault = vault_.get();
    services.custodian = &*custodian_;
    services.live = &live_;
    services.marks = marks_.get();
    services.wishes = wishes_.get();
    services.offload = offload_.get();
    services.preview = [this](std::shared_ptr<const mail::Body> body) {
      return scanners_->preview(loops_->at(0), std::move(body));
    };
    services.insight = insights_.insight([this] { return gateway_->open_sessions(); });
    services.spawn = [this](Task<void> task) { loops_->at(0).spawn("web", std::move(task)); };
    doorkeeper_.lend(services);
    letters_->lend(services);
    const auto open = web::make_public_handler(services);
    for (auto& [socket, with_tls] : sockets) {
      log_.info("listening", {{"role", "web"}, {"address", socket.local().text()}, {"tls", with_tls}});
      web_listeners_.push_back(loops_->listen(std::move(socket), "web", serve_network(open, with_tls)));
    }
    auto control = net::BoundSocket::bind_unix(settings_->data_dir + "/control.sock");
    if (!control) return fail(control);
    const auto operate = web::make_control_handler(services);
    web_listeners_.push_back(
        loops_->listen(std::move(*control), "control", [operate](net::Loop&, std::unique_ptr<net::Stream> stream) {
          return net::serve_http(std::move(stream), operate);
        }));
    return {};
  }

  /// A connection goes by the certificate of the moment in which it comes.
  net::OnConnection serve_network(net::HttpHandler handler, bool with_tls) {
    return [this, handler = std::move(handler), with_tls](net::Loop&, std::unique_ptr<net::Stream> stream) {
      const auto client = stream->peer().address;
      net::HttpPeer peer{client, with_tls ? live_.get()->tls : nullptr, web_limits_, doorkeeper_.is_proxy(client)};
      if (with_tls && !peer.tls) stream->close();  // a reload took the certificate away
      return net::serve_http(std::move(stream), handler, std::move(peer));
    };
  }

  /// Recipient lists that ask the internal server get what they ask it with.
  void lend_prober(const config::Settings& settings) const {
    for (const auto& [name, source] : settings.recipient_sources) {
      if (source.callahead) source.callahead->use(prober_.get(), &log_);
    }
  }

  web::Health health() const {
    if (draining_) return {false, "draining"};
    return {true, "ok"};
  }

  // Reads files on a helper thread; answers what is wrong, or changes what new sessions go by.
  Task<web::ReloadAnswer> reload() {
    gateway::notify("RELOADING=1");
    std::function<config::Loaded()> load = [path = path_] { return config::load_file(path); };
    const auto loaded = co_await offload_->run<config::Loaded>(std::move(load));
    web::ReloadAnswer answer;
    for (const auto& problem : loaded.problems) answer.problems.push_back(problem.format(path_));
    if (loaded.settings) {
      lend_prober(*loaded.settings);
      auto live = make_live(*loaded.settings, lists_);
      if (live) {
        answer.reloaded = true;
        if (needs_restart(*settings_, *loaded.settings)) {
          answer.problems.push_back(path_ +
                                    ": warning: changes of data-dir, user, [[listener]], [dns] and "
                                    "log.format take effect at the next start");
        }
        insights_.show(*loaded.settings, path_, **live);
        doorkeeper_.use(loaded.settings->web);
        letters_->use(loaded.settings->web);
        plan_.set((*live)->plan);
        live_.set(std::move(*live));
        log_.set_level(loaded.settings->log_level);
      } else {
        answer.problems.push_back(fmt::format("{}: error: {}", path_, live.error().text));
      }
    }
    gateway::notify("READY=1");
    if (answer.reloaded) {
      log_.info("reloaded", {{"settings", path_}, {"problems", answer.problems}});
    } else {
      log_.error("reload refused", {{"settings", path_}, {"problems", answer.problems}});
    }
    co_return answer;
  }

  Task<Result<void>> teach(MessageId id, store::MailClass as) {
    auto learnt = co_await teacher_->learn(id, as, live_.get()->rules->options.bayes.per_domain);
    co_return learnt;
  }

  Task<void> reload_and_log() { co_await reload(); }

  void begin_stop() {
    if (draining_.exchange(true)) return;
    gateway::notify("STOPPING=1");
    log_.info("stopping", {{"sessions", gateway_->open_sessions()}});
    // Sessions that wait for an internal server need a moment left to queue their message and say so.
    runner_->stop(clock_.steady() + live_.get()->options.limits.drain / 2);
    gateway_->drain();
    loops_->at(0).spawn("stop", finish_stop());
  }

  // Sessions in a transaction and deliveries under way get their time, then the loops are cut.
  Task<void> finish_stop() {
    const auto end = clock_.steady() + live_.get()->options.limits.drain;
    while ((gateway_->open_sessions() > 0 || runner_->running() > 0) && clock_.steady() < end) {
      co_await loops_->at(0).sleep(drain_look);
    }
    loops_->stop();
  }

  std::string path_;
  std::shared_ptr<const config::Settings> settings_;
  Logger& log_;
  judge::ListWatch& lists_;
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  Current<gateway::Live> live_;
  Current<delivery::Plan> plan_;
  std::unique_ptr<Files> files_;
  Doorkeeper doorkeeper_;
  Insights insights_;
  std::unique_ptr<dns::Resolver> resolver_;
  std::unique_ptr<Offload> offload_ = std::make_unique<Offload>(offload_threads);
  gateway::ConnectionLimits limits_;
  std::optional<gateway::SessionMetrics> session_metrics_;
  std::atomic<bool> draining_{false};
  std::unique_ptr<store::Queue> queue_;
  std::unique_ptr<store::Vault> vault_;
  std::unique_ptr<store::Wishes> wishes_;
  std::unique_ptr<store::Marks> marks_;
  std::unique_ptr<store::History> history_;
  std::unique_ptr<store::WordCounts> words_;
  std::unique_ptr<judge::Prober> prober_;
  std::unique_ptr<judge::VirusScanner> virus_;
  std::unique_ptr<judge::SpamEngines> spam_;
  std::optional<gateway::ScannerPool> scanners_;
  std::unique_ptr<judge::ContentScanner> content_;
  std::optional<gateway::Teacher> teacher_;
  std::optional<Inspecting> inspection_;
  std::unique_ptr<delivery::Runner> runner_;
  std::optional<gateway::Custodian> custodian_;
  std::optional<Housekeeping> housekeeping_;
  std::optional<Letters> letters_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::shared_ptr<net::HttpLimits> web_limits_ = std::make_shared<net::HttpLimits>();
  std::vector<std::unique_ptr<net::Listener>> web_listeners_;
  // Last, so that it goes first: what still waits on a loop may hold on to anything above.
  std::unique_ptr<net::LoopGroup> loops_;
};

}  // namespace

int serve(const std::string& path, std::ostream& err) {
  const auto loaded = config::load_file(path);
  if (!loaded.settings) {
    print_problems(path, loaded, err);
    return 1;
  }
  const auto& settings = *loaded.settings;
  const SystemClock clock;
  const auto log_tail = std::make_shared<LogTail>(log_tail_octets, clock.now());
  const auto log = make_logger(settings.log_format, settings.log_level, log_tail);
  for (const auto& problem : loaded.problems) log->warning("settings", {{"problem", problem.format(path)}});
  const auto give_up = [&err](const Error& error) {
    err << "mailreeve: " << error.text << '\n';
    return 1;
  };
  judge::ListWatch lists{*log, clock};
  auto live = make_live(settings, lists);
  if (!live) return give_up(live.error());
  gateway::raise_descriptor_limit(settings.gateway.limits.connections, *log);
  const auto loop_count = std::max(1U, std::thread::hardware_concurrency());
  auto doors = open_doors(settings, loop_count);
  if (!doors) return give_up(doors.error());
  const auto user = user_of(settings);
  ::umask(0077);  // mail is nobody else's to read
  auto made = gateway::prepare_data_dir(settings.data_dir, user, *log);
  if (!made) return give_up(made.error());
  auto dropped = gateway::drop_privileges(user, *log);
  if (!dropped) return give_up(dropped.error());
  auto resolver = dns::make_resolver(settings.dns, *log);
  if (!resolver) return give_up(resolver.error());
  Serving serving{path, loaded.settings, *live, *log, log_tail, lists, std::move(*resolver), loop_count};
  auto started = serving.start(std::move(*doors));
  if (!started) return give_up(started.error());
  serving.run(err);
  return 0;
}

}  // namespace mailreeve::cli
