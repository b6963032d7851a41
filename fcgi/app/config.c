/* Settings: one row each.  .env.example says in prose what this table says in C. */
#include "app/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/shape.h"

struct setting {
	const char *name;
	struct field field;
	const char *fallback; /* NULL: required */
};

#define QUOTED_(text)   #text
#define QUOTED(text)    QUOTED_(text)
#define PROGRAM_VERSION QUOTED(RF_VERSION)

#define TEXT(member, env, fallback, ...)                                                           \
	{                                                                                          \
		env, F_STR(struct settings, member, __VA_ARGS__), fallback                         \
	}
#define NUMBER(member, env, fallback, least, most)                                                 \
	{                                                                                          \
		env, F_INT(struct settings, member, .min = (least), .max = (most)), fallback       \
	}
#define FLAG(member, env, fallback)                                                                \
	{                                                                                          \
		env, F_BOOL(struct settings, member), fallback                                     \
	}

static const struct setting settings[] = {
	TEXT(database_url, "DATABASE_URL", NULL, .min = 1),
	TEXT(worker_database_url, "WORKER_DATABASE_URL", ""),
	TEXT(hub_database_url, "HUB_DATABASE_URL", ""),
	TEXT(jobs_database_url, "JOBS_DATABASE_URL", ""),
	TEXT(master_secret, "MASTER_SECRET", NULL, .min = 32),
	TEXT(master_secret_previous, "MASTER_SECRET_PREVIOUS", ""),
	TEXT(base_url, "BASE_URL", NULL, .min = 8),
	TEXT(run_dir, "RUN_DIR", NULL, .min = 1),
	TEXT(templates_dir, "TEMPLATES_DIR", "templates", .min = 1),
	TEXT(public_dir, "PUBLIC_DIR", "build/public", .min = 1),
	TEXT(migrations_dir, "MIGRATIONS_DIR", "migrations", .min = 1),
	NUMBER(workers, "WORKERS", "4", 1, 256),
	NUMBER(password_workers, "PASSWORD_WORKERS", "2", 1, 64),
	NUMBER(worker_max_requests, "WORKER_MAX_REQUESTS", "10000", 1, 100000000),
	NUMBER(worker_hang_seconds, "WORKER_HANG_SECONDS", "30", 1, 3600),
	NUMBER(access_token_seconds, "ACCESS_TOKEN_SECONDS", "900", 1, 86400),
	NUMBER(refresh_token_seconds, "REFRESH_TOKEN_SECONDS", "2592000", 60, 31536000),
	NUMBER(refresh_grace_seconds, "REFRESH_GRACE_SECONDS", "10", 0, 60),
	NUMBER(argon2_passes, "ARGON2_PASSES", "2", 1, 10),
	NUMBER(argon2_kib, "ARGON2_KIB", "65536", 8192, 4194304),
	TEXT(breached_passwords, "BREACHED_PASSWORDS", ""),
	NUMBER(rate_register, "RATE_REGISTER", "60", 1, 1000000),
	NUMBER(rate_sign_in, "RATE_SIGN_IN", "60", 1, 1000000),
	TEXT(registration, "REGISTRATION", "open"),
	TEXT(archive_dir, "ARCHIVE_DIR", ""),
	NUMBER(close_days, "CLOSE_DAYS", "14", 1, 365),
	TEXT(mail_mode, "MAIL_MODE", "file"),
	TEXT(mail_dir, "MAIL_DIR", ""),
	TEXT(mail_from, "MAIL_FROM", "ResolutionFlow <noreply@localhost>", .min = 3),
	TEXT(smtp_url, "SMTP_URL", ""),
	TEXT(smtp_user, "SMTP_USER", ""),
	TEXT(smtp_password, "SMTP_PASSWORD", ""),
	TEXT(smtp_ca, "SMTP_CA", ""),
	NUMBER(smtp_seconds, "SMTP_SECONDS", "30", 1, 600),
	NUMBER(hub_stream_seconds, "HUB_STREAM_SECONDS", "300", 1, 86400),
	NUMBER(hub_heartbeat_seconds, "HUB_HEARTBEAT_SECONDS", "20", 1, 23),
	NUMBER(hub_max_streams, "HUB_MAX_STREAMS", "20000", 1, 1000000),
	NUMBER(audit_months, "AUDIT_MONTHS", "24", 3, 1200),
	FLAG(demo, "DEMO", "0"),
	TEXT(log_format, "LOG_FORMAT", "text"),
	TEXT(log_level, "LOG_LEVEL", "info"),
};

