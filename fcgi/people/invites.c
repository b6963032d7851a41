/* Invites to the account: make, list, renew, revoke.  Their codes are stored hashed and shown once.
 */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "mail/mail.h"
#include "people/team.h"
#include "record/record.h"

struct invite_form {
	int role;
	struct uuid team_id;
	struct str email;
	int64_t expires_in, max_uses;
};

const struct choice life_choices[] = {
	{ "604800", "A week" },
	{ "86400", "A day" },
	{ "2592000", "30 days" },
	{ 0 },
};

static const struct shape invite_form = SHAPE(
	struct invite_form,
	F_ENUM(struct invite_form, role, &given_roles, .label = "Role", .choices = role_choices),
	F_UUID(struct invite_form, team_id, .optional = true, .null = true, .label = "Team"),
	F_STR(struct invite_form, email, .optional = true, .null = true, .max = 254,
	      .label = "E-mail address", .check = mail_check_address),
	F_INT(struct invite_form, expires_in, .optional = true, .min = 60, .max = 90 * INVITE_DAY,
	      .label = "Valid for", .choices = life_choices),
	F_INT(struct invite_form, max_uses, .optional = true, .min = 1, .max = 1000,
	      .label = "Times it can be used"));

/* ---- acts ---- */

struct made {
	struct str code, url;
	struct invite_row *row;
};

static struct str until(struct arena *a, struct instant at)
{
	int64_t hours = ((at.us - clock_now().us) / CLOCK_SECOND + 1800) / 3600;

	if (hours < 48)
		return hours <= 1 ? STR("in an hour") : str_fmt(a, "in %d hours", (int)hours);
	return str_fmt(a, "in %d days", (int)((hours + 12) / 24));
}

struct str invite_url(struct req *r, struct str code)
{
	return str_fmt(r->arena, "%.*s/join/%.*s", STR_ARG(r->settings->base_url), STR_ARG(code));
}

struct mail invite_mail(struct req *r, struct str email, struct str code, struct instant expires)
{
	const struct who_row *by = r->who->row;

	return (struct mail){
		.id = crypto_uuid7(),
		.recipient = email,
		.subject =
			str_fmt(r->arena, "%.*s invites you to ResolutionFlow", STR_ARG(by->name)),
		.text = str_fmt(r->arena,
				"%.*s invites you to work with %.*s at ResolutionFlow.\n\n"
				"Open this link to join:\n\n%.*s\n\n"
				"It ends %.*s. If you do not know what this is about, ignore this "
				"mail.\n",
				STR_ARG(by->name), STR_ARG(by->account_name),
				STR_ARG(invite_url(r, code)), STR_ARG(until(r->arena, expires))),
	};
}

static void new_code(struct req *r, struct made *made)
{
	made->code = crypto_token(r->arena);
	made->url = invite_url(r, made->code);
}

/* To its address, where it has one; the mail says who invites, and until when. */
static const struct err *send_code(struct req *r, const struct made *made)
{
	struct mail mail;

	TRY(tx_more(r->tx));
	if (!made->row->email.n)
		return tx_run(r->tx);
	mail = invite_mail(r, made->row->email, made->code, made->row->expires_at);
	mail_queue(r->tx, &mail);
	return tx_run(r->tx);
}

static const struct err *make_invite(struct req *r, struct made *made)
{
	const struct invite_form *form = r->input;
	struct new_invite invite = {
		.id = crypto_uuid7(),
		.team = form->team_id,
		.role = names_text(&given_roles, form->role),
		.email = form->email,
		.max_uses = form->max_uses ? form->max_uses : 1,
		.lasts = form->expires_in ? form->expires_in : INVITE_SECONDS,
	};

	new_code(r, made);
	invite.code_hash = crypto_hash_token(r->arena, made->code);
	store_invite_add(r->tx, &invite, &made->row);
	audit(r, "invite.made", "invite", invite.id, audit_nothing,
	      (struct json_text){ str_fmt(r->arena, "{\"role\":\"%.*s\",\"max_uses\":%lld}",
					  STR_ARG(invite.role), (long long)invite.max_uses) });
	return send_code(r, made);
}

/* Whoever has the old code comes too late. */
static const struct err *renew_invite(struct req *r, struct made *made)
{
	new_code(r, made);
	store_invite_renew(r->tx, r->id[0], crypto_hash_token(r->arena, made->code), &made->row);
	audit(r, "invite.renewed", "invite", r->id[0], audit_nothing, audit_nothing);
	return send_code(r, made);
}

