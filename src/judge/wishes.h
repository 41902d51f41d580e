// SPDX-License-Identifier: Apache-2.0
// What a recipient's own lists say of a message.
#pragma once

#include "judge/facts.h"
#include "judge/finding.h"
#include "store/wishes.h"

namespace mailreeve::judge {

constexpr std::string_view wish_allow = "wish.allow";
constexpr std::string_view wish_block = "wish.block";

/// At most one finding: wish.block for the envelope sender or an author, wish.allow for the only author, where SPF or
/// DKIM proves his domain. Where both lists know the sender the closer entry counts, an address before a domain; of
/// equals, the block.
Findings match_wishes(const store::Wish& wish, const Facts& facts);

/// Does SPF or DKIM prove the domain of the only author, itself or one of the same owner?
bool is_author_proven(const Facts& facts);

}  // namespace mailreeve::judge
