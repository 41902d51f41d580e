// SPDX-License-Identifier: Apache-2.0
// /api/v1/session and /api/v1/setup: signing in and out.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

/// Who am I? Also for nobody.
Task<net::HttpResponse> show_session(Call call);
/// {"name", "password"}: an account, or with an address as name a recipient, against the directory of its domain.
Task<net::HttpResponse> sign_in(Call call);
Task<net::HttpResponse> sign_out(Call call);
/// {"old", "new"}
Task<net::HttpResponse> change_password(Call call);
/// {"address"}: 202 whether there is such a recipient or not.
Task<net::HttpResponse> ask_for_link(Call call);
/// {"token"}: what the mailed link brings. A POST, so that programs that look at links in mails do not use it up.
Task<net::HttpResponse> redeem_link(Call call);
/// {"token", "name", "password"}: the first account.
Task<net::HttpResponse> set_up(Call call);
/// For the local operator: prints a new link for that.
Task<net::HttpResponse> make_setup_link(Call call);

}  // namespace mailreeve::web
