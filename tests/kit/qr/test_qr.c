/* What is drawn is read back by another program, zbarimg, out of the drawing itself. */
#include "support/suite.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/qr/qr.h"

#define SCALE 6

static struct str svg_of(struct str text)
{
	struct html svg;

	ck_assert_ptr_null(qr_svg(arena, text, STR("Scan <me> & \"go\""), &svg));
	return svg.s;
}

static int number_after(struct str text, const char *mark)
{
	const char *found = memmem(text.p, text.n, mark, strlen(mark));

	ck_assert_ptr_nonnull(found);
	return (int)strtol(found + strlen(mark), NULL, 10);
}

/* Paints the strokes onto a white ground, as a browser does. */
static uint8_t *paint(struct str svg, int side)
{
	uint8_t *dots = arena_alloc(arena, (size_t)(side * side), 1);
	const char *at = memmem(svg.p, svg.n, "stroke=\"#000\" d=\"", 17);

	memset(dots, 255, (size_t)(side * side));
	for (at += 17; *at == 'M';) {
		char *end;
		long x = strtol(at + 1, &end, 10), y = strtol(end, &end, 10), n;

		n = strtol(end + 3, &end, 10); /* ".5h" */
		ck_assert(x >= 4 && y >= 4 && n > 0 && x + n <= side - 4 && y < side - 4);
		memset(dots + y * side + x, 0, (size_t)n);
		at = end;
	}
	return dots;
}

/* A picture that zbarimg takes. */
static void write_picture(const char *path, const uint8_t *dots, int side)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	fprintf(out, "P5 %d %d 255\n", side * SCALE, side * SCALE);
	for (int at = 0; at < side * SCALE * side * SCALE; at++)
		fputc(dots[at / (side * SCALE) / SCALE * side + at % (side * SCALE) / SCALE], out);
	fclose(out);
}

static struct str read_back(struct str svg)
{
	int side = number_after(svg, "viewBox=\"0 0 ");
	char folder[200], command[700], *text = arena_alloc(arena, 4096, 1);
	FILE *in;
	size_t n;

	suite_folder(folder, sizeof(folder));
	snprintf(command, sizeof(command), "%s/qr.pgm", folder);
	write_picture(command, paint(svg, side), side);
	snprintf(command, sizeof(command),
		 "zbarimg -q --raw --nodbus -Sdisable -Sqr.enable %s/qr.pgm", folder);
	in = popen(command, "r");
	ck_assert_ptr_nonnull(in);
	n = fread(text, 1, 4095, in);
	ck_assert_int_eq(pclose(in), 0);
	return str_trim((struct str){ text, n });
}

START_TEST(a_reader_gets_the_very_text)
{
	static const char *const texts[] = {
		"a",
		"otpauth://totp/ResolutionFlow:maren%40northbridge.example?secret="
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ResolutionFlow",
	};
	struct str long_one = str_fmt(arena, "otpauth://totp/%0400d", 7);

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		ck_assert_text(read_back(svg_of(str_of(texts[at]))), str_of(texts[at]));
	ck_assert_text(read_back(svg_of(long_one)), long_one);
}
END_TEST

START_TEST(it_stands_on_white_and_says_what_it_is)
{
	struct str svg = svg_of(STR("text"));

	ck_assert(str_contains(svg, STR("aria-label=\"Scan &lt;me&gt; &amp; &quot;go&quot;\"")));
	ck_assert(str_contains(svg, STR("role=\"img\"")));
	ck_assert(str_contains(svg, STR("fill=\"#fff\" d=\"M0 0h29v29H0z\"")));
	ck_assert(!str_contains(svg, STR("style"))); /* which the content policy would stop */
}
END_TEST

START_TEST(what_no_code_can_hold_is_an_error)
{
	struct html svg;

	ck_assert_ptr_nonnull(qr_svg(arena, str_fmt(arena, "%05000d", 7), STR("x"), &svg));
	ck_assert_ptr_nonnull(qr_svg(arena, STR(""), STR("x"), &svg));
}
END_TEST

SUITE("kit/qr/qr", a_reader_gets_the_very_text, it_stands_on_white_and_says_what_it_is,
      what_no_code_can_hold_is_an_error)