static struct str read_file(struct arena *a, const char *path)
{
	char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	struct str content = n < 0 ? STR_NONE : str_dup(a, (struct str){ text, (size_t)n });

	if (fd >= 0)
		close(fd);
	explicit_bzero(text, sizeof(text));
	return content;
}

static const struct err *read_secret_file(struct arena *a, const char *name, const char *path,
					  struct str *ret)
{
	*ret = str_trim(read_file(a, path));
	return ret->p ? NULL
		      : ERR(a, ERR_INVALID, "%s_FILE names %s, which can't be read", name, path);
}

/* The value from NAME, else from the file that NAME_FILE names, else the fallback; none where all
 * are missing. */
static const struct err *find_value(struct arena *a, const struct setting *s, struct str *ret)
{
	const char *direct = getenv(s->name);
	const char *file = getenv(str_fmt(a, "%s_FILE", s->name).p);

	if (direct) {
		*ret = str_dup(a, str_of(direct));
		return NULL;
	}
	if (file)
		return read_secret_file(a, s->name, file, ret);
	*ret = str_of(s->fallback);
	return NULL;
}

static const struct err *set_number(struct arena *a, const struct setting *s, struct str value,
				    int64_t *ret)
{
	if (!str_to_int(value, ret) || *ret < s->field.min || *ret > s->field.max)
		return ERR(a, ERR_INVALID, "%s is \"%.*s\": a number from %lld to %lld is needed",
			   s->name, STR_ARG(value), (long long)s->field.min,
			   (long long)s->field.max);
	return NULL;
}

static const struct err *set(struct arena *a, const struct setting *s, struct str value,
			     struct settings *c)
{
	void *at = (char *)c + s->field.off;

	if (!value.p)
		return ERR(a, ERR_INVALID, "%s is missing: set it (see .env.example)", s->name);
	if (s->field.type == FIELD_INT)
		return set_number(a, s, value, at);
	if (s->field.type == FIELD_BOOL) {
		*(bool *)at = str_eq(value, STR("1"));
		return NULL;
	}
	if (value.n < (size_t)s->field.min)
		return ERR(a, ERR_INVALID, "%s is too short: at least %lld characters are needed",
			   s->name, (long long)s->field.min);
	*(struct str *)at = value;
	return NULL;
}

static void derive_keys(struct arena *a, struct settings *s)
{
	struct jwt_keys *jwt = &s->keys.jwt;
	struct str previous =
		s->master_secret_previous.n ? s->master_secret_previous : s->master_secret;

	crypto_derive(s->master_secret, "jwt", jwt->current.bytes);
	jwt->current.id =
		str_cstr(a, str_first(crypto_mac(a, jwt->current.bytes, STR("key id")), 8));
	if (s->master_secret_previous.n) {
		crypto_derive(s->master_secret_previous, "jwt", jwt->previous.bytes);
		jwt->previous.id = str_cstr(
			a, str_first(crypto_mac(a, jwt->previous.bytes, STR("key id")), 8));
	}
	crypto_derive(s->master_secret, "csrf", s->keys.csrf);
	crypto_derive(s->master_secret, "refresh", s->keys.refresh);
	crypto_derive(s->master_secret, "form", s->keys.form);
	crypto_derive(s->master_secret, "once", s->keys.once);
	crypto_derive(s->master_secret, "half", s->keys.half);
	crypto_derive(s->master_secret, "secret", s->keys.secret);
	crypto_derive(s->master_secret, "unsubscribe", s->keys.unsubscribe);
	crypto_derive(s->master_secret, "audit", s->keys.audit);
	crypto_derive(previous, "audit", s->keys.audit_previous);
	crypto_derive(previous, "form", s->keys.form_previous);
	crypto_derive(previous, "once", s->keys.once_previous);
	crypto_derive(previous, "secret", s->keys.secret_previous);
	crypto_derive(previous, "unsubscribe", s->keys.unsubscribe_previous);
}

