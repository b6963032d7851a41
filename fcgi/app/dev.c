/* The page that shows what pages are built of; see dev.h. */
#include "app/dev.h"

#include "accounts/accounts.h"
#include "flows/picture.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/http/form.h"
#include "kit/http/page.h"
#include "kit/render/render.h"

struct sample {
	struct str name, email, password, notes, hidden;
	int kind;
	bool agree;
};

static const struct names kinds = NAMES("vpn", "mail", "printer");
static const struct choice kind_choices[] = {
	{ "vpn", "The VPN" },
	{ "mail", "The mail" },
	{ "printer", "The printer" },
	{ 0 },
};
static const struct shape sample_input = SHAPE(
	struct sample, F_STR(struct sample, name, .min = 1, .max = 80, .label = "Your name"),
	F_STR(struct sample, email, .min = 1, .label = "E-mail address"),
	F_STR(struct sample, password, .min = 12, .secret = true, .label = "Password"),
	F_STR(struct sample, notes, .optional = true, .lines = true, .label = "What you tried"),
	F_ENUM(struct sample, kind, &kinds, .label = "What is broken", .choices = kind_choices),
	F_BOOL(struct sample, agree, .label = "Tell my team"),
	F_STR(struct sample, hidden, .optional = true));

static const struct control controls[] = {
	{ "hidden", .kind = CONTROL_HIDDEN },
	{ "name", CONTROL_TEXT, .hint = "As your colleagues know you.", .autocomplete = "off" },
	{ "email", CONTROL_EMAIL, .autocomplete = "off" },
	{ "password", CONTROL_PASSWORD, .autocomplete = "off" },
	{ "notes", .kind = CONTROL_LINES },
	{ "kind", .kind = CONTROL_SELECT },
	{ "agree", CONTROL_CHECKBOX, .hint = "They see it at once." },
	{ 0 },
};

static const struct flow_option options[] = {
	{ STR_INIT("y"), STR_INIT("Yes"), STR_INIT("good") },
	{ STR_INIT("n"), STR_INIT("No"), STR_INIT("again") },
};
static const struct flow_node nodes[] = {
	{ STR_INIT("ask"), FLOW_DECISION, STR_INIT("Does the spooler run?"),
	  STR_INIT("Look on [VAR:server]."), STR_INIT("Of the **print server**, not of the PC."),
	  .options = { options, 2 }, .outcome = -1 },
	{ STR_INIT("again"), FLOW_ACTION, STR_INIT("Restart the spooler"),
	  STR_INIT("- [ ] Tell them\n- [x] Restart it\n\n| Service | State |\n| --- | --: |\n"
		   "| Spooler | 1 |"),
	  STR_INIT(""), .next = STR_INIT("ask"), .required = true, .outcome = -1 },
	{ STR_INIT("good"), FLOW_ANSWER, STR_INIT("It prints"), STR_INIT(""), STR_INIT(""),
	  .outcome = OUTCOME_RESOLVED },
};
static const struct flow_doc flow = { .type = FLOW_TROUBLESHOOTING,
				      .structure = { STR_INIT("ask"), { nodes, 3 } } };

struct dev_page {
	struct form_view form, failed_form;
	struct pager_view pager;
	struct html picture;
	struct list steps;
};

static const struct shape dev_shape =
	SHAPE(struct dev_page, F_OBJECT(struct dev_page, form, struct form_view, &form_view_shape),
	      F_OBJECT(struct dev_page, failed_form, struct form_view, &form_view_shape),
	      F_OBJECT(struct dev_page, pager, struct pager_view, &pager_shape),
	      F_HTML(struct dev_page, picture), F_LIST(struct dev_page, steps, &flow_step_shape));
static const struct view dev_view = { "dev/ui", &dev_shape };
const struct view *const dev_views[] = { &dev_view, NULL };

static const struct err *dev_ui(struct req *r)
{
	struct form_settings settings = {
		.action = STR("/dev/ui"),
		.button = "Save",
		.input = &sample_input,
		.controls = controls,
		.quiet = true,
	};
	struct dev_page page;

	if (!r->settings->demo)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such page.");
	TRY(tx_run(r->tx));
	page.form = form_view(r, &settings);
	(void)!input_refuse(r, "name", "Your name is needed.");
	(void)!input_refuse(r, "kind", "Choose what is broken.");
	settings.id_end = "-failed"; /* ids are for one form of a page only */
	page.failed_form = form_view(r, &settings);
	page.pager = pager_view(r, page_of(6, 50), 1000, STR("samples"));
	page.picture =
		flow_svg(r->arena, &flow.structure,
			 &(struct flow_picture){ .base = STR("#step-"), .current = STR("again") });
	page.steps = flow_steps_told(r->arena, NULL, &flow);
	return reply_page(r, &dev_view, &page);
}

const struct route dev_routes[] = {
	{ GET, "/dev/ui", .run = dev_ui },
	{ 0 },
};
