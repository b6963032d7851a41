/* How long a hand-off may wait and rest, and who is told when it waited too long: the page of team
 * admins, and the API. */
#include "escalations/escalations.h"
#include "escalations/pages.h"
#include "escalations/store.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE      "/escalations/rules"
#define RULES_MAX ((size_t)64 * 1024)

#define R             struct rules
#define WAIT(m, what) F_INT(R, m, .min = 1, .max = 10080, .label = what)
#define REST(m, what) F_INT(R, m, .min = 5, .max = 10080, .label = what)
#define RULES                                                                                      \
	WAIT(low_wait, "Low: waits, in minutes"), REST(low_rest, "Low: rests, in minutes"),        \
		WAIT(normal_wait, "Normal: waits, in minutes"),                                    \
		REST(normal_rest, "Normal: rests, in minutes"),                                    \
		WAIT(high_wait, "High: waits, in minutes"),                                        \
		REST(high_rest, "High: rests, in minutes"),                                        \
		WAIT(urgent_wait, "Urgent: waits, in minutes"),                                    \
		REST(urgent_rest, "Urgent: rests, in minutes"),                                    \
		F_LIST(R, second_tier, &shape_texts, .optional = true, .max = 1000,                \
		       .label = "Second tier")
static const struct shape rules_input = SHAPE_WITH(R, (.label = "EscalationRules"), RULES);
#undef R

#define MINUTES(name)                                                                              \
	{                                                                                          \
		name, CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off"                  \
	}
static const struct control controls[] = {
	MINUTES("low_wait"),    MINUTES("low_rest"),    MINUTES("normal_wait"),
	MINUTES("normal_rest"), MINUTES("high_wait"),   MINUTES("high_rest"),
	MINUTES("urgent_wait"), MINUTES("urgent_rest"), { 0 },
};

/* ---- acts ---- */

static struct json_text rules_text(struct req *r, const struct rules *rules)
{
	struct buf out = buf_new(r->arena, RULES_MAX);

	shape_put_json(&out, &rules_input, rules);
	return (struct json_text){ buf_str(&out) };
}

static bool has_place(struct list tier, struct str id)
{
	for (size_t at = 0; at < tier.n; at++)
		if (str_eq(((const struct tier_row *)tier.items)[at].id, id))
			return true;
	return false;
}

static const struct err *save(struct req *r, const struct rules **ret)
{
	const struct rules *in = r->input, *was = NULL;
	const struct str *ids = in->second_tier.items;
	struct list tier;

	store_rules(r->tx, &was);
	store_tier(r->tx, &tier);
	TRY(tx_more(r->tx));
	for (size_t at = 0; at < in->second_tier.n; at++)
		if (!has_place(tier, ids[at]))
			return input_refuse(r, "second_tier",
					    "Choose engineers and team admins of this account.");
	store_rules_set(r->tx, r->arena, in);
	audit(r, "escalation_rules.changed", "account", r->who->account, rules_text(r, was),
	      rules_text(r, in));
	store_rules(r->tx, ret);
	return tx_run(r->tx);
}

/* ---- the page ---- */

struct rule_view {
	struct str priority;
	struct list fields;
};

struct rules_page {
	struct form_view form;
	struct list rules, tier;
};

static const struct shape rule_view_shape =
	SHAPE(struct rule_view, F_STR(struct rule_view, priority),
	      F_LIST(struct rule_view, fields, &form_field_shape));
static const struct shape tier_view_shape =
	SHAPE(struct tier_row, F_STR(struct tier_row, id), F_STR(struct tier_row, name),
	      F_BOOL(struct tier_row, chosen));
static const struct shape rules_page_shape = SHAPE(
	struct rules_page, F_OBJECT(struct rules_page, form, struct form_view, &form_view_shape),
	F_LIST(struct rules_page, rules, &rule_view_shape),
	F_LIST(struct rules_page, tier, &tier_view_shape));
const struct view rules_view = { "escalations/rules", &rules_page_shape };

static const struct pair *values_of(struct arena *a, const struct rules *rules)
{
	const int64_t minutes[] = { rules->low_wait,    rules->low_rest,   rules->normal_wait,
				    rules->normal_rest, rules->high_wait,  rules->high_rest,
				    rules->urgent_wait, rules->urgent_rest };
	struct pair *values = ARENA_ARRAY(a, struct pair, 9);

	for (size_t at = 0; at < 8; at++)
		values[at] = (struct pair){ str_of(controls[at].field),
					    str_fmt(a, "%lld", (long long)minutes[at]) };
	return values;
}

static const struct err *show(struct req *r)
{
	struct rule_view *rows = ARENA_ARRAY(r->arena, struct rule_view, 4);
	const struct rules *rules = NULL;
	struct rules_page page;

	store_rules(r->tx, &rules);
	store_tier(r->tx, &page.tier);
	TRY(tx_run(r->tx));
	page.form = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							  .button = "Save",
							  .input = &rules_input,
							  .controls = controls,
							  .values = values_of(r->arena, rules) });
	for (int at = 0; at < 4; at++)
		rows[at] = (struct rule_view){ names_text(&handoff_priority_words, 3 - at),
					       form_part(&page.form, 2 * (size_t)(3 - at), 2) };
	page.rules = LIST_OF(rows, 4);
	return reply_page(r, &rules_view, &page);
}

static const struct err *save_by_page(struct req *r)
{
	const struct rules *now = NULL;

	TRY(save(r, &now));
	people_flash(r, "The rules are saved. They hold for hand-offs from now on.");
	return reply_see_other(r, STR(PAGE));
}

/* ---- API ---- */

static const struct err *get_api(struct req *r)
{
	const struct rules *rules = NULL;

	store_rules(r->tx, &rules);
	TRY(tx_run(r->tx));
	return reply_json(r, &rules_input, rules);
}

static const struct err *put_api(struct req *r)
{
	const struct rules *rules = NULL;

	TRY(save(r, &rules));
	return reply_json(r, &rules_input, rules);
}

const struct route rules_routes[] = {
	{ GET, PAGE, .need = PERM_PEOPLE, .asks = true, .run = show },
	{ POST, PAGE, .need = PERM_PEOPLE, .input = &rules_input, .run = save_by_page,
	  .again = show },
	{ GET, "/api/v1" PAGE, .need = PERM_PEOPLE, .run = get_api, .output = &rules_input,
	  .about = "Minutes that a hand-off of each priority may wait, and rest with whoever took "
		   "it; and who is told at once when it waited too long" },
	{ PUT, "/api/v1" PAGE, .need = PERM_PEOPLE, .input = &rules_input, .run = put_api,
	  .output = &rules_input, .about = "Change them; they hold for hand-offs from then on" },
	{ 0 },
};
