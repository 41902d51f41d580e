// SPDX-License-Identifier: Apache-2.0
// Private to auth/.
#pragma once

#include "auth/signature.h"

namespace mailreeve::auth {

struct SigningKey::Impl {
  evp_pkey_st* key = nullptr;
  ~Impl();
  /// The signature of a hash; "" when OpenSSL refuses.
  std::string sign(const std::string& hash, HashAlgorithm algorithm) const;
};

/// base64 cut so that lines stay below 76 octets, behind a fold each.
std::string folded_base64(std::string_view octets);

}  // namespace mailreeve::auth
