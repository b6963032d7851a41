/* Templates bound to shapes: what is printed, and what is refused before a page was ever made. */
#include "support/suite.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/render/render.h"

struct team {
	struct uuid id;
	struct str name;
};
static const struct shape team_shape =
	SHAPE(struct team, F_UUID(struct team, id), F_STR(struct team, name));

struct person {
	struct str name;
	struct uuid id;
	const struct team *team;
};
static const struct shape person_shape =
	SHAPE(struct person, F_STR(struct person, name), F_UUID(struct person, id),
	      F_REF(struct person, team, struct team, &team_shape));

struct step {
	struct str title;
	int64_t minutes;
	struct list notes;
	const struct person *owner;
};
static const struct shape step_shape =
	SHAPE(struct step, F_STR(struct step, title), F_INT(struct step, minutes),
	      F_LIST(struct step, notes, &shape_texts),
	      F_REF(struct step, owner, struct person, &person_shape));

enum state { DRAFT, LIVE };
static const struct names state_names = NAMES("draft", "<live>");

struct flow {
	struct str name, password;
	bool pinned;
	struct instant at;
	int state;
	struct html body;
	struct json_text graph;
	struct person author;
	const struct step *next;
	struct list steps;
};
static const struct shape flow_shape = SHAPE(
	struct flow, F_STR(struct flow, name), F_STR(struct flow, password, .secret = true),
	F_BOOL(struct flow, pinned), F_TIME(struct flow, at),
	F_ENUM(struct flow, state, &state_names), F_HTML(struct flow, body),
	F_JSON(struct flow, graph), F_OBJECT(struct flow, author, struct person, &person_shape),
	F_REF(struct flow, next, struct step, &step_shape),
	F_LIST(struct flow, steps, &step_shape));

struct frame {
	struct str csrf, name;
};
static const struct shape frame_shape =
	SHAPE(struct frame, F_STR(struct frame, csrf), F_STR(struct frame, name));

static const struct frame the_frame = { STR_INIT("t&ken"), STR_INIT("frame's") };
static const struct team night = { .name = STR_INIT("Night") };
static const struct person ada = { STR_INIT("Ada <a>"),
				   { "0196c0de-0000-7000-8000-000000000001" },
				   &night };

static char dir[64];

static void put_file(const char *name, const char *text)
{
	struct str path = str_fmt(arena, "%s/%s.mustache", dir, name);
	FILE *out = fopen(path.p, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

static void make_dir(void)
{
	suite_folder(dir, sizeof(dir));
	ck_assert_int_eq(mkdir(str_fmt(arena, "%s/room", dir).p, 0700), 0);
}

static void remove_dir(void)
{
	static const char *const names[] = { "page",     "page.txt", "part",
					     "part.txt", "layout",   "room/card" };

	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
		unlink(str_fmt(arena, "%s/%s.mustache", dir, names[at]).p);
	rmdir(str_fmt(arena, "%s/room", dir).p);
	rmdir(dir);
}

static struct view page = { "page", &flow_shape };

static const struct err *load(struct render **ret)
{
	const struct view *const room[] = { &page, NULL };
	const struct view *const *const views[] = { room, NULL };

	return render_load(arena, dir, &frame_shape, views, ret);
}

static struct str show(const char *text, const struct flow *flow)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);
	const struct err *e;
	struct render *r;

	put_file(page.template, text);
	e = load(&r);
	ck_assert_msg(!e, "%.*s", STR_ARG(e ? e->message : STR("")));
	render_view(r, &page, &the_frame, flow, &out);
	return buf_str(&out);
}

static void check_unloadable(const char *why)
{
	const struct err *e;
	struct render *r;

	e = load(&r);
	ck_assert_msg(e != NULL, "not refused, but wanted: %s", why);
	ck_assert_int_eq(e->kind, ERR_INTERNAL);
	ck_assert_text(e->message,
		       str_fmt(arena, "%s/%s (in the view %s)", dir, why, page.template));
}

static void check_refused(const char *text, const char *why)
{
	put_file(page.template, text);
	check_unloadable(why);
}

