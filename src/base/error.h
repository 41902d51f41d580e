// SPDX-License-Identifier: Apache-2.0
// How a failure that the caller may react to is told: as a value, with who is to blame and a text for the log.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace mailreeve {

/// What kind of failure it is; chosen so that a caller can decide without reading the text.
enum class ErrorKind {
  invalid,    // the bytes or the request break a rule
  timeout,    // a deadline passed
  closed,     // the other side ended the connection
  refused,    // the other side said no
  full,       // no room: disk, quota, or one of our own limits
  io,         // a file, a socket or the store failed
  not_found,  // the thing does not exist
  busy,       // somebody else holds it
  tls,        // handshake, certificate or record layer
  internal,   // our own bug
};

/// Who caused it. Blame chooses the reply: peer -> 5xx; remote and local -> 4xx; see smtp/reply.h.
enum class Blame { peer, remote, local };

/// `text` is for the operator: it names the thing, the value, and what to do. It never reaches the peer.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  Blame blame = Blame::local;
  std::string text;
};

template <class T>
using Result = std::expected<T, Error>;

/// The short form of a failure: `return fail(ErrorKind::io, "...")`.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string text, Blame blame = Blame::local) {
  return std::unexpected(Error{kind, blame, std::move(text)});
}

/// Passes somebody else's error on: `if (!r) return fail(r)`.
template <class T>
[[nodiscard]] std::unexpected<Error> fail(Result<T>& failed) {
  return std::unexpected(std::move(failed.error()));
}
template <class T>
[[nodiscard]] std::unexpected<Error> fail(Result<T>&& failed) {
  return std::unexpected(std::move(failed.error()));
}

}  // namespace mailreeve
