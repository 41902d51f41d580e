// SPDX-License-Identifier: Apache-2.0
// S/MIME's wrapping (CMS, RFC 5652; PKCS #7): what is inside of signed and compressed content. Signatures and
// certificates are passed over: nothing is verified, so nothing of them has to be parsed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailreeve::scan {

enum class CmsKind : std::uint8_t { none, signed_data, compressed, encrypted };

struct CmsLook {
  CmsKind kind = CmsKind::none;
  std::string content;  // inflated, when it was compressed; empty when the signature stands apart from it
  bool broken = false;  // it ends before its time, or is no BER
};

/// By the content type that it begins with.
CmsKind cms_kind(std::string_view bytes);

/// BER with lengths told or not, the content in one piece or in many. Bounded: `most` octets of content, 16 levels.
CmsLook read_cms(std::string_view bytes, std::size_t most);

}  // namespace mailreeve::scan
