/* Canonical forms and their keyed hashes; see seal.h. */
#include "audit/seal.h"

#include <stdio.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define FORM_MAX ((size_t)4 << 20)

static void put(struct buf *out, struct str field)
{
	if (!field.p) {
		buf_put(out, STR("-,"));
		return;
	}
	buf_put_int(out, (int64_t)field.n);
	buf_putc(out, ':');
	buf_put(out, field);
	buf_putc(out, ',');
}

static void put_id(struct buf *out, const struct uuid *id)
{
	put(out, uuid_str(id));
}

static void put_number(struct buf *out, int64_t n)
{
	char room[24];
	int length = snprintf(room, sizeof(room), "%lld", (long long)n);

	put(out, (struct str){ room, (size_t)length });
}

static struct str mac(struct arena *a, const uint8_t *key, const struct buf *form)
{
	return form->full ? STR("too long") : crypto_mac(a, key, buf_str(form));
}

struct str audit_key_id(struct arena *a, const uint8_t key[CRYPTO_KEY])
{
	return str_first(crypto_mac(a, key, STR("key id")), 8);
}

const uint8_t *audit_key(struct arena *a, const struct settings *s, struct str id)
{
	if (str_eq(id, audit_key_id(a, s->keys.audit)))
		return s->keys.audit;
	return str_eq(id, audit_key_id(a, s->keys.audit_previous)) ? s->keys.audit_previous : NULL;
}

struct str audit_entry_mac(struct arena *a, const uint8_t *key, const struct audit_entry *e)
{
	const struct str texts[] = { e->before, e->after, e->address, e->agent, e->request_id };
	struct buf form = buf_new(a, FORM_MAX);

	put(&form, STR("entry 1"));
	put_id(&form, &e->account);
	put_id(&form, &e->id);
	put_number(&form, e->at.us);
	put(&form, e->there ? STR("there") : STR_NONE);
	put_id(&form, &e->actor);
	put(&form, e->action);
	put(&form, e->object);
	put_id(&form, &e->object_id);
	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		put(&form, texts[at]);
	return mac(a, key, &form);
}

struct str audit_seal_mac(struct arena *a, const uint8_t *key, const struct audit_seal *s)
{
	struct buf form = buf_new(a, FORM_MAX);

	put(&form, STR("seal 1"));
	put_id(&form, &s->account);
	put_number(&form, s->seq);
	put(&form, s->previous);
	put_id(&form, &s->entry);
	put_number(&form, s->entry_at.us);
	put_number(&form, s->since.us);
	put_number(&form, s->sealed_at.us);
	put(&form, s->entry_mac);
	return mac(a, key, &form);
}

struct str audit_head_sign(struct arena *a, const uint8_t *key, const struct audit_head *h)
{
	struct buf form = buf_new(a, FORM_MAX);

	put(&form, STR("head 1"));
	put_id(&form, &h->account);
	put_number(&form, h->seq);
	put(&form, h->mac);
	put_number(&form, h->retired_seq);
	put(&form, h->retired_mac);
	put_number(&form, h->retired_before.us);
	return mac(a, key, &form);
}
