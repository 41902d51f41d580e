// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/writer.h"

#include "store/sqlite/schema.h"

namespace mailreeve::store::sqlite {

Writer::Writer(const QueueOptions& options, Logger& log, Gauges& gauges)
    : GroupWriter{{options.path, options.vfs, options.group_limit}, log, gauges.writing},
      node_{options.node},
      gauges_{gauges} {}

Result<void> Writer::prepare(Database& database) {
  auto prepared = prepare_writer(database);
  if (prepared) tables_ = std::make_unique<Tables>(database);
  return prepared;
}

void Writer::at_open() {
  const auto swept = tables_->sweep_orphans();
  const auto released = node_.empty() ? 0 : tables_->release_owners(node_ + "/");
  constexpr auto remembered = std::chrono::hours{24 * 90};
  tables_->forget_arrivals(std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now()) -
                           remembered);
  greatest_key_ = tables_->greatest_key();
  gauges_.set(tables_->read_totals());
  if (swept + released > 0) {
    log_.info("store.recovered",
              {{"path", options_.path}, {"unfinished_bodies", swept}, {"claims_released", released}});
  }
}

}  // namespace mailreeve::store::sqlite
