// SPDX-License-Identifier: Apache-2.0
#include "judge/examination.h"

#include <exception>

namespace mailreeve::judge {
namespace {

/// Passes questions on while there is time and patience for them.
class Budgeted final : public dns::Resolver {
 public:
  Budgeted(dns::Resolver& inner, const Clock& clock)
      : inner_{inner}, clock_{clock}, end_{clock.steady() + examination_budget} {}
  Task<dns::Shared> ask(std::string name, dns::Type type) override {
    if (++asked_ > question_limit || clock_.steady() > end_) {
      static const auto spent =
          std::make_shared<const dns::RawAnswer>(dns::RawAnswer{dns::Status::timeout, false, {}, {}});
      co_return spent;
    }
    auto answer = co_await inner_.ask(std::move(name), type);
    co_return answer;
  }
  void renew() { end_ = clock_.steady() + examination_budget; }

 private:
  dns::Resolver& inner_;
  const Clock& clock_;
  SteadyTime end_;
  std::size_t asked_ = 0;
};

}  // namespace

struct Examination::State : std::enable_shared_from_this<State> {
  State(const ExaminationServices& services, Spawner& spawn, std::shared_ptr<const Checks> all,
        std::shared_ptr<const OwnNames> ours, std::shared_ptr<Facts> known)
      : spawner{spawn},
        checks{std::move(all)},
        own{std::move(ours)},
        facts{std::move(known)},
        budget{services.dns, services.clock},
        recorder{budget},
        clock{services.clock},
        log{services.log},
        context{recorder, services.marks,   services.prober, services.clock, spawn,        services.log,
                *own,     services.scanner, services.virus,  services.words, services.spam} {}

  Spawner& spawner;
  std::shared_ptr<const Checks> checks;
  std::shared_ptr<const OwnNames> own;
  std::shared_ptr<Facts> facts;
  Budgeted budget;
  dns::Recorder recorder;
  const Clock& clock;
  Logger& log;
  CheckContext context;
  Findings findings;
  std::vector<CheckTiming> timings;
  std::size_t running = 0;
  Done<bool> waiter;

  static Task<void> run(std::shared_ptr<State> self, const Check* check) {
    co_await perform(*self, *check);
    end_one(*self);
  }

  static Task<void> run_quick(std::shared_ptr<State> self, Stage stage) {
    for (const auto& check : *self->checks) {
      if (check->info().stage == stage && !check->waits()) co_await perform(*self, *check);
    }
    end_one(*self);
  }

  static void end_one(State& self) {
    if (--self.running == 0 && self.waiter) std::exchange(self.waiter, nullptr)(true);
  }

  static Task<void> perform(State& self, const Check& check) {
    const auto began = self.clock.steady();
    Findings found;
    try {
      found = co_await check.run(*self.facts, self.context);
    } catch (const std::exception& error) {
      self.log.error("check", {{"check", check.info().name}, {"error", error.what()}});
    }
    for (auto& finding : found) {
      finding.check = check.info().name;
      self.findings.push_back(std::move(finding));
    }
    self.timings.push_back(
        {check.info().name, std::chrono::duration_cast<std::chrono::microseconds>(self.clock.steady() - began)});
  }
};

Examination::Examination(const ExaminationServices& services, Spawner& spawner, std::shared_ptr<const Checks> checks,
                         std::shared_ptr<const OwnNames> own, std::shared_ptr<Facts> facts)
    : state_{std::make_shared<State>(services, spawner, std::move(checks), std::move(own), std::move(facts))} {
  state_->context.owner = state_;
}

Examination::~Examination() = default;

void Examination::begin(Stage stage) {
  // A slow sender must not use up the time of the checks that begin with its last octet.
  state_->budget.renew();
  bool has_quick = false;
  for (const auto& check : *state_->checks) {
    if (check->info().stage != stage) continue;
    if (!check->waits()) {
      has_quick = true;
      continue;
    }
    ++state_->running;
    state_->spawner.spawn(check->info().name, State::run(state_, check.get()));
  }
  if (!has_quick) return;
  ++state_->running;
  state_->spawner.spawn("checks", State::run_quick(state_, stage));
}

Task<void> Examination::settle() {
  if (state_->running == 0) co_return;
  const auto state = state_;
  co_await wait_for<bool>([state](Done<bool> done) { state->waiter = std::move(done); });
}

const Findings& Examination::findings() const { return state_->findings; }
void Examination::add(Finding finding) { state_->findings.push_back(std::move(finding)); }
const std::vector<CheckTiming>& Examination::timings() const { return state_->timings; }
const std::vector<dns::Recorder::Entry>& Examination::look_ups() const { return state_->recorder.entries(); }
std::size_t Examination::questions() const { return state_->recorder.asked(); }
Facts& Examination::facts() const { return *state_->facts; }

}  // namespace mailreeve::judge