const struct err *people_found_account(struct req *r, const struct new_account *account,
				       struct str *url)
{
	const struct code_taken by = { .plan = account->plan };
	struct str code = crypto_token(r->arena);
	const struct new_invite invite = {
		.id = crypto_uuid7(),
		.code_hash = crypto_hash_token(r->arena, code),
		.role = names_text(&role_names, ROLE_TEAM_ADMIN),
		.email = account->email,
		.max_uses = 1,
		.lasts = INVITE_SECONDS,
	};
	struct invite_row *row;

	*url = invite_url(r, code);
	people_go_on_as(r->tx, account->id, UUID_NONE);
	store_account_add(r->tx, account->id, account->name, &by);
	store_team_add(r->tx, crypto_uuid7(), STR("Everyone"));
	store_invite_add(r->tx, &invite, &row);
	mail_queue(
		r->tx,
		&(struct mail){
			.recipient = account->email,
			.subject = str_fmt(r->arena, "Your account at ResolutionFlow: %.*s",
					   STR_ARG(account->name)),
			.text = str_fmt(r->arena,
					"There is an account for %.*s at ResolutionFlow now, and "
					"you are to look after it.\n\n"
					"Open this link to become its team admin:\n\n%.*s\n\n"
					"It ends in 7 days. If you do not know what this is about, "
					"ignore this mail.\n",
					STR_ARG(account->name), STR_ARG(*url)),
		});
	return tx_more(r->tx);
}

static const struct err *revoke_invite(struct req *r)
{
	store_invite_revoke(r->tx, r->id[0]);
	audit(r, "invite.revoked", "invite", r->id[0], audit_nothing, audit_nothing);
	return tx_run(r->tx);
}

/* ---- the API's face ---- */

struct invite_json {
	struct uuid id;
	struct str code;
	int role;
	struct str email, state;
	struct uuid team_id;
	struct instant expires_at, created_at;
	int64_t max_uses, uses;
};

static const struct shape made_json =
	SHAPE(struct invite_json, F_UUID(struct invite_json, id), F_STR(struct invite_json, code),
	      F_ENUM(struct invite_json, role, &role_names), F_TIME(struct invite_json, expires_at),
	      F_INT(struct invite_json, max_uses), F_INT(struct invite_json, uses));
static const struct shape invite_json =
	SHAPE_WITH(struct invite_json, (.label = "Invite"), F_UUID(struct invite_json, id),
		   F_ENUM(struct invite_json, role, &role_names),
		   F_UUID(struct invite_json, team_id, .null = true),
		   F_STR(struct invite_json, email, .null = true), F_STR(struct invite_json, state),
		   F_TIME(struct invite_json, expires_at), F_TIME(struct invite_json, created_at),
		   F_INT(struct invite_json, max_uses), F_INT(struct invite_json, uses));
static const struct shape invites_json = SHAPE_PAGE(&invite_json);

static struct invite_json json_of(const struct invite_row *row)
{
	return (struct invite_json){
		.id = row->id,
		.role = row->role,
		.team_id = row->team,
		.email = row->email,
		.state = names_text(&invite_states, row->state),
		.expires_at = row->expires_at,
		.created_at = row->created_at,
		.max_uses = row->max_uses,
		.uses = row->uses,
	};
}

struct invites_query {
	int64_t page, per_page;
	struct str q;
	int state;
};

static const struct shape invites_query =
	SHAPE(struct invites_query, F_PAGE(struct invites_query),
	      F_STR(struct invites_query, q, .optional = true, .max = 120),
	      F_ENUM(struct invites_query, state, &invite_states, .optional = true));

struct invites {
	struct page page;
	struct invite_filter filter;
	struct list rows;
	struct count_row *count;
};

static const struct err *find_invites(struct req *r, const struct invites_query *query,
				      struct list *teams, struct invites *ret)
{
	ret->page = query ? page_of(query->page, query->per_page) : page_of(1, 50);
	ret->filter = (struct invite_filter){ STR(""), STR("") };
	if (query && query->q.p)
		ret->filter.q = query->q;
	if (query && query->state >= 0)
		ret->filter.state = names_text(&invite_states, query->state);
	store_invites_count(r->tx, &ret->filter, &ret->count);
	store_invites(r->tx, &ret->filter, ret->page.size, page_skip(ret->page), &ret->rows);
	if (teams)
		store_teams(r->tx, teams);
	return tx_run(r->tx);
}

