// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/generic_name.h"

#include <gtest/gtest.h>

namespace mailreeve::judge {
namespace {

struct Host {
  const char* address;
  const char* name;
};

// Addresses and names as networks publish them; the last labels are those of real ones where the form is theirs.
constexpr Host generic[] = {
    // the address in decimal, all separators, both directions
    {"203.0.113.57", "203-0-113-57.dsl.isp.example"},
    {"203.0.113.57", "203.0.113.57.isp.example"},
    {"203.0.113.57", "57.113.0.203.isp.example"},
    {"203.0.113.57", "57-113-0-203.adsl.isp.example"},
    {"203.0.113.57", "203_0_113_57.isp.example"},
    {"203.0.113.57", "host203-0-113-57.isp.example"},
    {"203.0.113.57", "h-203-0-113-57.na.isp.example"},
    {"203.0.113.57", "203x0x113x57.ap203.isp.example"},
    {"203.0.113.57", "static.57.113.0.203.clients.your-server.de"},
    {"203.0.113.57", "static-203-0-113-57.isp.example"},
    {"203.0.113.57", "203-0-113-57.isp.example"},
    {"203.0.113.57", "57.113-0-203.isp.example"},
    {"203.0.113.57", "57.113.0-203.isp.example"},
    {"203.0.113.57", "c-203-0-113-57.hsd1.ca.comcast.net"},
    {"203.0.113.57", "pool-203-0-113-57.nycmny.fios.verizon.net"},
    {"203.0.113.57", "ec2-203-0-113-57.compute-1.amazonaws.com"},
    {"203.0.113.57", "57.113.0.203.bc.googleusercontent.com"},
    {"203.0.113.57", "ip-203-0-113-57.ec2.internal"},
    {"203.0.113.57", "ip203.0-113-57.isp.example"},
    {"203.0.113.57", "203-0-113-57.ip.linodeusercontent.com"},
    {"203.0.113.57", "vps-203-0-113-57.hoster.example"},
    // padded, and run together
    {"203.0.113.57", "203-000-113-057.isp.example"},
    {"203.0.113.57", "203.000.113.057.isp.example"},
    {"203.0.113.57", "057-113-000-203.isp.example"},
    {"203.0.113.57", "203000113057.user.isp.example"},
    {"203.0.113.57", "p203000113057.isp.example"},
    {"203.0.113.57", "057113000203.isp.example"},
    // hexadecimal, decimal
    {"203.0.113.57", "cb007139.isp.example"},
    {"203.0.113.57", "0xcb007139.isp.example"},
    {"203.0.113.57", "pcb007139.dip0.t-ipconnect.de"},
    {"203.0.113.57", "softbankcb007139.bbtec.net"},
    {"203.0.113.57", "cb-00-71-39.isp.example"},
    {"203.0.113.57", "cb.0.71.39.isp.example"},
    {"203.0.113.57", "397100cb.dyn.isp.example"},
    {"203.0.113.57", "3405803833.isp.example"},
    {"203.0.113.57", "host3405803833.isp.example"},
    // the last octets, with a word
    {"203.0.113.57", "113-57.dsl.isp.example"},
    {"203.0.113.57", "dyn-113-57.isp.example"},
    {"203.0.113.57", "57-113.pool.isp.example"},
    {"203.0.113.57", "host-57.dynamic.isp.example"},
    {"203.0.113.57", "client57.cable.isp.example"},
    {"203.0.113.57", "customer-57-0.isp.example"},
    // words and numbers, nothing of the address
    {"203.0.113.57", "dyn1234.isp.example"},
    {"203.0.113.57", "dynamic-8812.isp.example"},
    {"203.0.113.57", "dhcp-17.campus.isp.example"},
    {"203.0.113.57", "dhcp17-22.isp.example"},
    {"203.0.113.57", "adsl-64.isp.example"},
    {"203.0.113.57", "adsl64.isp.example"},
    {"203.0.113.57", "ppp-12.dialup.isp.example"},
    {"203.0.113.57", "ppp12345.isp.example"},
    {"203.0.113.57", "dialup-4711.isp.example"},
    {"203.0.113.57", "modemcable012.18-70-69.mc.videotron.ca"},
    {"203.0.113.57", "catv-89.isp.example"},
    {"203.0.113.57", "cable-123.isp.example"},
    {"203.0.113.57", "cust-77.isp.example"},
    {"203.0.113.57", "cpe-77.isp.example"},
    {"203.0.113.57", "pool-4.isp.example"},
    {"203.0.113.57", "user-0c8h2j4.isp.example"},
    {"203.0.113.57", "customer77.isp.example"},
    {"203.0.113.57", "client-77.isp.example"},
    {"203.0.113.57", "77.broadband.isp.example"},
    {"203.0.113.57", "8812.dynamic.isp.example"},
    {"203.0.113.57", "abc1234.pool.isp.example"},
    {"203.0.113.57", "host-77.isp.example"},
    {"203.0.113.57", "host77.isp.example"},
    {"203.0.113.57", "ip-77.isp.example"},
    {"203.0.113.57", "unassigned-77.isp.example"},
    {"203.0.113.57", "dynamic.isp.example"},
    {"203.0.113.57", "dialup.isp.example"},
    {"203.0.113.57", "unassigned.isp.example"},
    {"203.0.113.57", "dslb-77.pools.isp.example"},
    {"203.0.113.57", "dynamicip-77.isp.example"},
    {"203.0.113.57", "cablelink77.isp.example"},
    // where the provider is called like mail is
    {"203.0.113.57", "203-0-113-57.dyn.mail.ru"},
    {"203.0.113.57", "adsl-64.dyn.smtp.com"},
    // IPv6
    {"2001:db8:12:34::5", "20010db8001200340000000000000005.isp.example"},
    {"2001:db8:12:34::5", "2001-0db8-0012-0034-0000-0000-0000-0005.isp.example"},
    {"2001:db8:12:34::5", "2001-db8-12-34-0-0-0-5.isp.example"},
    {"2001:db8:12:34::5", "2001-db8-12-34--5.isp.example"},
    {"2001:db8:12:34::5", "2001.db8.12.34.0.0.0.5.isp.example"},
    {"2001:db8:12:34::5", "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.3.0.0.2.1.0.0.8.b.d.0.1.0.0.2.isp.example"},
    {"2001:db8:12:34:a1b2:c3ff:fed4:e5f6", "a1b2c3fffed4e5f6.isp.example"},
    {"2001:db8:12:34:a1b2:c3ff:fed4:e5f6", "a1b2-c3ff-fed4-e5f6.isp.example"},
    {"2001:db8:12:34:a1b2:c3ff:fed4:e5f6", "2001-db8-12-34-a1b2-c3ff-fed4-e5f6.isp.example"},
    {"2001:db8:12:34:a1b2:c3ff:fed4:e5f6", "p20010db800120034a1b2c3fffed4e5f6.dip0.t-ipconnect.de"},
    {"2001:db8:12:34:a1b2:c3ff:fed4:e5f6", "2001-db8-12-34-x.dyn6.isp.example"},
    {"2001:db8:12:34::5", "dhcp6-77.isp.example"},
};

constexpr Host chosen[] = {
    {"209.85.218.44", "mail-ej1-f44.google.com"},
    {"2a00:1450:4864:20::42f", "mail-wr1-x42f.google.com"},
    {"209.85.220.41", "mail-sor-f41.google.com"},
    {"212.227.15.15", "mout.gmx.net"},
    {"212.227.126.130", "mout.kundenserver.de"},
    {"192.0.2.1", "mx1.example.org"},
    {"192.0.2.1", "mx.example.org"},
    {"192.0.2.25", "mx-25.example.org"},
    {"192.0.2.25", "mail25.example.org"},
    {"192.0.2.25", "mail.example.org"},
    {"192.0.2.25", "example.org"},
    {"149.72.1.2", "o1.ptr123.sendgrid.net"},
    {"167.89.10.20", "o16789118x20.outbound-mail.sendgrid.net"},
    {"54.240.8.31", "a8-31.smtp-out.amazonses.com"},
    {"54.240.27.10", "a27-10.smtp-out.us-west-2.amazonses.com"},
    {"40.92.66.42", "mail-oln040092066042.outbound.protection.outlook.com"},
    {"40.107.22.119", "mail-am6eur05on2119.outbound.protection.outlook.com"},
    {"147.253.208.112", "mta-112-4.sparkpostmail.com"},
    {"85.158.142.15", "server-15.bemta.az-a.eu-west-1.aws.symcld.net"},
    {"198.2.128.5", "mail5.atl11.rsgsv.net"},
    {"205.201.128.20", "mail128-20.atl41.mandrillapp.com"},
    {"69.169.224.1", "b224-1.smtp-out.eu-central-1.amazonses.com"},
    {"17.58.38.46", "st43p00im-ztdg10061801.me.com"},
    {"17.58.6.52", "ms11p00im-qufo17291901.me.com"},
    {"77.238.178.146", "sonic306-20.consmr.mail.ir2.yahoo.com"},
    {"66.163.188.147", "sonic301-21.consmr.mail.ne1.yahoo.com"},
    {"66.220.155.151", "66-220-155-151.mail-mail.facebook.com"},
    {"103.168.172.144", "fout-a1-smtp.messagingengine.com"},
    {"103.168.172.149", "wfhigh6-smtp.messagingengine.com"},
    {"185.70.40.131", "mail-40131.protonmail.ch"},
    {"185.70.43.22", "mail-4322.protonmail.ch"},
    {"192.30.252.201", "out-18.smtp.github.com"},
    {"192.30.252.192", "smtp.github.com"},
    {"108.174.3.166", "maile-fd.linkedin.com"},
    {"199.59.150.75", "spruce-goose-ag.twitter.com"},
    {"50.31.156.105", "mta105a.pmta.example.com"},
    {"50.31.156.105", "pmta105.example.com"},
    {"104.130.122.7", "m122-7.mailgun.net"},
    {"159.135.228.10", "rs228.mailgun.us"},
    {"198.61.254.16", "so254-16.mailgun.net"},
    {"207.211.30.64", "us-smtp-delivery-64.mimecast.com"},
    {"205.220.168.131", "mx0a-00123401.pphosted.com"},
    {"67.231.148.174", "mx0b-001b2d01.pphosted.com"},
    {"80.12.242.131", "smtp-31.smtpout.orange.fr"},
    {"212.27.42.5", "smtp5-g21.free.fr"},
    {"80.67.18.15", "smtprelay15.ispgateway.de"},
    {"81.169.146.162", "mo4-p01-ob.smtp.rzone.de"},
    {"195.140.195.195", "lists.debian.example"},
    {"82.195.75.100", "bendel.debian.org"},
    {"50.223.129.194", "mail2.ietf.org"},
    {"139.178.84.19", "sv.mirrors.kernel.org"},
    {"216.205.24.100", "us-smtp-1.mimecast.com"},
    {"192.0.2.3", "srv3.example.org"},
    {"192.0.2.3", "server3.example.org"},
    {"192.0.2.3", "web12.hoster.example"},
    {"192.0.2.3", "s123.hoster.example"},
    {"192.0.2.3", "host.example.org"},
    {"192.0.2.3", "home.example.org"},
    {"192.0.2.3", "zimbra.example.org"},
    {"192.0.2.3", "node3.cluster.example.org"},
    {"192.0.2.3", "exchange01.customer.example"},
    {"192.0.2.3", "srv2019.telecom.example.org"},
    {"192.0.2.3", "s2019.broadband.co.uk"},
    {"192.0.2.3", "relay3.isp.example"},
    {"192.0.2.3", "relay-2-3.dsl.isp.example"},
    {"192.0.2.3", "smtp.dynamic-duo.example"},
    {"192.0.2.3", "newsletter123.shop.example"},
    {"192.0.2.3", "bounce-192-0-2-3.shop.example"},
    {"2001:db8::25", "mail25.example.org"},
    {"2001:db8::1", "srv1.example.org"},
    {"2001:db8::1", "beef1.example.org"},
    {"2001:db8::1", "2001.example.org"},
    {"0.0.0.0", "zero.example.org"},
};

TEST(GenericName, NobodyHasChosenThese) {
  for (const auto& [address, name] : generic) {
    EXPECT_TRUE(is_generic_name(name, *IpAddress::parse(address))) << name << " of " << address;
  }
}

TEST(GenericName, SomebodyHasChosenThese) {
  for (const auto& [address, name] : chosen) {
    EXPECT_FALSE(is_generic_name(name, *IpAddress::parse(address))) << name << " of " << address;
  }
}

TEST(GenericName, NumbersOfAnotherAddressAreNoSign) {
  const auto address = *IpAddress::parse("192.0.2.3");
  EXPECT_FALSE(is_generic_name("203-0-113-57.example.org", address));
  EXPECT_FALSE(is_generic_name("a1b2c3d4.example.org", address));
  EXPECT_FALSE(is_generic_name("20010db8001200340000000000000005.example.org", address));
}

TEST(GenericName, OddNamesAreReadToTheirEnd) {
  const auto address = *IpAddress::parse("192.0.2.3");
  for (const auto* name : {"", ".", "..", "-", "com", "a.b", "-.-.-", "1", "1.2"}) {
    EXPECT_FALSE(is_generic_name(name, address)) << name;
  }
}

}  // namespace
}  // namespace mailreeve::judge
