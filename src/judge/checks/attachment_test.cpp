// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AttachmentCheck : public support::CheckFixture {
 protected:
  std::string evidence_of(std::vector<std::string> names, std::string category, std::string type = {}) {
    scan::Item item;
    item.place = "2";
    item.names = std::move(names);
    item.type = std::move(type);
    item.categories = {std::move(category)};
    scan::ContentReport report;
    report.items.push_back(std::move(item));
    facts_.content = std::make_shared<const scan::ContentReport>(std::move(report));
    EXPECT_THAT(codes(make_attachment), ElementsAre("attachment.dangerous"));
    return findings_.empty() ? std::string{} : findings_[0].evidence;
  }
};

TEST_F(AttachmentCheck, TheNameThatDecidesIsTold) {
  EXPECT_THAT(evidence_of({"a.txt", "a.exe"}, "executable"),
              HasSubstr("a.exe [also: a.txt] is of the kind executable"));
  EXPECT_THAT(evidence_of({"my", "my file.exe"}, "executable"), HasSubstr(" my file.exe [also: my] is"));
  EXPECT_THAT(evidence_of({"a.exe"}, "executable"), HasSubstr(" a.exe is of"));
  EXPECT_THAT(evidence_of({"a.jpg", "b.jpg"}, "executable", "exe"),
              HasSubstr(" a.jpg [also: b.jpg] (content: exe) is of"));
  EXPECT_THAT(evidence_of({}, "executable", "exe"), HasSubstr("part 2: 2 (content: exe) is of"));
  EXPECT_THAT(evidence_of({"1", "2", "3", "4", "5", "a.js"}, "script"), HasSubstr(" a.js [also: 1, 2, 3] is of"));
}

}  // namespace
}  // namespace mailreeve::judge
