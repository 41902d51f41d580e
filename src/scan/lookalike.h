// SPDX-License-Identifier: Apache-2.0
// Names that people take for another: confusable letters (UTS 39), a letter changed, a word put beside.
#pragma once

#include <string>
#include <string_view>

namespace mailreeve::scan {

/// Both registrable domains in A-labels. False for the same domain, and for other endings of the same name: those may
/// well be the same owner's.
bool is_lookalike(std::string_view domain, std::string_view known);

/// The much-forged brand whose whole name stands before the domain that really owns the host:
/// "paypal.com.evil.example", "www-paypal-com.evil.example". Empty when none. `owner` is the end of `host`.
std::string_view borrowed_brand(std::string_view host, std::string_view owner);

/// The much-forged brand that this domain looks like; empty when none, or when it is the brand's own.
std::string_view forged_brand(std::string_view domain);

}  // namespace mailreeve::scan
