// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mailreeve::scan {

/// Does an encrypted PDF open without a password? Many do, and only forbid to print or to change them. False where it
/// does not, or nobody can tell: another handler than the standard one, damage.
bool opens_without_password(std::string_view pdf);

}  // namespace mailreeve::scan
