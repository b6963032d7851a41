/* Which steps of a flow a search shows, and what of them. */
#include "flows/hits.h"

#include <string.h>

#include "support/suite.h"

/* "vpn drop*": words as the index has them, with a star where one is only begun. */
static struct list words_of(const char *text)
{
	struct search_word *words = ARENA_ARRAY(arena, struct search_word, 100);
	size_t n = 0;

	for (struct str rest = str_of(text); rest.n;) {
		struct str word = str_cut(&rest, ' ');
		bool prefix = str_ends(word, STR("*"));

		words[n++] = (struct search_word){ str_first(word, word.n - prefix), prefix };
	}
	return LIST_OF(words, n);
}

static const char *line(const char *text, const char *words)
{
	return str_cstr(arena,
			flow_hit_text(arena, flow_hit_parts(arena, str_of(text), words_of(words))));
}

static const struct {
	const char *text, *words, *line;
} lines[] = {
	{ "The VPN drops.", "vpn drop", "The «VPN» «drops»." },
	{ "It dropped, dropping droplets", "drop", "It «dropped», «dropping» droplets" },
	{ "droplets", "drop*", "«droplets»" },
	{ "Backdrop", "drop", "Backdrop" },
	{ "update UPS up", "up", "update «UPS» «up»" },
	{ "memory and memories", "memori", "«memory» and «memories»" },
	{ "Ping 10.0.0.1 now", "10.0.0.1", "Ping «10.0.0.1» now" },
	{ "ÄRGER im Büro", "ärger büro", "«ÄRGER» im «Büro»" },
	{ "СЕРВЕР", "сервер", "«СЕРВЕР»" },
	{ "“router”", "router", "“«router»”" },
	{ "# Head\n\n- **one** `two`\n> three", "two", "Head one «two» three" },
	{ "See [the manual](https://example.com/x) first", "manual", "See the «manual» first" },
	{ "File > Options, [VAR:host]", "option host", "File > «Options», [VAR:«host»]" },
	{ "<b>bold</b>", "bold", "<b>«bold»</b>" },
	{ "", "x", "" },
	{ "nothing here", "", "nothing here" },
};

START_TEST(marks_words_by_their_stems)
{
	for (size_t at = 0; at < sizeof(lines) / sizeof(lines[0]); at++)
		ck_assert_str_eq(line(lines[at].text, lines[at].words), lines[at].line);
}
END_TEST

START_TEST(shows_some_words_around_the_first_hit)
{
	static char text[4000];
	const char *shown;

	for (size_t at = 0; at + 6 < sizeof(text); at += 6)
		memcpy(text + at, at == 1998 ? "found " : "żó  ", 6);
	memset(text + sizeof(text) - 10, 0, 10);
	shown = line(text, "found");
	ck_assert_ptr_nonnull(strstr(shown, "«found»"));
	ck_assert(strncmp(shown, "… ", strlen("… ")) == 0);
	ck_assert_uint_lt(strlen(shown), 600);
	ck_assert(str_ends(str_of(shown), STR(" …")));
	/* A hit at the end of one long word: nothing to cut at. */
	memset(text, 'x', 300);
	memcpy(text + 300, "/found", sizeof("/found"));
	ck_assert_str_eq(line(text, "found"), "… «found»");
}
END_TEST

static struct flow_node node(const char *id, const char *title, const char *body)
{
	return (struct flow_node){
		.id = str_of(id), .title = str_of(title), .body = str_of(body), .help = STR("")
	};
}

START_TEST(gives_the_steps_with_most_of_the_words)
{
	struct flow_node nodes[] = {
		node("a", "Nothing", "at all"),
		node("b", "Router", "plain"),
		node("c", "Plain", "a router, a switch"),
		node("d", "Switch the router", "off"),
		node("e", "Router", "again"),
	};
	struct flow_graph g = { .nodes = LIST_OF(nodes, 5) };
	struct list hits = flow_hits(arena, &g, words_of("router switch"), 3);
	const struct flow_hit *hit = hits.items;

	ck_assert_uint_eq(hits.n, 3);
	ck_assert_str_eq(str_cstr(arena, hit[0].node_id), "d");
	ck_assert_str_eq(str_cstr(arena, hit[1].node_id), "c");
	ck_assert_str_eq(str_cstr(arena, hit[2].node_id), "b");
	ck_assert_str_eq(str_cstr(arena, flow_hit_text(arena, hit[1].parts)),
			 "a «router», a «switch»");
	ck_assert_uint_eq(flow_hits(arena, &g, words_of("other"), 3).n, 0);
	ck_assert_uint_eq(flow_hits(arena, &g, words_of(""), 3).n, 0);
}
END_TEST

SUITE("flows/hits", marks_words_by_their_stems, shows_some_words_around_the_first_hit,
      gives_the_steps_with_most_of_the_words)