START_TEST(prints_each_type)
{
	struct flow flow = { .name = STR("<b>"),
			     .at = { 1795258267 * CLOCK_SECOND },
			     .state = LIVE,
			     .body = { STR("<i>x</i>") },
			     .author = ada };

	make_dir();
	ck_assert_text(show("{{name}} {{at}} {{state}} {{{body}}} {{&body}}", &flow),
		       STR("&lt;b&gt; 2026-11-21T10:51:07Z &lt;live&gt; <i>x</i> <i>x</i>"));
	ck_assert_text(show("{{author.name}} {{author.id}}", &flow),
		       STR("Ada &lt;a&gt; 0196c0de-0000-7000-8000-000000000001"));
	flow = (struct flow){ .state = -1 };
	ck_assert_text(show("[{{name}}{{at}}{{state}}{{{body}}}{{author.id}}]", &flow), STR("[]"));
	remove_dir();
}
END_TEST

START_TEST(walks_lists_and_objects)
{
	static const struct str notes[] = { STR_INIT("a&b"), STR_INIT("c") };
	const struct step steps[] = {
		{ .title = STR("one"), .minutes = -5, .notes = LIST_OF(notes, 2), .owner = &ada },
		{ .title = STR("two"), .minutes = INT64_MAX },
	};
	struct flow flow = { .name = STR("F"), .steps = LIST_OF(steps, 2), .author = ada };

	make_dir();
	ck_assert_text(show("{{#steps}}{{title}}={{minutes}}{{#notes}}({{.}}{{name}}){{/notes}}"
			    "{{^notes}}-{{/notes}};{{/steps}}{{^steps}}none{{/steps}}",
			    &flow),
		       STR("one=-5(a&amp;bF)(cF);two=9223372036854775807-;"));
	ck_assert_text(
		show("{{#steps}}{{#owner}}{{name}}{{/owner}}{{^owner}}nobody{{/owner}}"
		     "{{owner.name}}{{#owner.name}}!{{/owner.name}}{{^owner.name}}?{{/owner.name}}"
		     "{{/steps}}",
		     &flow),
		STR("Ada &lt;a&gt;Ada &lt;a&gt;!nobody?"));
	ck_assert_text(
		show("{{#author}}{{name}}{{/author}}{{next.title}}{{next.owner.name}}", &flow),
		STR("Ada &lt;a&gt;"));
	ck_assert_text(show("{{author.team.name}}", &flow), STR("Night"));
	flow.next = &steps[0];
	ck_assert_text(
		show("{{next.title}} {{next.owner.team.name}} {{#next.notes}}{{.}}{{/next.notes}}",
		     &flow),
		STR("one Night a&amp;bc"));
	flow.steps.n = 0;
	ck_assert_text(show("{{#steps}}x{{/steps}}{{^steps}}none{{/steps}}", &flow), STR("none"));
	remove_dir();
}
END_TEST

START_TEST(tests_for_truth)
{
	struct flow flow = { .name = STR("") };
	const char *text =
		"{{#pinned}}p{{/pinned}}{{^pinned}}-{{/pinned}}{{#name}}n{{/name}}"
		"{{^name}}-{{/name}}{{#at}}t{{/at}}{{#body}}b{{/body}}{{#password}}s{{/password}}";

	make_dir();
	ck_assert_text(show(text, &flow), STR("--"));
	flow = (struct flow){ .name = STR("x"),
			      .pinned = true,
			      .at = { 1 },
			      .body = { STR("y") },
			      .password = STR("z") };
	ck_assert_text(show(text, &flow), STR("pntbs"));
	remove_dir();
}
END_TEST

START_TEST(sees_the_model_before_the_frame)
{
	const struct flow flow = { .name = STR("model's") };

	make_dir();
	ck_assert_text(show("{{name}} {{csrf}}", &flow), STR("model&#39;s t&amp;ken"));
	remove_dir();
}
END_TEST

START_TEST(takes_partials_and_layouts_from_the_directory)
{
	const struct step steps[] = { { .title = STR("one") }, { .title = STR("two") } };
	const struct flow flow = { .name = STR("F"), .steps = LIST_OF(steps, 2) };

	make_dir();
	put_file("layout",
		 "<title>{{$title}}App{{/title}}</title>\n<main>\n\t{{$main}}\n\t{{/main}}\n"
		 "</main>\n");
	put_file("room/card", "<b>{{title}}</b>\n");
	ck_assert_text(show("{{<layout}}\n{{$title}}{{name}}{{/title}}\n{{$main}}\n{{#steps}}\n"
			    "{{> room/card}}\n{{/steps}}\n{{/main}}\n{{/layout}}\n",
			    &flow),
		       STR("<title>F</title>\n<main>\n\t<b>one</b>\n\t<b>two</b>\n</main>\n"));
	/* The same partial is bound anew where other names are seen. */
	check_refused("{{> room/card}}", "room/card.mustache:1: there is no \"title\" here");
	remove_dir();
}
END_TEST