static const struct err *invites_api(struct req *r)
{
	struct page_json answer;
	struct invite_json *items;
	struct invites invites;

	TRY(find_invites(r, r->input, NULL, &invites));
	items = ARENA_ARRAY(r->arena, struct invite_json, invites.rows.n);
	for (size_t at = 0; at < invites.rows.n; at++)
		items[at] = json_of(&((const struct invite_row *)invites.rows.items)[at]);
	answer = page_json(r, invites.page, LIST_OF(items, invites.rows.n), invites.count->n);
	return reply_json(r, &invites_json, &answer);
}

static const struct err *reply_made(struct req *r, const struct made *made)
{
	struct invite_json answer = json_of(made->row);

	answer.code = made->code;
	return reply_json(r, &made_json, &answer);
}

static const struct err *invite_add_api(struct req *r)
{
	struct made made;

	TRY(make_invite(r, &made));
	return reply_made(r, &made);
}

static const struct err *invite_renew_api(struct req *r)
{
	struct made made;

	TRY(renew_invite(r, &made));
	return reply_made(r, &made);
}

static const struct err *invite_revoke_api(struct req *r)
{
	TRY(revoke_invite(r));
	return reply_none(r);
}

/* ---- pages ---- */

struct invite_line {
	struct uuid id;
	struct str role_label, team, email, made_by, expires_text, state, used_by, used_ago, once;
	struct instant expires, used;
	int64_t uses, max_uses;
	bool open, renewable, more_used;
};

static const struct shape invite_line_shape =
	SHAPE(struct invite_line, F_UUID(struct invite_line, id),
	      F_STR(struct invite_line, role_label), F_STR(struct invite_line, team),
	      F_STR(struct invite_line, email), F_STR(struct invite_line, made_by),
	      F_STR(struct invite_line, expires_text), F_STR(struct invite_line, state),
	      F_TIME(struct invite_line, expires), F_INT(struct invite_line, uses),
	      F_INT(struct invite_line, max_uses), F_BOOL(struct invite_line, open),
	      F_BOOL(struct invite_line, renewable), F_BOOL(struct invite_line, more_used),
	      F_STR(struct invite_line, used_by), F_STR(struct invite_line, used_ago),
	      F_TIME(struct invite_line, used), F_STR(struct invite_line, once));

struct invites_page {
	struct form_view form;
	int64_t total;
	struct str q;
	bool filtered;
	struct list invites, states;
	struct pager_view pager;
};

static const struct shape invites_page_shape =
	SHAPE(struct invites_page,
	      F_OBJECT(struct invites_page, form, struct form_view, &form_view_shape),
	      F_INT(struct invites_page, total), F_STR(struct invites_page, q),
	      F_BOOL(struct invites_page, filtered),
	      F_LIST(struct invites_page, invites, &invite_line_shape),
	      F_LIST(struct invites_page, states, &tab_shape),
	      F_OBJECT(struct invites_page, pager, struct pager_view, &pager_shape));
const struct view invites_view = { "people/invites", &invites_page_shape };

struct made_page {
	struct str url, role_label, email, expires_text;
	int64_t max_uses;
	bool mailed;
};

static const struct shape made_page_shape =
	SHAPE(struct made_page, F_STR(struct made_page, url), F_STR(struct made_page, role_label),
	      F_STR(struct made_page, email), F_STR(struct made_page, expires_text),
	      F_INT(struct made_page, max_uses), F_BOOL(struct made_page, mailed));
const struct view invite_made_view = { "people/invite_made", &made_page_shape };

#define USED_SHOWN 3
static const struct names state_labels = NAMES("Open", "Used", "Expired", "Revoked");

static struct invite_line line_of(struct req *r, const struct invite_row *row)
{
	return (struct invite_line){
		.id = row->id,
		.role_label = role_label(row->role),
		.team = row->team_name,
		.email = row->email,
		.made_by = row->made_by,
		.expires = row->expires_at,
		.expires_text = until(r->arena, row->expires_at),
		.state = names_text(&state_labels, row->state),
		.used_by = row->used_by,
		.used = row->used_at,
		.used_ago = clock_ago(r->arena, row->used_at),
		.more_used = row->uses > USED_SHOWN,
		.uses = row->uses,
		.max_uses = row->max_uses,
		.open = row->state == INVITE_OPEN,
		.renewable = row->state == INVITE_OPEN || row->state == INVITE_EXPIRED,
		.once = crypto_token(r->arena),
	};
}

