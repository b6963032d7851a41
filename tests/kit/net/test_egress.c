/* Where others may send us: addresses of every special kind, and URLs in disguise. */
#include "support/suite.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kit/net/egress.h"

static bool may(const char *address, bool loopback)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return egress_may((struct sockaddr *)&four, loopback);
	ck_assert_msg(inet_pton(AF_INET6, address, &six.sin6_addr) == 1, "%s", address);
	return egress_may((struct sockaddr *)&six, loopback);
}

START_TEST(knows_the_internet_by_its_addresses)
{
	static const char *const open[] = {
		"1.1.1.1",         "8.8.8.8",         "9.255.255.255",   "11.0.0.0",
		"100.63.255.255",  "100.128.0.0",     "126.255.255.255", "128.0.0.1",
		"168.63.129.15",   "169.253.255.255", "169.255.0.0",     "172.15.255.255",
		"172.32.0.0",      "192.0.1.0",       "192.0.3.0",       "192.88.98.255",
		"192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
		"198.51.99.255",   "203.0.112.255",   "223.255.255.255", "2001:200::1",
		"2001:4860::8888", "2003::1",         "2606:4700::1111", "3ffe::1",
	};

	for (size_t at = 0; at < sizeof(open) / sizeof(open[0]); at++)
		ck_assert_msg(may(open[at], false) && may(open[at], true), "%s", open[at]);
}
END_TEST

START_TEST(refuses_what_stands_beside_us)
{
	static const char *const closed[] = {
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.0",
		"10.255.255.255",
		"100.64.0.0",
		"100.100.100.200",
		"100.127.255.255",
		"168.63.129.16",
		"169.254.0.1",
		"169.254.169.254",
		"169.254.255.255",
		"172.16.0.0",
		"172.31.255.255",
		"192.0.0.192",
		"192.0.2.1",
		"192.88.99.1",
		"192.168.0.1",
		"192.168.255.255",
		"198.18.0.0",
		"198.19.255.255",
		"198.51.100.7",
		"203.0.113.9",
		"224.0.0.1",
		"239.255.255.255",
		"240.0.0.1",
		"255.255.255.255",
		"::",               /* unspecified */
		"::ffff:127.0.0.1", /* mapped */
		"::ffff:10.0.0.1",
		"::ffff:169.254.169.254",
		"::ffff:8.8.8.8",
		"::127.0.0.1",     /* compatible */
		"64:ff9b::7f00:1", /* NAT64 */
		"64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1",
		"100::1",  /* discarded */
		"2001::1", /* Teredo */
		"2001:0:7f00:1::",
		"2001:10::1",
		"2001:1ff:ffff::1",
		"2001:db8::1",
		"2002:7f00:1::", /* 6to4 */
		"2002:a9fe:a9fe::1",
		"3fff::1",
		"3fff:fff::1",
		"4000::1",
		"5f00::1",
		"fc00::1", /* ULA */
		"fd00:ec2::254",
		"fdff:ffff::1",
		"fe80::1", /* link-local */
		"febf::1",
		"fec0::1",
		"ff02::1", /* multicast */
		"ff0e::1",
	};

	for (size_t at = 0; at < sizeof(closed) / sizeof(closed[0]); at++)
		ck_assert_msg(!may(closed[at], false) && !may(closed[at], true), "%s", closed[at]);
}
END_TEST

START_TEST(lets_demonstrations_call_this_machine)
{
	static const char *const here[] = { "127.0.0.1", "127.0.0.2", "127.255.255.255", "::1" };
	struct sockaddr_un path = { .sun_family = AF_UNIX };

	for (size_t at = 0; at < sizeof(here) / sizeof(here[0]); at++) {
		ck_assert_msg(!may(here[at], false), "%s", here[at]);
		ck_assert_msg(may(here[at], true), "%s", here[at]);
	}
	ck_assert(!egress_may((struct sockaddr *)&path, true));
}
END_TEST

START_TEST(takes_ordinary_urls)
{
	static const char *const good[] = {
		"https://example.com",
		"https://example.com/",
		"https://example.com?x=1",
		"https://hooks.slack.com/services/T000/B000/XXXX",
		"https://Example.COM:443/a%20b?c=d&e=%2F",
		"https://example.com:8443/x",
		"https://example.com:65535/x",
		"https://xn--bcher-kva.example/x",
		"https://a-b.c1.example.com/~x/$y;z=1,2(3)*!'@:",
		"https://8.8.8.8/x",
		"https://[2606:4700::1111]/x",
		"https://[2606:4700::1111]:8443/x",
		"https://3com.example/x",
	};

	for (size_t at = 0; at < sizeof(good) / sizeof(good[0]); at++) {
		const char *wrong = egress_check_url(str_of(good[at]), false);

		ck_assert_msg(!wrong, "%s: %s", good[at], wrong);
		ck_assert_ptr_null(egress_check_url(str_of(good[at]), true));
	}
}
END_TEST