/* As systemd reads an EnvironmentFile, but for its escapes: NAME=value, where a pair of quotes
 * around the value is no part of it. */
static void set_from_line(struct arena *a, struct str line)
{
	struct str value = str_trim(line), name = str_trim(str_cut(&value, '='));

	if (!name.n || !value.p || strchr("#;", name.p[0]))
		return;
	value = str_trim(value);
	if (value.n > 1 && strchr("\"'", value.p[0]) && value.p[value.n - 1] == value.p[0])
		value = str_first(str_skip(value, 1), value.n - 2);
	setenv(str_cstr(a, name), str_cstr(a, value), 0);
}

const struct err *config_env(struct arena *a, const char *path)
{
	struct str text = read_file(a, path);

	if (!text.p)
		return ERR(a, ERR_INVALID, "--env names %s, which can't be read", path);
	for (struct str rest = text; rest.p;)
		set_from_line(a, str_cut_line(&rest));
	return NULL;
}

const struct err *config_load(struct arena *a, struct settings *ret)
{
	for (size_t at = 0; at < sizeof(settings) / sizeof(settings[0]); at++) {
		struct str value = STR_NONE;

		TRY(find_value(a, &settings[at], &value));
		TRY(set(a, &settings[at], value, ret));
	}
	if (!str_eq(ret->registration, STR("open")) && !str_eq(ret->registration, STR("code")) &&
	    !str_eq(ret->registration, STR("closed")))
		return ERR(a, ERR_INVALID, "REGISTRATION is \"open\", \"code\" or \"closed\"");
	if (!str_eq(ret->mail_mode, STR("file")) && !str_eq(ret->mail_mode, STR("smtp")))
		return ERR(a, ERR_INVALID, "MAIL_MODE is \"file\" or \"smtp\"");
	if (str_ends(ret->base_url, STR("/")))
		ret->base_url.n--; /* as an Origin header has it */
	derive_keys(a, ret);
	ret->version = STR(PROGRAM_VERSION);
	return NULL;
}

/* Lines "app.css app.3f9c2ab1.css". */
static struct str served_as(struct str manifest, struct str name)
{
	for (struct str rest = manifest; rest.p;) {
		struct str line = str_cut(&rest, '\n');

		if (str_eq(str_cut(&line, ' '), name))
			return line;
	}
	return STR_NONE;
}

const struct err *config_assets(struct arena *a, struct settings *s)
{
	const struct {
		const char *name;
		struct asset *to;
	} files[] = {
		{ "app.css", &s->assets.css },           { "app.js", &s->assets.js },
		{ "icon.svg", &s->assets.icon },         { "editor.js", &s->assets.editor_js },
		{ "library.js", &s->assets.library_js }, { "run.js", &s->assets.run_js },
		{ "queue.js", &s->assets.queue_js },
	};
	struct str path = str_fmt(a, "%.*s/manifest", STR_ARG(s->public_dir));
	struct str manifest = read_file(a, path.p);

	if (!manifest.p)
		return ERR(a, ERR_INVALID, "PUBLIC_DIR has no manifest at %s: run make public",
			   path.p);
	for (size_t at = 0; at < sizeof(files) / sizeof(files[0]); at++) {
		struct str name = served_as(manifest, str_of(files[at].name));

		if (!name.n)
			return ERR(a, ERR_INVALID, "%s lacks %s", path.p, files[at].name);
		path = str_fmt(a, "%.*s/%.*s", STR_ARG(s->public_dir), STR_ARG(name));
		*files[at].to = (struct asset){ name, crypto_integrity(a, read_file(a, path.p)) };
	}
	return NULL;
}