START_TEST(text_templates_escape_nothing)
{
	const struct flow flow = { .name = STR("<&>"), .author = ada };

	make_dir();
	page.template = "page.txt";
	put_file("part.txt", "{{author.name}}");
	ck_assert_text(show("{{name}} {{>part.txt}}\n", &flow), STR("<&> Ada <a>\n"));
	put_file("part", "x");
	check_refused("{{>part}}", "page.txt.mustache:1: \"part\" is not plain text as this is");
	check_refused("{{{body}}}",
		      "page.txt.mustache:1: \"body\" is html, and this is plain text");
	page.template = "page";
	check_refused("{{>part.txt}}", "page.mustache:1: \"part.txt\" is not HTML as this is");
	remove_dir();
}
END_TEST

START_TEST(refuses_what_no_page_should_print)
{
	make_dir();
	check_refused("a\n{{nam}}", "page.mustache:2: there is no \"nam\" here");
	check_refused("{{author.nam}}", "page.mustache:1: there is no \"nam\" in \"author.nam\"");
	check_refused("{{name.x}}", "page.mustache:1: \"name\" of \"name.x\" has no parts");
	check_refused("{{steps.title}}",
		      "page.mustache:1: \"steps\" of \"steps.title\" has no parts");
	check_refused("{{#nope}}{{/nope}}", "page.mustache:1: there is no \"nope\" here");
	check_refused("{{#steps}}{{titel}}{{/steps}}",
		      "page.mustache:1: there is no \"titel\" here");
	check_refused("{{^steps}}{{title}}{{/steps}}",
		      "page.mustache:1: there is no \"title\" here");
	check_refused("{{#steps}}{{#notes}}{{text}}{{/notes}}{{/steps}}",
		      "page.mustache:1: there is no \"text\" here");
	check_refused("{{{name}}}",
		      "page.mustache:1: \"name\" is no html, so it can't be printed raw");
	check_refused("{{&at}}", "page.mustache:1: \"at\" is no html, so it can't be printed raw");
	check_refused("{{body}}", "page.mustache:1: \"body\" is html: {{{body}}}");
	check_refused("{{steps}}", "page.mustache:1: \"steps\" is a list: use a section");
	check_refused("{{author}}", "page.mustache:1: \"author\" is an object: name a part of it");
	check_refused("{{next}}", "page.mustache:1: \"next\" is an object: name a part of it");
	check_refused("{{pinned}}", "page.mustache:1: \"pinned\" is true or false: use a section");
	check_refused("{{graph}}",
		      "page.mustache:1: \"graph\" is JSON, which has no place in a page");
	check_refused("{{password}}", "page.mustache:1: \"password\" is secret and never shown");
	check_refused("{{.}}", "page.mustache:1: {{.}} is for lists of plain values");
	check_refused("{{..}}", "page.mustache:1: there is no \"\" here");
	remove_dir();
}
END_TEST

START_TEST(refuses_what_is_no_whole_template)
{
	make_dir();
	page.template = "none";
	check_unloadable("none.mustache: there is no such file");
	page.template = "page";
	check_refused("\n{{#pinned}}",
		      "page.mustache:2: \"pinned\" is opened here and never closed");
	check_refused("\n\n{{>room/none}}", "page.mustache:3: there is no template \"room/none\"");
	check_refused("{{<none}}{{/none}}", "page.mustache:1: there is no template \"none\"");
	check_refused("{{>page}}", "page.mustache:1: \"page\" would hold itself without end");
	put_file("part", "{{<layout}}{{/layout}}");
	put_file("layout", "x\n{{#steps}}{{>part}}{{/steps}}");
	check_refused("{{>part}}", "layout.mustache:2: \"part\" would hold itself without end");
	/* Within what is given for a block it is no recursion. */
	put_file("layout", "({{$main}}{{/main}})");
	ck_assert_text(show("{{<layout}}{{$main}}{{<layout}}{{$main}}x{{/main}}{{/layout}}{{/"
			    "main}}{{/layout}}",
			    &(struct flow){ .pinned = false }),
		       STR("((x))"));
	remove_dir();
}
END_TEST

SUITE("kit/render/render", prints_each_type, walks_lists_and_objects, tests_for_truth,
      sees_the_model_before_the_frame, takes_partials_and_layouts_from_the_directory,
      text_templates_escape_nothing, refuses_what_no_page_should_print,
      refuses_what_is_no_whole_template)
