/*
 * Any bytes as the header by which a program says who it is: without a token of ours nobody is
 * signed in, and with one behind it only where all the rest is its scheme and blanks.  The same
 * bytes as what a browser holds between the two steps of signing in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/http/fcgi.h"
#include "people/key_identify.h"
#include "people/second_factor.h"

#define NOW   ((struct instant){ 1800000000 * CLOCK_SECOND })
#define LATER ((struct instant){ 1800000600 * CLOCK_SECOND })

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct settings settings = { .keys = { .jwt = { .current = { "k2", { 2, 2, 2 } } } } };
static const struct uuid somebody = { "0190a000-0000-7000-8000-000000000000" };
static struct str header;

/* In place of the web server's parameters. */
struct str fcgi_param(const struct fcgi *f, const char *name)
{
	(void)f;
	return strcmp(name, "HTTP_AUTHORIZATION") == 0 ? header : STR_NONE;
}

static void expect(bool sound, const char *what)
{
	if (sound)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static struct str token_of(struct arena *a)
{
	return jwt_sign(a, &settings.keys.jwt,
			&(struct jwt_claims){ .user = somebody,
					      .account = somebody,
					      .sign_in = somebody,
					      .issued = NOW,
					      .expires = LATER });
}

static const struct who *who_of(struct arena *a, const struct server *server, struct str text)
{
	static const struct route route = { GET, "/api/v1/auth/me", .need = PERM_SIGNED_IN };
	/* No key of the API is looked up, for there is no database. */
	static const struct fcgi_request in;
	struct req r = {
		.arena = a, .server = server, .settings = &settings, .in = &in, .route = &route
	};

	header = text;
	expect(!people_identify(&r), "an error");
	return r.who;
}

static void check_half(struct arena *a, struct str text)
{
	struct half half = { .account = somebody, .person = somebody, .mark = text }, back;

	expect(!half_unseal(a, &settings, text, &back), "half a sign-in out of nothing");
	expect(half_unseal(a, &settings, half_seal(a, &settings, &half), &back) &&
		       uuid_eq(back.person, somebody) &&
		       str_eq(back.mark, str_first(text, back.mark.n)),
	       "half a sign-in that changed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)64 * 1024 * 1024);
	struct server server = { .settings = &settings, .tokens = jwt_known_new(a) };
	struct str text = str_dup(a, (struct str){ (const char *)data, size });
	struct str rest, token, scheme;

	clock_hold(NOW);
	token = token_of(a);
	expect(!who_of(a, &server, text), "somebody out of nothing");
	rest = str_fmt(a, "%.*s%.*s", STR_ARG(text), STR_ARG(token));
	if (who_of(a, &server, rest)) {
		scheme = str_cut(&rest, ' ');
		expect(str_eq_nocase(scheme, STR("Bearer")) && str_eq(str_trim(rest), token),
		       "somebody by something else");
	}
	expect(who_of(a, &server, str_fmt(a, "bearer %.*s", STR_ARG(token))), "nobody");
	if (str_find(text, '\0') < 0)
		check_half(a, text);
	arena_free(a);
	return 0;
}