static struct form_view invite_form_view(struct req *r, struct list teams)
{
	const struct pair values[] = { { STR("role"), STR("engineer") },
				       { STR("max_uses"), STR("1") },
				       { { 0 }, { 0 } } };
	const struct control controls[] = {
		{ "email", CONTROL_EMAIL, .autocomplete = "off",
		  .hint = "We send the invite there, and only that address can use it. Leave it "
			  "empty to pass the "
			  "link on yourself." },
		{ "role", CONTROL_SELECT, .hint = ROLES_HINT },
		{ "team_id", CONTROL_SELECT, .more = team_choices(r, teams) },
		{ "expires_in", .kind = CONTROL_SELECT },
		{ "max_uses", CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off" },
		{ 0 },
	};

	return form_view(r, &(struct form_settings){ .action = STR("/invites"),
						     .button = "Make the invite",
						     .input = &invite_form,
						     .controls = controls,
						     .values = values,
						     .once = true,
						     .quiet = true });
}

static const struct err *invites_show(struct req *r)
{
	struct invite_line *lines;
	struct invites_page page;
	struct invites invites;
	struct list teams;

	TRY(find_invites(r, r->method == GET ? r->input : NULL, &teams, &invites));
	lines = ARENA_ARRAY(r->arena, struct invite_line, invites.rows.n);
	for (size_t at = 0; at < invites.rows.n; at++)
		lines[at] = line_of(r, &((const struct invite_row *)invites.rows.items)[at]);
	page = (struct invites_page){
		.form = invite_form_view(r, teams),
		.total = invites.count->n,
		.q = invites.filter.q,
		.filtered = invites.filter.q.n || invites.filter.state.n,
		.invites = LIST_OF(lines, invites.rows.n),
	};
	if (r->method == GET) {
		page.states =
			value_tabs(r, "state", &invite_states, &state_labels, invites.filter.state);
		page.pager = pager_view(r, invites.page, invites.count->n, STR("invites"));
	}
	return reply_page(r, &invites_view, &page);
}

static const struct err *show_made(struct req *r, const struct made *made)
{
	return reply_page(r, &invite_made_view,
			  &(struct made_page){
				  .url = made->url,
				  .role_label = role_label(made->row->role),
				  .email = made->row->email,
				  .expires_text = until(r->arena, made->row->expires_at),
				  .max_uses = made->row->max_uses,
				  .mailed = made->row->email.n > 0,
			  });
}

static const struct err *invite_add(struct req *r)
{
	struct made made;

	TRY(make_invite(r, &made));
	return show_made(r, &made);
}

static const struct err *invite_renew(struct req *r)
{
	struct made made;

	TRY(renew_invite(r, &made));
	return show_made(r, &made);
}

static void invite_find(struct req *r)
{
	struct invite_row **row = ARENA_NEW(r->arena, struct invite_row *);

	store_invite(r->tx, r->id[0], row);
}

static const struct err *invite_revoke(struct req *r)
{
	TRY(revoke_invite(r));
	people_flash(r, "The invite is revoked.");
	return reply_see_other(r, STR("/invites"));
}

const struct route invites_routes[] = {
	{ GET, "/invites", .need = PERM_PEOPLE, .input = &invites_query, .run = invites_show },
	{ POST, "/invites", .need = PERM_PEOPLE, .input = &invite_form, .run = invite_add,
	  .again = invites_show, .once = true },
	{ POST, "/invites/:invite/renew", .need = PERM_PEOPLE, .find = invite_find,
	  .run = invite_renew, .once = true },
	{ POST, "/invites/:invite/revoke", .need = PERM_PEOPLE, .run = invite_revoke },
	{ GET, "/api/v1/invites", .need = PERM_PEOPLE, .input = &invites_query, .run = invites_api,
	  .output = &invites_json, .about = "The account's invites" },
	{ POST, "/api/v1/invites", .need = PERM_PEOPLE, .input = &invite_form,
	  .run = invite_add_api, .output = &made_json, .status = 201, .once = true,
	  .about = "Make an invite; its code is shown this once" },
	{ POST, "/api/v1/invites/:invite/renew", .need = PERM_PEOPLE, .find = invite_find,
	  .run = invite_renew_api, .output = &made_json, .once = true,
	  .about = "Send an invite again with a new code, and its time anew; the old one dies" },
	{ DELETE, "/api/v1/invites/:invite", .need = PERM_PEOPLE, .run = invite_revoke_api,
	  .status = 204, .about = "Revoke an invite" },
	{ 0 },
};
