// SPDX-License-Identifier: Apache-2.0
// Everything of the settings that judging goes by; replaced as a whole by a reload.
#pragma once

#include <memory>
#include <string>

#include "judge/checks/options.h"
#include "judge/examination.h"
#include "judge/policies.h"

namespace mailreeve::judge {

struct Rules {
  CheckOptions options;
  std::shared_ptr<const Examination::Checks> checks = std::make_shared<const Examination::Checks>();
  std::shared_ptr<const OwnNames> own = std::make_shared<const OwnNames>();
  PolicyBook policies;
  std::string contact;  // told to those who are refused
};

}  // namespace mailreeve::judge
