// SPDX-License-Identifier: Apache-2.0
// Secrets: made of the operating system's randomness, kept as SHA-256; and where requests carry them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailreeve::web {

constexpr std::string_view token_prefix = "mrv_";  // of API tokens, so that scanners for leaked secrets know them

/// 256 random bits in base64url (RFC 4648 5) without padding: 43 characters.
std::string make_secret();
/// Short and public: "t" and ten letters and digits.
std::string make_token_id();
/// What is kept of it: 32 octets.
std::string secret_hash(std::string_view secret);
/// Takes the same time wherever they differ.
bool same_secret(std::string_view a, std::string_view b);

/// The value of one cookie of a Cookie header (RFC 6265 5.4). Nothing when it is missing, stands twice (then somebody
/// else may have set one of them), or could not be one of ours.
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name);
/// The token of "Bearer mrv_..." (RFC 6750 2.1). Nothing when it could not be one of ours.
std::optional<std::string_view> find_bearer(std::string_view header);

}  // namespace mailreeve::web
