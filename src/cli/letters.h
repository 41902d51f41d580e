// SPDX-License-Identifier: Apache-2.0
// What the running gateway writes to its own people: digests, and links to sign in.
#pragma once

#include <optional>
#include <string>

#include "base/current.h"
#include "config/settings.h"
#include "gateway/digest.h"
#include "store/marks.h"
#include "web/services.h"
#include "web/throttle.h"

namespace mailreeve::cli {

class Letters {
 public:
  Letters(const gateway::MailerServices& mailer, store::Vault& vault, store::Wishes& wishes, store::Marks& marks);
  /// Reads the key of links in `directory`, or makes one.
  Result<void> open(Files& files, const std::string& directory, const web::Options& options);
  void lend(web::Services& services);
  /// What a reload changes.
  void use(const web::Options& options);
  /// Sends digests when they are due, until the loop ends.
  Task<void> run(net::Loop& loop);

 private:
  Task<Result<void>> send_link(mail::Mailbox to, std::string link);
  /// `contact` hears when somebody asks for release: at most once an hour, and once a day as long as a request is open.
  Task<void> tell_of_requests();

  gateway::MailerServices services_;
  store::Vault& vault_;
  store::Wishes& wishes_;
  store::Marks& marks_;
  Current<std::string> url_{std::make_shared<const std::string>()};
  gateway::Mailer mailer_;
  web::Ration ration_;
  std::optional<gateway::LinkKey> key_;
  std::optional<gateway::Digest> digest_;
};

}  // namespace mailreeve::cli
