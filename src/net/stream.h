// SPDX-License-Identifier: Apache-2.0
// One connection as coroutines see it. The same interface over a socket, over TLS, and over memory in tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "net/endpoint.h"
#include "net/tls.h"

namespace mailreeve::net {

/// Used by one coroutine at a time, on the loop that made it.
/// Every wait ends by the deadline: the call then fails with ErrorKind::timeout. After wait_readable a new deadline may
/// be set and waited for; after any other call the stream is only good to close.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Waits until there is something to read, holding no buffer: what an idle session does.
  virtual Task<Result<void>> wait_readable() = 0;
  /// Reads what is there, at least one octet. 0: the peer closed its side. Over TLS a close without close_notify is
  /// ErrorKind::closed, not 0: the data before it may be cut (reliability.md T14).
  virtual Task<Result<std::size_t>> read_some(char* out, std::size_t size) = 0;
  /// Is there something to read right now? Does not wait.
  virtual bool has_input() { return false; }
  virtual Task<Result<void>> write_all(std::string_view bytes) = 0;
  /// Over a local socket: at most 64 octets, and with them a descriptor for the other side (unix(7), SCM_RIGHTS). Ours
  /// stays open.
  virtual Task<Result<void>> write_with_descriptor(std::string_view bytes, int descriptor);
  virtual void set_deadline(SteadyTime deadline) = 0;
  virtual Task<Result<TlsFacts>> start_tls_server(std::shared_ptr<const TlsContext> context) = 0;
  /// `server_name`: for SNI; empty for none.
  virtual Task<Result<TlsFacts>> start_tls_client(std::shared_ptr<const TlsContext> context,
                                                  std::string server_name) = 0;
  /// Says goodbye so that what was written arrives: half-close, then drop what still comes in, at most 64 KiB and 1 s.
  virtual Task<void> close_gently() = 0;
  virtual void close() = 0;
  virtual Endpoint peer() const = 0;
};

}  // namespace mailreeve::net
