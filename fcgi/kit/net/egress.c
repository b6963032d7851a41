/* Which addresses and URLs others may send us to; see egress.h. */
#include "kit/net/egress.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define URL_MAX   2000
#define HOST_MAX  253
#define LABEL_MAX 63

/* ---- addresses ---- */

struct net4 {
	uint32_t start;
	int bits;
};

struct net6 {
	uint8_t start[16];
	int bits;
};

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/* IANA's registry of special addresses, and those under which clouds tell machines their secrets.
 */
static const struct net4 closed4[] = {
	{ IP4(0, 0, 0, 0), 8 },        /* this network */
	{ IP4(10, 0, 0, 0), 8 },       /* private */
	{ IP4(100, 64, 0, 0), 10 },    /* behind a carrier's NAT */
	{ IP4(127, 0, 0, 0), 8 },      /* this machine */
	{ IP4(168, 63, 129, 16), 32 }, /* a cloud's own */
	{ IP4(169, 254, 0, 0), 16 },   /* this link, and the metadata of clouds */
	{ IP4(172, 16, 0, 0), 12 },    /* private */
	{ IP4(192, 0, 0, 0), 24 },     /* protocols */
	{ IP4(192, 0, 2, 0), 24 },     /* examples */
	{ IP4(192, 88, 99, 0), 24 },   /* to 6to4 */
	{ IP4(192, 168, 0, 0), 16 },   /* private */
	{ IP4(198, 18, 0, 0), 15 },    /* benchmarks */
	{ IP4(198, 51, 100, 0), 24 },  /* examples */
	{ IP4(203, 0, 113, 0), 24 },   /* examples */
	{ IP4(224, 0, 0, 0), 4 },      /* many at once */
	{ IP4(240, 0, 0, 0), 4 },      /* reserved, and all at once */
};

/* Of what is given out at all; all others, such as a mapped or translated IPv4 address, are closed.
 */
static const struct net6 open6 = { { 0x20 }, 3 };
static const struct net6 closed6[] = {
	{ { 0x20, 0x01 }, 23 },             /* protocols, tunnels through IPv4 */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* examples */
	{ { 0x20, 0x02 }, 16 },             /* 6to4 */
	{ { 0x3f, 0xff }, 20 },             /* examples */
};

static bool is_open4(uint32_t address, bool loopback)
{
	if (address >> 24 == 127)
		return loopback;
	for (size_t at = 0; at < sizeof(closed4) / sizeof(closed4[0]); at++)
		if ((address ^ closed4[at].start) >> (32 - closed4[at].bits) == 0)
			return false;
	return true;
}

static bool is_within6(const uint8_t address[16], const struct net6 *net)
{
	size_t whole = (size_t)net->bits / 8;
	int rest = net->bits % 8;

	return memcmp(address, net->start, whole) == 0 &&
	       (rest == 0 || (address[whole] ^ net->start[whole]) >> (8 - rest) == 0);
}

static bool is_open6(const struct in6_addr *address, bool loopback)
{
	if (IN6_IS_ADDR_LOOPBACK(address))
		return loopback;
	for (size_t at = 0; at < sizeof(closed6) / sizeof(closed6[0]); at++)
		if (is_within6(address->s6_addr, &closed6[at]))
			return false;
	return is_within6(address->s6_addr, &open6);
}

bool egress_may(const struct sockaddr *to, bool loopback)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (to->sa_family == AF_INET) {
		memcpy(&in, to, sizeof(in));
		return is_open4(ntohl(in.sin_addr.s_addr), loopback);
	}
	if (to->sa_family == AF_INET6) {
		memcpy(&in6, to, sizeof(in6));
		return is_open6(&in6.sin6_addr, loopback);
	}
	return false;
}

/* ---- URLs ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits and dashes: a name in another script comes as xn--. */
static bool is_label(struct str label)
{
	if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t at = 0; at < label.n; at++)
		if (!is_letter(label.p[at]) && !is_digit(label.p[at]) && label.p[at] != '-')
			return false;
	return true;
}

static bool is_address(int family, struct str text, void *ret)
{
	char room[INET6_ADDRSTRLEN];

	if (text.n >= sizeof(room))
		return false;
	memcpy(room, text.p, text.n);
	room[text.n] = '\0';
	return inet_pton(family, room, ret) == 1;
}

enum host { HOST_WRONG, HOST_CLOSED, HOST_OPEN, HOST_HERE };

static enum host number_host(struct str host, bool loopback)
{
	struct in6_addr six;
	struct in_addr four;

