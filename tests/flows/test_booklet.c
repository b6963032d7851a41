/* The booklet and the file that stands alone, as they are printed. */
#include "flow_doc.h"

#include "flows/booklet.h"
#include "kit/render/render.h"
#include "people/people.h"

static const char plan[] =
	"{'start':'s','nodes':["
	"{'id':'s','kind':'section','title':'Prepare <it>','next':'t'},"
	"{'id':'t','kind':'action','title':'Copy','required':true,'body':'To **[VAR:where]**',"
	"'help':'Slowly.','next':'q'},"
	"{'id':'q','kind':'decision','title':'Is it there?','options':["
	"{'id':'1','label':'Yes','next':'u'},{'id':'2','label':'No','next':'t'}]},"
	"{'id':'u','kind':'action','title':'Check','next':null}]}";
static const char fields[] =
	"[{'name':'where','label':'Where to','kind':'select','required':true,'options':['A','B']},"
	"{'name':'sure','label':'','kind':'checkbox'},{'name':'n','label':'N','kind':'textarea'}]";

static const struct view *const views[] = { &flow_booklet_view, &flow_alone_view, NULL };
static const struct view *const *const rooms[] = { views, NULL };

static struct str print(const struct view *view, struct str name)
{
	struct flow_doc d = doc_of(FLOW_PROCEDURAL, plan, fields);
	struct flow_booklet_about about = { .version = 3,
					    .at = { 1795258800000000 },
					    .back = STR("/flows/1"),
					    .file = STR("/flows/1/file") };
	struct buf out = buf_new(arena, (size_t)1 << 20);
	struct flow_booklet booklet;
	struct render *render;
	const struct err *e = render_load(arena, "templates", &people_frame_shape, rooms, &render);

	ck_assert_msg(!e, "%.*s", STR_ARG(e ? e->message : STR("")));
	d.name = name;
	about.picture.s = STR("<svg></svg>");
	flow_booklet(arena, &d, &about, &booklet);
	render_view(render, view, arena_alloc(arena, people_frame_shape.size, 16), &booklet, &out);
	return buf_str(&out);
}

#define HAS(page, text) ck_assert_msg(str_contains(page, STR(text)), "%.*s", STR_ARG(page))

START_TEST(prints_the_whole_flow)
{
	struct str page = print(&flow_booklet_view, STR("Plan <A>"));

	HAS(page, "<h1>Plan &lt;A&gt;</h1>");
	HAS(page, "Procedure, version 3. Printed on <time datetime=\"2026-11-21\">2026-11-21");
	HAS(page, "<div><dt>Where to</dt>\n<dd><span class=\"tickbox\"></span>A "
		  "<span class=\"tickbox\"></span>B </dd></div>");
	HAS(page,
	    "<dt><span class=\"tickbox\"></span>sure <span class=\"muted\">(optional)</span>");
	HAS(page, "<dd class=\"tall\"></dd>");
	HAS(page, "<li class=\"flow\" id=\"step-s\">\n<h3>1. Prepare &lt;it&gt;</h3>");
	HAS(page, "<strong><span class=\"var\" data-name=\"where\">Where to ");
	HAS(page, "<p>If <strong>No</strong>: go to <a href=\"#step-t\">step 2</a> (back)</p>");
	HAS(page, "<p>Then: the flow ends</p>");
	HAS(page, "<svg></svg>");
	HAS(page, "href=\"/flows/1/file\" download");
}
END_TEST

START_TEST(the_file_needs_nothing_else)
{
	struct str page = print(&flow_alone_view, STR("</title><script src=//x>"));

	ck_assert(str_starts(page, STR("<!doctype html>\n")));
	HAS(page, "<meta http-equiv=\"Content-Security-Policy\" "
		  "content=\"default-src 'none'; style-src 'unsafe-inline'\">");
	HAS(page, "<title>&lt;/title&gt;&lt;script");
	HAS(page, "<span class=\"tag plain\">Required</span></h3>\n<p>To <strong>");
	ck_assert(!str_contains(page, STR("<script")));
	ck_assert(!str_contains(page, STR("src=\"")) && !str_contains(page, STR("<link")));
	ck_assert(!str_contains(page, STR("href=\"/")));
}
END_TEST

SUITE("flows/booklet", prints_the_whole_flow, the_file_needs_nothing_else)
