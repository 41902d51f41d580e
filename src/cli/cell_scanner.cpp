// SPDX-License-Identifier: Apache-2.0
#include "cli/cell_scanner.h"

#include "scan/report_codec.h"

namespace mailreeve::cli {
namespace {

constexpr const char* this_program = "/proc/self/exe";
constexpr int patience = 30;  // seconds for one message

}  // namespace

Task<judge::ContentScan> CellScanner::scan(Spawner&, std::shared_ptr<const mail::Body> body) {
  const auto failed = [this](std::string why) {
    child_.reset();
    return judge::ContentScan{nullptr, false, std::move(why)};
  };
  if (!child_) {
    auto started = cell::start_child(this_program);
    if (!started) co_return failed(started.error().text);
    child_.emplace(std::move(*started));
  }
  const auto sealed = cell::seal(*body);
  if (!sealed) co_return failed(sealed.error().text);
  const auto answer = cell::ask_blocking(*child_, *sealed, patience);
  if (!answer) co_return failed(answer.error().text);
  auto report = scan::read_report(*answer);
  if (!report) co_return failed(report.error().text);
  co_return judge::ContentScan{std::make_shared<const scan::ContentReport>(std::move(*report)), false, {}};
}

}  // namespace mailreeve::cli
