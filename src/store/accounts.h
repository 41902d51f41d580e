// SPDX-License-Identifier: Apache-2.0
// Who may sign in, with what, and who is signed in. No secret is kept that would let somebody in: passwords as
// Argon2id, everything else as SHA-256 of 256 random bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"

namespace mailreeve::store {

enum class Role { viewer, reviewer, admin };  // each may what those before it may
std::string_view name(Role role);
std::optional<Role> parse_role(std::string_view name);

struct User {
  std::string name;  // unique without regard to case; kept in lower case
  Role role = Role::viewer;
  WallTime created;
  std::optional<WallTime> last_sign_in;
  bool disabled = false;
  std::string password_hash;  // as crypto_pwhash_str writes it
};

struct UserChange {
  std::optional<Role> role;
  std::optional<bool> disabled;
  std::optional<std::string> password_hash;
};

struct ApiToken {
  std::string id;  // public: "t" and letters
  std::string name;
  std::string owner;
  std::string secret_hash;  // SHA-256, 32 octets
  std::vector<std::string> scopes;
  WallTime created;
  std::optional<WallTime> last_used;  // to the minute
  std::optional<WallTime> expires;
  bool revoked = false;
};

/// What a token's secret finds: the token, and what its owner may do now.
struct TokenHolder {
  ApiToken token;
  Role owner_role = Role::viewer;
};

enum class SessionKind { user, recipient };

struct Session {
  std::int64_t key = 0;     // given by the store, the same for its whole life
  std::string secret_hash;  // SHA-256 of what the cookie holds
  SessionKind kind = SessionKind::user;
  std::string subject;  // the account, or the recipient's address
  std::string csrf;     // what X-CSRF-Token must say; the same for its whole life
  WallTime created;
  WallTime seen;     // the last request, to the minute
  WallTime rotated;  // when its secret was made
};

/// What a cookie finds: the session, and what its user may do now.
struct SessionHolder {
  Session session;
  std::optional<Role> role;  // none for recipients
  /// Found by the secret that a rotation has replaced: until when that is good.
  std::optional<WallTime> old_until;
};

/// A secret that is good once: a set-up link, a sign-in link.
struct OneTimeSecret {
  std::string secret_hash;
  std::string purpose;  // "setup", "sign-in"
  std::string subject;  // recipient's address; empty for set-up
  WallTime expires;
};

class Accounts {
 public:
  virtual ~Accounts() = default;

  virtual Task<Result<std::vector<User>>> users() = 0;  // by name
  virtual Task<Result<std::optional<User>>> user(std::string name) = 0;
  /// ErrorKind::busy: there is one of that name.
  virtual Task<Result<void>> add_user(User user) = 0;
  /// The first account: ErrorKind::refused when there is one already, or the secret is unknown, used or expired.
  virtual Task<Result<void>> add_first_user(User user, std::string setup_hash, WallTime now) = 0;
  /// Whatever changes, its sessions end (but for `keep_session`, a key; 0: none) and its tokens are revoked.
  /// ErrorKind::not_found; ErrorKind::refused: no admin could sign in any more.
  virtual Task<Result<User>> change_user(std::string name, UserChange change, std::int64_t keep_session) = 0;
  /// With all sessions and tokens. Errors as above.
  virtual Task<Result<void>> remove_user(std::string name) = 0;
  virtual Task<Result<void>> signed_in(std::string name, WallTime now) = 0;

  virtual Task<Result<std::vector<ApiToken>>> tokens() = 0;  // newest first, revoked ones too
  /// ErrorKind::not_found: no such owner, or a disabled one; ErrorKind::full: it has 100 of them.
  virtual Task<Result<void>> add_token(ApiToken token) = 0;
  virtual Task<Result<ApiToken>> revoke_token(std::string id) = 0;
  /// Nothing when it is unknown, revoked or expired, or its owner is disabled. Notes that it was used.
  virtual Task<Result<std::optional<TokenHolder>>> token(std::string secret_hash, WallTime now) = 0;

  virtual Task<Result<std::int64_t>> add_session(Session session) = 0;
  /// Nothing when it is unknown or ended, or its user is disabled. Looks at no clock: who asks knows the limits.
  virtual Task<Result<std::optional<SessionHolder>>> session(std::string secret_hash) = 0;
  virtual void session_seen(std::int64_t key, WallTime now) = 0;  // nobody waits
  /// A new secret; the old one stays good until `old_until`. False when somebody else rotated it first.
  virtual Task<Result<bool>> rotate_session(std::int64_t key, std::string old_hash, std::string new_hash, WallTime now,
                                            WallTime old_until) = 0;
  virtual Task<Result<void>> end_session(std::int64_t key) = 0;
  virtual Task<Result<void>> end_sessions(SessionKind kind, std::string subject) = 0;

  /// Replaces earlier ones of the same purpose and subject.
  virtual Task<Result<void>> add_secret(OneTimeSecret secret) = 0;
  /// Uses it up and answers its subject; nothing when it is unknown, used or expired.
  virtual Task<Result<std::optional<std::string>>> redeem(std::string secret_hash, std::string purpose,
                                                          WallTime now) = 0;

  /// Deletes sessions last seen before `seen` or begun before `begun`, what expired, and tokens gone for 90 days.
  virtual Task<Result<void>> sweep(WallTime now, WallTime seen, WallTime begun) = 0;
};

}  // namespace mailreeve::store
