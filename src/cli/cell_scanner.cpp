// SPDX-License-Identifier: Apache-2.0
#include "cli/cell_scanner.h"

#include "scan/report_codec.h"

namespace mailreeve::cli {
namespace {

constexpr const char* this_program = "/proc/self/exe";
constexpr int patience = 30;  // seconds for one message

}  // namespace

Result<std::string> CellScanner::ask(cell::Question question, const mail::Body& body) {
  if (!child_) {
    auto started = cell::start_child(this_program);
    if (!started) return fail(started);
    child_.emplace(std::move(*started));
  }
  auto sealed = cell::seal(body);
  if (!sealed) return fail(sealed);
  auto answer = cell::ask_blocking(*child_, question, *sealed, patience);
  if (!answer) child_.reset();
  return answer;
}

Task<judge::ContentScan> CellScanner::scan(Spawner&, std::shared_ptr<const mail::Body> body) {
  const auto failed = [this](std::string why) {
    child_.reset();
    return judge::ContentScan{nullptr, false, std::move(why)};
  };
  const auto answer = ask(cell::Question::report, *body);
  if (!answer) co_return failed(answer.error().text);
  auto report = scan::read_report(*answer);
  if (!report) co_return failed(report.error().text);
  co_return judge::ContentScan{std::make_shared<const scan::ContentReport>(std::move(*report)), false, {}};
}

Result<scan::Preview> CellScanner::preview(const mail::Body& body) {
  auto answer = ask(cell::Question::preview, body);
  if (!answer) return fail(answer);
  return scan::read_preview(*answer);
}

}  // namespace mailreeve::cli
