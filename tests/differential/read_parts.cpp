// SPDX-License-Identifier: Apache-2.0
// Every reading of every leaf that our scanner looks at, as a line a message.
#include "differential/parts_line.h"
#include "scan/report.h"
#include "scan/structure.h"

namespace {

namespace bj = boost::json;
namespace scan = mailreeve::scan;
using mailreeve::differential::base64_of;

bj::object leaf_of(std::string_view place, std::string_view type, const std::vector<std::string>& names,
                   const std::vector<std::string>& readings) {
  bj::object leaf;
  leaf["place"] = scan::clean_text(place, 300);
  leaf["type"] = scan::clean_text(type, 300);
  bj::array name_list;
  for (const auto& name : names) name_list.emplace_back(base64_of(name));
  leaf["names"] = std::move(name_list);
  bj::array reading_list;
  for (const auto& bytes : readings) reading_list.emplace_back(base64_of(bytes));
  leaf["readings"] = std::move(reading_list);
  return leaf;
}

bj::object parts_of(std::string_view message) {
  const scan::Limits limits;
  scan::Notes notes{limits.notes};
  const auto structure = scan::read_structure(message, limits, notes);
  bj::array leaves;
  bj::array containers;
  for (const auto& entity : structure.entities) {
    if (!entity.is_leaf) {
      containers.emplace_back(base64_of(entity.body));
      continue;
    }
    std::vector<std::string> readings;
    for (const auto coding : entity.codings) {
      for (auto& bytes : scan::decode(entity.body, coding, limits.member_bytes).bytes) {
        for (const auto& file : scan::find_uuencoded(bytes)) {
          const auto inner = scan::decode(file.body, scan::Coding::uuencode, limits.member_bytes);
          leaves.push_back(leaf_of(entity.place + "!" + file.name, "", {file.name}, inner.bytes));
        }
        readings.push_back(std::move(bytes));
      }
    }
    leaves.push_back(leaf_of(entity.place, entity.media_type, entity.names, readings));
  }
  bj::array codes;
  for (const auto& note : notes.take()) codes.emplace_back(note.code + " " + note.text);
  bj::object line;
  line["leaves"] = std::move(leaves);
  line["containers"] = std::move(containers);  // what was taken apart, as it stood
  line["notes"] = std::move(codes);
  return line;
}

}  // namespace

int main() { return mailreeve::differential::lines_of(parts_of); }
