/* Checks of nginx's site, made as root where whoever calls is root: nobody else may read its key.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "doctor/checks.h"
#include "doctor/output.h"
#include "kit/base/arena.h"
#include "kit/crypto/certificate.h"
#include "kit/net/egress.h"

#define CONF_MAX  ((size_t)64 << 10)
#define DAY       (86400 * CLOCK_SECOND)
#define DAYS_SOON 21 /* a certificate of 90 days is renewed at 30 */

static void skip(struct found *ret, struct str why, const char *advice)
{
	*ret = (struct found){ why, FINDING_SKIPPED, advice ? str_of(advice) : STR_NONE };
}

#define AS_ROOT "Run it as root: resolutionflow-ctl doctor."

/* none: it is not there, or not for us */
static struct str slurp(struct arena *a, const char *path)
{
	char *text = arena_alloc(a, CONF_MAX, 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, CONF_MAX);

	if (fd >= 0)
		close(fd);
	return n < 0 ? STR_NONE : (struct str){ text, (size_t)n };
}

/* ---- the certificate ---- */

/* The nth value of a directive that has a line for itself, as a path: nginx takes one that begins
 * elsewhere from where its own settings are, one folder up. */
static const char *path_at(struct doctor *d, struct str conf, struct str directive, size_t nth)
{
	for (struct str rest = conf; rest.p;) {
		struct str value = str_trim(str_cut_line(&rest)), name = str_cut(&value, ' ');

		if (!str_eq(name, directive) || nth-- > 0)
			continue;
		value = str_trim(str_cut(&value, ';'));
		if (value.n > 1 && strchr("\"'", value.p[0]))
			value = str_first(str_skip(value, 1), value.n - 2);
		if (str_starts(value, STR("/")))
			return str_cstr(d->arena, value);
		return str_fmt(d->arena, "%s/../%.*s", d->nginx, STR_ARG(value)).p;
	}
	return NULL;
}

static const char *host_of(struct doctor *d)
{
	return str_cstr(d->arena, egress_name(d->settings->base_url));
}

static void judge(struct doctor *d, const char *path, const struct certificate *c,
		  struct found *ret)
{
	int64_t now = clock_now().us, left = (c->until.us - now) / DAY;
	const char *host = host_of(d);

	if (!c->has_key)
		ret->text = str_fmt(d->arena, "%s is of another key than the site's", path);
	else if (!c->names_host)
		ret->text = str_fmt(d->arena, "%s does not name %s", path, host);
	else if (c->from.us > now)
		ret->text = str_fmt(d->arena, "%s holds from %.*s on", path,
				    STR_ARG(clock_rfc3339(d->arena, c->from)));
	else if (c->until.us <= now)
		ret->text = str_fmt(d->arena, "%s has expired at %.*s", path,
				    STR_ARG(clock_rfc3339(d->arena, c->until)));
	else if (left < DAYS_SOON)
		*ret = (struct found){ str_fmt(d->arena, "%s expires in %lld days", path,
					       (long long)left),
				       FINDING_WARN,
				       STR("Renew it, look why that does not happen by itself, and "
					   "reload nginx.") };
}

/* A site may have several, of other kinds of keys: the first of which something is to be said. */
static const struct err *look_certificate(struct doctor *d, struct found *ret)
{
	const char *listen = str_fmt(d->arena, "%s/listen.conf", d->nginx).p, *path;
	struct str conf = slurp(d->arena, listen);

	if (!conf.p)
		skip(ret, str_fmt(d->arena, "%s: %s", listen, strerror(errno)),
		     "--nginx names the folder of the site's parts.");
	else if (!path_at(d, conf, STR("ssl_certificate"), 0))
		skip(ret, str_fmt(d->arena, "%s names none", listen), NULL);
	for (size_t at = 0; conf.p && !ret->text.p; at++) {
		const char *key = path_at(d, conf, STR("ssl_certificate_key"), at);
		struct certificate found;
		const struct err *e;

		path = path_at(d, conf, STR("ssl_certificate"), at);
		if (!path)
			break;
		e = certificate_read(d->arena, path, key ? key : path, host_of(d), &found);
		if (!e)
			judge(d, path, &found, ret);
		else if (e->kind == ERR_FORBIDDEN && geteuid() != 0)
			skip(ret, e->message, AS_ROOT);
		else
			return e;
	}
	return NULL;
}

/* ---- nginx itself ---- */

/* Of "2026/11/22 04:05:27 [emerg] 163#163: unknown directive ..." what is behind the numbers. */
static struct str complaint(struct str said)
{
	for (struct str rest = said; rest.p;) {
		struct str line = str_cut_line(&rest);

		if (!str_contains(line, STR("[emerg]")) && !str_contains(line, STR("[alert]")))
			continue;
		if (str_contains(line, STR("#"))) {
			str_cut(&line, '#');
			str_cut(&line, ' ');
		}
		return line;
	}
	return str_first(said, 200);
}

static const struct err *ask_nginx(struct doctor *d, const char *own, struct str *said, int *status)
{
	const char *argv[] = { "nginx", "-T", "-q", "-e", "stderr", NULL, NULL, NULL, NULL, NULL };

	if (own) {
		argv[5] = "-p";
		argv[6] = d->nginx;
		argv[7] = "-c";
		argv[8] = own;
	}
	TRY(output_of(d->arena, argv, said, status));
	argv[0] = "/usr/sbin/nginx";
	return *status == OUTPUT_NO_SUCH ? output_of(d->arena, argv, said, status) : NULL;
}

/* What bin/site made for an nginx of its own has its nginx.conf beside it; else it is part of the
 * machine's. */
static const struct err *look_nginx(struct doctor *d, struct found *ret)
{
	const char *own = str_fmt(d->arena, "%s/nginx.conf", d->nginx).p;
	struct str part = str_fmt(d->arena, "%s/listen.conf", d->nginx), said;
	int status;

	if (access(own, R_OK) != 0)
		own = NULL;
	if (access(part.p, R_OK) != 0)
		skip(ret, str_fmt(d->arena, "%s: %s", part.p, strerror(errno)),
		     "--nginx names the folder of the site's parts.");
	else if (!own && geteuid() != 0)
		skip(ret, STR("only root may have nginx read its settings"), AS_ROOT);
	if (ret->text.p)
		return NULL;
	TRY(ask_nginx(d, own, &said, &status));
	if (status == OUTPUT_NO_SUCH)
		skip(ret, STR("there is no nginx on this machine"), NULL);
	else if (status)
		ret->text = str_one_line(d->arena, complaint(said));
	else if (!str_contains(said,
			       str_fmt(d->arena, "# configuration file %.*s:", STR_ARG(part))))
		*ret = (struct found){
			STR("nginx's settings are well, but do not include this site"),
			FINDING_FAIL,
			STR("ln -s ../sites-available/resolutionflow "
			    "/etc/nginx/sites-enabled/, and reload nginx.")
		};
	return NULL;
}

const struct check site_checks[] = {
	{ "certificate", FINDING_FAIL,
	  "Give nginx another one: ssl_certificate and ssl_certificate_key in listen.conf; reload "
	  "nginx.",
	  .look = look_certificate },
	{ "nginx's settings", FINDING_FAIL,
	  "Mend it, until nginx -t says nothing, and reload nginx.", .look = look_nginx },
	{ 0 },
};
