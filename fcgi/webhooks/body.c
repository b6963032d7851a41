/* The bodies of a call, and its signature; see body.h. */
#include "webhooks/body.h"

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

#define JSON_MAX  ((size_t)1024 * 1024)
#define CHAT_MAX  ((size_t)20 * 1024) /* Teams takes 28 KB, or 21, by who has measured */
#define LINES_MAX 40
#define TITLE_MAX 140 /* Slack's own is 150 */

/* ---- for programs ---- */

static void put_field(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, "%s\"%s\":", b->p[b->n - 1] == '{' ? "" : ",", name);
	buf_put_json(b, value);
}

static struct str json_body(struct arena *a, const struct webhook_news *news, struct str data)
{
	struct buf b = buf_new(a, JSON_MAX);

	buf_putc(&b, '{');
	put_field(&b, "id", news->id);
	put_field(&b, "type", str_of(news->type));
	put_field(&b, "created_at", clock_rfc3339(a, news->at));
	buf_put(&b, STR(",\"account\":{"));
	put_field(&b, "id", uuid_str(&news->account));
	put_field(&b, "name", news->account_name);
	buf_put(&b, STR("},\"data\":"));
	buf_put(&b, data);
	buf_putc(&b, '}');
	return b.full ? json_body(a, news, STR("null")) : buf_str(&b);
}

/* ---- for chats ---- */

static struct str cut(struct arena *a, struct str text, size_t most)
{
	if (text.n <= most)
		return text;
	text = str_mend(str_first(text, most));
	return str_fmt(a, "%.*s…", STR_ARG(text));
}

/* Nothing in it is a link, a mention or a name of a channel. */
static struct str slack_text(struct arena *a, struct str text, size_t most)
{
	struct buf b = buf_new(a, most + sizeof("&amp;…"));

	for (size_t at = 0; at < text.n; at++) {
		if (b.n >= most) {
			b.n = str_mend(buf_str(&b)).n;
			buf_put(&b, STR("…"));
			break;
		}
		buf_put(&b, text.p[at] == '&'   ? STR("&amp;")
			    : text.p[at] == '<' ? STR("&lt;")
			    : text.p[at] == '>' ? STR("&gt;")
						: (struct str){ text.p + at, 1 });
	}
	return buf_str(&b);
}

static void slack_section(struct buf *b, struct str text)
{
	buf_put(b, STR(",{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":"));
	buf_put_json(b, text);
	buf_put(b, STR("}}"));
}

static struct buf slack_body(struct arena *a, const struct webhook_news *news, size_t most)
{
	struct str title = cut(a, news->title, TITLE_MAX);
	const struct webhook_line *lines = news->lines.items;
	struct buf b = buf_new(a, CHAT_MAX);

	buf_put(&b, STR("{\"text\":"));
	buf_put_json(&b, slack_text(a, title, CHAT_MAX));
	buf_put(&b, STR(",\"blocks\":[{\"type\":\"header\",\"text\":{\"type\":\"plain_text\","
			"\"emoji\":false,\"text\":"));
	buf_put_json(&b, title);
	buf_put(&b, STR("}}"));
	for (size_t at = 0; most && at < news->lines.n && at < LINES_MAX; at++) {
		struct str label = slack_text(a, lines[at].label, TITLE_MAX);
		struct str text = slack_text(a, lines[at].text, most);

		slack_section(&b, str_fmt(a, "*%.*s*\n%.*s", STR_ARG(label), STR_ARG(text)));
	}
	if (news->url.n)
		slack_section(&b,
			      str_fmt(a, "<%.*s|Open it in ResolutionFlow>", STR_ARG(news->url)));
	buf_put(&b, STR("]}"));
	return b;
}

/* A run of text, which no reader takes for Markdown. */
static void teams_text(struct buf *b, struct str text, const char *looks)
{
	buf_put(b, STR("{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\","));
	buf_put(b, str_of(looks));
	buf_put(b, STR("\"text\":"));
	buf_put_json(b, text);
	buf_put(b, STR("}]}"));
}

static struct buf teams_body(struct arena *a, const struct webhook_news *news, size_t most)
{
	const struct webhook_line *lines = news->lines.items;
	struct buf b = buf_new(a, CHAT_MAX);

	buf_put(&b, STR("{\"type\":\"message\",\"attachments\":[{\"contentType\":"
			"\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,"
			"\"content\":{\"type\":\"AdaptiveCard\",\"version\":\"1.2\",\"$schema\":"
			"\"http://adaptivecards.io/schemas/adaptive-card.json\",\"body\":["));
	teams_text(&b, cut(a, news->title, TITLE_MAX),
		   "\"size\":\"medium\",\"weight\":\"bolder\",");
	for (size_t at = 0; most && at < news->lines.n && at < LINES_MAX; at++) {
		buf_putc(&b, ',');
		teams_text(&b, cut(a, lines[at].label, TITLE_MAX), "\"weight\":\"bolder\",");
		buf_putc(&b, ',');
		teams_text(&b, cut(a, lines[at].text, most), "");
	}
	buf_putc(&b, ']');
	if (news->url.n) {
		buf_put(&b, STR(",\"actions\":[{\"type\":\"Action.OpenUrl\",\"title\":"
				"\"Open it in ResolutionFlow\",\"url\":"));
		buf_put_json(&b, news->url);
		buf_put(&b, STR("}]"));
	}
	buf_put(&b, STR("}}]}"));
	return b;
}

/* With shorter and shorter texts, and at last without, until it fits. */
static struct str fitting(struct arena *a, const struct webhook_news *news,
			  struct buf (*body)(struct arena *, const struct webhook_news *, size_t))
{
	static const size_t sizes[] = { 2800, 1200, 500, 200, 60, 0 };
	struct buf b = body(a, news, sizes[0]);

	for (size_t at = 1; b.full && at < sizeof(sizes) / sizeof(sizes[0]); at++)
		b = body(a, news, sizes[at]);
	return buf_str(&b);
}

struct webhook_bodies webhook_bodies(struct arena *a, const struct webhook_news *news)
{
	return (struct webhook_bodies){
		.of = {
			[WEBHOOK_JSON] = json_body(a, news, news->data.s),
			[WEBHOOK_SLACK] = fitting(a, news, slack_body),
			[WEBHOOK_TEAMS] = fitting(a, news, teams_body),
		},
	};
}

/* ---- the signature ---- */

static void put_mac(struct buf *b, struct str secret, struct str signed_text)
{
	uint8_t mac[CRYPTO_HMAC];

	crypto_hmac_sha256((const uint8_t *)secret.p, secret.n, signed_text, mac);
	buf_put(b, STR(",v1="));
	for (size_t at = 0; at < CRYPTO_HMAC; at++)
		buf_printf(b, "%02x", mac[at]);
}

struct str webhook_signature(struct arena *a, struct str secret, struct str old_secret,
			     int64_t seconds, struct str body)
{
	struct str text = str_fmt(a, "%lld.%.*s", (long long)seconds, STR_ARG(body));
	struct buf b = buf_new(a, 200);

	buf_printf(&b, "t=%lld", (long long)seconds);
	put_mac(&b, secret, text);
	if (old_secret.n)
		put_mac(&b, old_secret, text);
	return buf_str(&b);
}
