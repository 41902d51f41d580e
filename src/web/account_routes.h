// SPDX-License-Identifier: Apache-2.0
// /api/v1/users, /api/v1/tokens, /api/v1/audit: for admins.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

Task<net::HttpResponse> list_users(Call call);
/// {"name", "role", "password"}
Task<net::HttpResponse> add_user(Call call);
/// {"role"?, "disabled"?, "password"?}
Task<net::HttpResponse> change_user(Call call);
Task<net::HttpResponse> remove_user(Call call);

Task<net::HttpResponse> list_tokens(Call call);
/// {"name", "scopes", "expires"?}; the local operator also says the "owner". The secret is told once.
Task<net::HttpResponse> add_token(Call call);
Task<net::HttpResponse> revoke_token(Call call);

/// Query: who, action, object, limit, cursor.
Task<net::HttpResponse> show_audit(Call call);

}  // namespace mailreeve::web
