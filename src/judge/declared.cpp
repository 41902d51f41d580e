// SPDX-License-Identifier: Apache-2.0
#include "judge/declared.h"

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind beside[] = {
    {"harvest.unknown-recipients", 0,
     "The client named too many unknown recipients; its address is blocked for a time."},
    {"wish.block", 0, "The recipient blocks the sender: quarantined, unless a policy says otherwise."},
    {"wish.allow", 0,
     "The recipient allows the sender, whose domain is proven: neither greylisting nor a score holds it up."},
    {"rate.connections", 0, "The client makes more connections than [checks.rate] allows."},
    {"rate.messages", 0, "The client sends more messages than [checks.rate] allows."},
};

}  // namespace

const FindingKind* find_declared(std::string_view code) {
  for (const auto* info : all_checks()) {
    for (const auto& kind : info->findings) {
      if (kind.code == code) return &kind;
    }
  }
  for (const auto& kind : beside) {
    if (kind.code == code) return &kind;
  }
  return nullptr;
}

std::span<const FindingKind> findings_beside_checks() { return beside; }

}  // namespace mailreeve::judge