START_TEST(refuses_urls_in_disguise)
{
	static const char *const bad[] = {
		"",
		"example.com",
		"//example.com/",
		"http://example.com/",
		"HTTPS://example.com/",
		"ftp://example.com/",
		"file:///etc/passwd",
		"gopher://example.com/",
		"javascript:alert(1)",
		"https:/example.com/",
		"https:example.com/",
		"https://",
		"https:///x",
		"https://?x",
		"https://:443/",
		/* this machine and those beside it, as they are and in disguise */
		"https://localhost/",
		"https://LOCALHOST/",
		"https://x.localhost/",
		"https://localhost./",
		"https://intranet/",
		"https://127.0.0.1/",
		"https://127.1/",
		"https://127.0.1/",
		"https://2130706433/",
		"https://0x7f000001/",
		"https://0x7f.0.0.1/",
		"https://0177.0.0.1/",
		"https://017700000001/",
		"https://127.0.0.01/",
		"https://127.0.0.0x1/",
		"https://0/",
		"https://0.0.0.0/",
		"https://256.1.1.1/",
		"https://1.2.3.4.5/",
		"https://10.0.0.1/",
		"https://169.254.169.254/latest/meta-data/",
		"https://2852039166/",
		"https://192.168.1.1:8443/",
		"https://8.8.8.8./",
		"https://[::1]/",
		"https://[::]/",
		"https://[::ffff:127.0.0.1]/",
		"https://[::ffff:7f00:1]/",
		"https://[64:ff9b::7f00:1]/",
		"https://[2002:7f00:1::]/",
		"https://[fd00:ec2::254]/",
		"https://[fe80::1%25eth0]/",
		"https://[fe80::1%eth0]/",
		"https://[2606:4700::1111/",
		"https://[2606:4700::1111]x/",
		"https://[]/",
		"https://[8.8.8.8]/",
		/* names */
		"https://example.com./",
		"https://.example.com/",
		"https://example..com/",
		"https://-a.example.com/",
		"https://a-.example.com/",
		"https://a_b.example.com/",
		"https://ex%61mple.com/",
		"https://example%2ecom/",
		"https://127.0.0.1%2eexample.com/",
		"https://b\303\274cher.example/", /* a letter of another script */
		"https://127\343\200\2020\343\200\2020\343\200\2021/", /* ideographic full stops */
		"https://example\357\274\216com/",                     /* a fullwidth one */
		"https://\342\221\240.\342\221\241.\342\221\242.\342\221\243/",
		/* users, ports, ends */
		"https://user@example.com/",
		"https://user:word@example.com/",
		"https://example.com@127.0.0.1/",
		"https://127.0.0.1:443@example.com/",
		"https://example.com:@127.0.0.1/",
		"https://example.com\\@127.0.0.1/",
		"https://127.0.0.1\\.example.com/",
		"https://example.com:/",
		"https://example.com:0/",
		"https://example.com:22/",
		"https://example.com:25/",
		"https://example.com:80/",
		"https://example.com:1023/",
		"https://example.com:65536/",
		"https://example.com:4294967739/",
		"https://example.com:0443/",
		"https://example.com:+443/",
		"https://example.com:-1/",
		"https://example.com:443x/",
		"https://example.com: 443/",
		"https://example.com#@127.0.0.1/",
		"https://example.com/#x",
		" https://example.com/",
		"https://example.com/ ",
		"https://example.com/a b",
		"https://example.com/\r\nX-Header: 1",
		"https://example.com/\001",
		"https://example.com/<x>",
		"https://example.com/\"x",
	};

	for (size_t at = 0; at < sizeof(bad) / sizeof(bad[0]); at++)
		ck_assert_msg(egress_check_url(str_of(bad[at]), false), "%s", bad[at]);
}
END_TEST

START_TEST(refuses_what_is_too_long)
{
	struct str path = str_fmt(arena, "https://example.com/%01980d", 0);

	ck_assert_ptr_null(egress_check_url(path, false));
	ck_assert_ptr_nonnull(egress_check_url(str_fmt(arena, "%.*sx", STR_ARG(path)), false));
	ck_assert_ptr_null(egress_check_url(str_fmt(arena, "https://a%062d.example/", 0), false));
	ck_assert_ptr_nonnull(
		egress_check_url(str_fmt(arena, "https://a%063d.example/", 0), false));
}
END_TEST

START_TEST(takes_plain_http_to_this_machine_in_demonstrations)
{
	static const char *const here[] = { "http://127.0.0.1:8080/x", "http://localhost:8080/",
					    "http://[::1]:8080/", "https://localhost:8443/",
					    "http://127.0.0.1/" };
	static const char *const closed[] = {
		"http://example.com/",     "http://8.8.8.8/",
		"http://127.1:8080/",      "https://10.0.0.1/",
		"http://169.254.169.254/", "http://localhost:22/",
		"http://localhost:443/",   "http://user@localhost:8080/"
	};

	for (size_t at = 0; at < sizeof(here) / sizeof(here[0]); at++) {
		ck_assert_msg(!egress_check_url(str_of(here[at]), true), "%s", here[at]);
		ck_assert_msg(egress_check_url(str_of(here[at]), false), "%s", here[at]);
	}
	for (size_t at = 0; at < sizeof(closed) / sizeof(closed[0]); at++)
		ck_assert_msg(egress_check_url(str_of(closed[at]), true), "%s", closed[at]);
}
END_TEST

START_TEST(says_the_host_and_no_more)
{
	ck_assert_text(egress_host(STR("https://example.com/secret")), STR("example.com"));
	ck_assert_text(egress_host(STR("https://example.com:8443?secret")),
		       STR("example.com:8443"));
	ck_assert_text(egress_host(STR("https://[::1]:8443/x")), STR("[::1]:8443"));
	ck_assert_text(egress_name(STR("http://example.com/x")), STR("example.com"));
	ck_assert_text(egress_name(STR("https://example.com:8443")), STR("example.com"));
	ck_assert_text(egress_name(STR("https://[::1]:8443/x")), STR("::1"));
}
END_TEST

SUITE("kit/net/egress", knows_the_internet_by_its_addresses, refuses_what_stands_beside_us,
      lets_demonstrations_call_this_machine, takes_ordinary_urls, refuses_urls_in_disguise,
      refuses_what_is_too_long, takes_plain_http_to_this_machine_in_demonstrations,
      says_the_host_and_no_more)
