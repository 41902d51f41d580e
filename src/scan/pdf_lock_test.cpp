// SPDX-License-Identifier: Apache-2.0
#include "scan/pdf_lock.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "scan/pdf.h"
#include "scan/pdf_string.h"

namespace mailreeve::scan {
namespace {

std::string pdf_with(const std::string& numbers, const std::string& owner, const std::string& user) {
  return "%PDF-1.7\n4 0 obj\n<< /Filter /Standard /O <" + owner + "> /P -4 " + numbers + " /U <" + user +
         "> >>\nendobj\ntrailer << /Root 1 0 R /ID [<31415926535897932384626433832795><31>] /Encrypt 4 0 R >>\n";
}

struct Case {
  const char* name;
  std::string with_password, without;
};

// As qpdf 11.3 makes them, the user password being "geheim" or none.
const Case cases[] = {
    {"RC4, 40 bits",
     pdf_with("/V 1 /R 2 /Length 40", "86fe045358b44c9644693f33c07cb54f587dce1e2682fe9ecea6107a1ef630dd",
              "30115f044e35164e77c4f74220159ab017c1e4981164b728d4647df40aae7b29"),
     pdf_with("/V 1 /R 2 /Length 40", "c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab",
              "b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a")},
    {"RC4, 128 bits",
     pdf_with("/V 2 /R 3 /Length 128", "19b58e48c92b6569e765906caf64e4429a4c20d6e996fdef963e9b5080f9e083",
              "5f0025e9c31d1a698b998144ba27bfd00122456a91bae5134273a6db134c87c4"),
     pdf_with("/V 2 /R 3 /Length 128", "566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5",
              "e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4")},
    {"AES, 128 bits, metadata in clear",
     pdf_with("/CF << /StdCF << /CFM /AESV2 /Length 16 >> >> /V 4 /R 4 /EncryptMetadata false",
              "19b58e48c92b6569e765906caf64e4429a4c20d6e996fdef963e9b5080f9e083",
              "82a016567d3175c8235a3ed79b0e8c650122456a91bae5134273a6db134c87c4"),
     pdf_with("/CF << /StdCF << /CFM /AESV2 /Length 16 >> >> /V 4 /R 4 /EncryptMetadata false",
              "566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5",
              "b7ae61ae5fe831ccd7979c155d4f926c0122456a91bae5134273a6db134c87c4")},
    {"AES, 256 bits, revision 5",
     pdf_with("/V 5 /R 5",
              "485c03fbdfb0984fc41bb03ef01e94a598d5f8c655dfa36ce186f6c7e1767302fe4d9f4c9dcb75b407a2a346a2044779",
              "f96e485038a90c13244ca084cb143acd79fa668ed6032b5989fa9a8a37f6aa5ee39e8bcf77b7a121b57f5500e958bd8f"),
     pdf_with("/V 5 /R 5",
              "c93cded40ce3e418b4f8d63f716c932a2e34b9c62b2e5eba1cfb01a819778d8dd4598f373394db22e21562e44238126b",
              "39d571cf493e2d0caa40d9f625c235ba0c314e7ea9c9ed5ff0ccc4c07e24041fa653949f4324b1cff1e91a72004fd348")},
    {"AES, 256 bits, revision 6",
     pdf_with("/V 5 /R 6",
              "44ba9f4ea92a8525cc5a71e7cc3c6ac2e18265777db322ac7097aa19b91c842174846ea8a4ad4b58b4d2ab08e702d2ae",
              "8bfe48747d2dcb3fb9977ac95588b5814df4e63c7ecfdf5e94b3d911adf44d57592370ee951a9796fed043f67c76cd89"),
     pdf_with("/V 5 /R 6",
              "9b02e1bd0d7554909838a2d7222e5e877c82bcf1c127b8c6b3c0acee5746b34dd2f193e0bfbef9133d995dcbffbfb93b",
              "021690952f69a0a583abb8e17644de61b32815763578566a32564c678d062b7190c42905342126c9617314bd205fd2cf")},
};

TEST(PdfLock, WhatOpensByItselfIsNotLocked) {
  for (const auto& one : cases) {
    EXPECT_TRUE(look_at_pdf(one.with_password).locked) << one.name;
    const auto look = look_at_pdf(one.without);
    EXPECT_FALSE(look.locked) << one.name;
    EXPECT_TRUE(look.encrypted) << one.name;
  }
  EXPECT_FALSE(look_at_pdf("%PDF-1.4\n").locked);
}

TEST(PdfLock, WhatNobodyCanTellIsLocked) {
  EXPECT_TRUE(look_at_pdf("%PDF-1.4\n1 0 obj <</Filter/Standard/V 2>> endobj trailer<</Encrypt 1 0 R>>").locked);
  EXPECT_TRUE(look_at_pdf("%PDF-1.4\ntrailer<</Encrypt 1 0 R>>").locked);
  EXPECT_TRUE(look_at_pdf("%PDF-1.4\ntrailer<</Encrypt").locked);
  EXPECT_TRUE(look_at_pdf("%PDF-1.4\ntrailer<</Encrypt <</Filter/Adobe.PubSec /R 2>> >>").locked);
  SeededRandom random{5};
  for (int round = 0; round < 3000; ++round) {
    auto bytes = cases[static_cast<std::size_t>(round) % std::size(cases)].without;
    for (int i = 0; i < 4; ++i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    bytes.resize(random.below(bytes.size()) + 1);
    opens_without_password(bytes);
  }
}

TEST(PdfString, IsReadAsItIsMeant) {
  const auto read = [](std::string_view text) { return read_pdf_string(text, 0, 100); };
  EXPECT_EQ(read(" (a\\(b\\)c(d)) x"), "a(b)c(d)");
  EXPECT_EQ(read("(\\141\\60\\0609\\n\\\r\nz)"), "a009\nz");
  EXPECT_EQ(read("<61 6 2>"), "ab");
  EXPECT_EQ(read("<< /A (x) >>"), "");
  EXPECT_EQ(read("(not closed"), "not closed");
  EXPECT_EQ(read("(\\"), "\\");
  EXPECT_EQ(read_pdf_string("(abc)", 0, 2), "ab");
}

}  // namespace
}  // namespace mailreeve::scan