	if (host.p[0] == '[') {
		if (!is_address(AF_INET6, (struct str){ host.p + 1, host.n - 2 }, &six))
			return HOST_WRONG;
		if (IN6_IS_ADDR_LOOPBACK(&six) && loopback)
			return HOST_HERE;
		return is_open6(&six, false) ? HOST_OPEN : HOST_CLOSED;
	}
	if (!is_address(AF_INET, host, &four))
		return HOST_WRONG;
	if (ntohl(four.s_addr) >> 24 == 127 && loopback)
		return HOST_HERE;
	return is_open4(ntohl(four.s_addr), false) ? HOST_OPEN : HOST_CLOSED;
}

static enum host host_kind(struct str host, bool loopback)
{
	struct str last, rest = host;
	size_t labels = 0;

	if (host.n == 0 || host.n > HOST_MAX)
		return HOST_WRONG;
	if (host.p[0] == '[')
		return number_host(host, loopback);
	do {
		last = str_cut(&rest, '.');
		labels++;
		if (!is_label(last))
			return HOST_WRONG;
	} while (rest.p);
	if (is_digit(last.p[0])) /* no top-level name begins so: 2130706433, 0x7f.1, 127.0.0.1 */
		return number_host(host, loopback);
	if (str_eq_nocase(last, STR("localhost")))
		return loopback ? HOST_HERE : HOST_CLOSED;
	return labels > 1 ? HOST_OPEN : HOST_CLOSED;
}

/* "https://host:port/path" in its parts; none where there is no such part. */
struct parts {
	struct str scheme, host, port;
};

static bool split(struct str url, struct parts *ret)
{
	size_t n = 0, host;
	struct str rest;

	ret->scheme = str_first(url, str_starts(url, STR("https://"))  ? 8
				     : str_starts(url, STR("http://")) ? 7
								       : 0);
	rest = str_skip(url, ret->scheme.n);
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	rest = str_first(rest, n);
	host = rest.n && rest.p[0] == '[' ? (size_t)(str_find(rest, ']') + 1) : 0;
	if (host == 0 && rest.n && rest.p[0] == '[')
		return false;
	while (host < rest.n && rest.p[host] != ':' && rest.p[0] != '[')
		host++;
	ret->host = str_first(rest, host);
	ret->port = str_skip(rest, host);
	if (ret->port.n == 0) {
		ret->port = STR_NONE;
		return true;
	}
	ret->port = str_skip(ret->port, 1);
	return rest.p[host] == ':';
}

/* Below 1024 live services that take a line of text for a command. */
static bool is_port(struct str port, bool tls)
{
	int64_t number = 0;

	if (!port.p)
		return true;
	if (port.n == 0 || port.n > 5 || port.p[0] == '0' || !is_digit(port.p[0]) ||
	    !str_to_int(port, &number))
		return false;
	return number <= 65535 && (number >= 1024 || number == (tls ? 443 : 80));
}

static bool is_plain(struct str url)
{
	for (size_t at = 0; at < url.n; at++)
		if (url.p[at] <= ' ' || url.p[at] >= 0x7f ||
		    str_find(STR("\"<>\\^`{|}"), url.p[at]) >= 0)
			return false;
	return true;
}

const char *egress_check_url(struct str url, bool loopback)
{
	struct parts parts;
	bool tls = str_starts(url, STR("https://"));
	enum host host;

	if (url.n > URL_MAX)
		return "has at most 2,000 characters.";
	if (!tls && !(loopback && str_starts(url, STR("http://"))))
		return "begins with https://.";
	if (!is_plain(url))
		return "has a character that no address has. Copy it again.";
	if (str_find(url, '#') >= 0)
		return "has no part behind #.";
	if (!split(url, &parts))
		return "names no host.";
	if (str_find(parts.host, '@') >= 0 || str_find(parts.port, '@') >= 0)
		return "has no user name or password in it.";
	host = host_kind(parts.host, loopback);
	if (host == HOST_WRONG)
		return "names no host. It looks like https://example.com/path.";
	if (host == HOST_CLOSED)
		return "leads into a private network. It must be a host in the internet.";
	if (!tls && host != HOST_HERE)
		return "begins with https://.";
	if (!is_port(parts.port, tls))
		return "has a port that calls do not go to. Use 443, or one from 1024 on.";
	return NULL;
}

struct str egress_host(struct str url)
{
	struct parts parts;

	if (!split(url, &parts))
		return STR_NONE;
	return parts.port.p ? (struct str){ parts.host.p, parts.host.n + 1 + parts.port.n }
			    : parts.host;
}

struct str egress_name(struct str url)
{
	struct parts parts;

	if (!split(url, &parts))
		return STR("");
	if (!str_starts(parts.host, STR("[")))
		return parts.host;
	return str_first(str_skip(parts.host, 1), parts.host.n - 2);
}
