// SPDX-License-Identifier: Apache-2.0
// The queue's writer: claims of this node are given up when it opens, totals are kept beside the tables.
#pragma once

#include <memory>
#include <optional>

#include "store/sqlite/gauges.h"
#include "store/sqlite/group_writer.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

class Writer final : public GroupWriter {
 public:
  Writer(const QueueOptions& options, Logger& log, Gauges& gauges);
  ~Writer() override { finish(); }

  template <class T, class Work>
  Task<Result<T>> submit(Urgency urgency, std::size_t bytes, Work work) {
    return run<T>(urgency, bytes, [this, work = std::move(work)]() mutable { return work(*tables_); });
  }
  /// The same without anybody waiting.
  template <class Work>
  void post(Work work) {
    run_later([this, work = std::move(work)]() mutable { return work(*tables_); });
  }

  std::int64_t greatest_key() const { return greatest_key_; }

 private:
  Result<void> prepare(Database& database) override;
  void let_go() override { tables_.reset(); }
  void at_open() override;
  void before_commit() override { delta_ = tables_->write_totals(); }
  void after_commit() override { gauges_.add(delta_); }
  void after_rollback() override { tables_->forget_totals(); }

  std::string node_;
  Gauges& gauges_;
  std::unique_ptr<Tables> tables_;
  Totals delta_;
  std::int64_t greatest_key_ = 0;
};

}  // namespace mailreeve::store::sqlite
