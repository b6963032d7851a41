/* The demo account: a small MSP with one person of each role, and a second company to see the wall
 * from. */
#include "app/demo.h"

#include <stdio.h>

#include "admin/admin.h"
#include "app/server.h"
#include "flows/flows.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "people/people.h"
#include "platform/platform.h"
#include "sessions/sessions.h"

static const char password[] = "walk the proven path";

static const struct {
	const char *company, *team;
	struct {
		const char *name, *email, *role;
	} people[5];
} companies[] = {
	{ "Northbridge IT Services",
	  "Service desk",
	  { { "Maren Holt", "maren@northbridge.example", "team_admin" },
	    { "Jonas Weber", "jonas@northbridge.example", "engineer" },
	    { "Priya Nair", "priya@northbridge.example", "engineer" },
	    { "Tom Albrecht", "tom@northbridge.example", "viewer" } } },
	{ "Harbour Managed IT",
	  "Engineers",
	  { { "Aoife Brennan", "aoife@harbour.example", "team_admin" },
	    { "Luca Moretti", "luca@harbour.example", "engineer" } } },
	{ "ResolutionFlow",
	  "Platform",
	  { { "Platform operator", "operator@resolutionflow.example", "super_admin" } } },
};

/* Made by the Makefile of the files in demo/. */
extern const char _binary_demo_flows_start[], _binary_demo_flows_end[];
extern const char _binary_demo_sessions_start[], _binary_demo_sessions_end[];

static const struct err *read_list(struct arena *a, const char *start, const char *end,
				   const struct json **ret)
{
	const struct json_limits limits = { (size_t)4 << 20, 32, 1000, 1000000 };
	size_t n = (size_t)((uintptr_t)end - (uintptr_t)start);

	return json_parse(a, (struct str){ start, n }, &limits, ret);
}

/* The admin makes the categories; who writes the flows takes turns. */
static const struct err *seed_flows(struct arena *a, struct tx *tx, struct uuid account,
				    const struct uuid *people)
{
	const struct json *flows;

	TRY(read_list(a, _binary_demo_flows_start, _binary_demo_flows_end, &flows));
	for (size_t at = 0; at < json_length(flows); at++) {
		people_go_on_as(tx, account, people[0]);
		flows_seed_category(tx, json_item(flows, at));
		people_go_on_as(tx, account, people[at % 3]);
		TRY(flows_seed(a, tx, json_item(flows, at)));
	}
	return NULL;
}

/* In the files a person goes by the name of their address. */
static const struct err *seed_sessions(struct arena *a, struct tx *tx, size_t company,
				       const struct uuid *people)
{
	struct pair names[6] = { 0 };
	const struct json *sessions;

	for (size_t at = 0; companies[company].people[at].name; at++) {
		struct str address = str_of(companies[company].people[at].email);

		names[at] = (struct pair){ str_cut(&address, '@'), str_of(people[at].text) };
	}
	TRY(read_list(a, _binary_demo_sessions_start, _binary_demo_sessions_end, &sessions));
	for (size_t at = 0; at < json_length(sessions); at++)
		TRY(sessions_seed(a, tx, names, json_item(sessions, at)));
	return NULL;
}

/* Who was there once, and who is to come: their pages would be empty else. */
static void seed_others(struct arena *a, struct tx *tx, struct uuid team, struct str hash)
{
	struct new_person emil = { .id = crypto_uuid7(),
				   .team = team,
				   .name = STR("Emil Brandt"),
				   .email = STR("emil@northbridge.example"),
				   .role = STR("engineer"),
				   .password_hash = hash };
	struct new_person sofia = emil;

	sofia.id = crypto_uuid7();
	sofia.name = STR("Sofia Keller");
	sofia.email = STR("sofia@northbridge.example");
	people_seed_leaver(a, tx, emil, true);
	people_seed_leaver(a, tx, sofia, false);
	people_seed_invite(a, tx, STR("nadia@northbridge.example"), STR("engineer"));
}

static const struct err *seed_company(struct arena *a, struct db *db, size_t index, struct str hash)
{
	struct uuid account = crypto_uuid7(), team = crypto_uuid7(), people[5];
	struct tx *tx = tx_new(a, db);

	people_seed_account(tx, account, str_of(companies[index].company), team,
			    str_of(companies[index].team));
	for (size_t at = 0; companies[index].people[at].name; at++) {
		people[at] = crypto_uuid7();
		people_seed_person(tx, &(struct new_person){
					       .id = people[at],
					       .team = team,
					       .name = str_of(companies[index].people[at].name),
					       .email = str_of(companies[index].people[at].email),
					       .role = str_of(companies[index].people[at].role),
					       .password_hash = hash,
					       .owner = at == 0,
				       });
	}
	if (index == 0) {
		TRY(seed_flows(a, tx, account, people));
		people_go_on_as(tx, account, people[0]); /* who sees all of them */
		TRY(seed_sessions(a, tx, index, people));
		admin_seed_hold(tx, STR("User reported a phishing mail"),
				STR("The insurer of the client may ask for it until the claim is "
				    "settled."));
		seed_others(a, tx, team, hash);
	}
	if (str_eq(str_of(companies[index].people[0].role), STR("super_admin"))) {
		people_go_on_as(tx, account, people[0]);
		platform_seed_code(a, tx, STR("MSP summit, stand 14"), STR("team"));
	}
	return tx_run(tx);
}

static void print_sign_ins(void)
{
	printf("Demo sign-ins, all with the password \"%s\":\n", password);
	for (size_t index = 0; index < sizeof(companies) / sizeof(companies[0]); index++)
		for (size_t at = 0; companies[index].people[at].name; at++)
			printf("  %-34s %-12s %s\n", companies[index].people[at].email,
			       companies[index].people[at].role, companies[index].company);
}

const struct err *demo_seed(struct arena *a, const struct settings *settings)
{
	struct server server = { .settings = settings };
	const struct err *e;
	struct str hash;

	TRY(server_connect(a, &server));
	TRY(password_hash(a, str_of(password),
			  (struct password_cost){ (uint64_t)settings->argon2_passes,
						  (size_t)settings->argon2_kib * 1024 },
			  &hash));
	for (size_t index = 0; index < sizeof(companies) / sizeof(companies[0]); index++) {
		e = seed_company(a, server.db, index, hash);
		/* There already: its first address is taken. */
		if (e && e->kind != ERR_CONFLICT)
			return e;
	}
	print_sign_ins();
	return NULL;
}
