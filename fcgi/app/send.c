/* How an answer leaves; see send.h. */
#include "app/send.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/http/fcgi.h"
#include "people/people.h"

#define PIECE_MAX       ((size_t)8 * 1024 * 1024)
#define PIECE_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* In a transaction of its own that enters anew: a sign-in that has ended ends the answer, too. */
static const struct err *make_piece(const struct req *r, struct arena *a, struct buf *out,
				    bool *more)
{
	struct req piece = *r;
	struct who who;

	if (r->who) {
		who = *r->who;
		piece.who = &who;
	}
	piece.arena = a;
	piece.tx = tx_new(a, r->server->db);
	people_enter_again(&piece);
	TRY(r->reply.piece(&piece, r->reply.ctx, out, more));
	TRY(tx_finish(piece.tx));
	tx_count(r->tx, piece.tx);
	return out->full ? ERR(a, ERR_INTERNAL, "a piece is over its maximum") : NULL;
}

/* A slow reader holds the worker up: it has some time, and ends before the worker is taken for
 * hung. */
static const struct err *send_pieces(struct req *r, struct fcgi *fcgi, struct sent *ret)
{
	int64_t until = clock_mono() + r->settings->worker_hang_seconds * CLOCK_SECOND * 2 / 3;
	struct arena *a = arena_within(r->arena, PIECE_ARENA_MAX);

	for (bool more = true; more; arena_reset(a)) {
		struct buf out = buf_new(a, PIECE_MAX);

		if (clock_mono() > until)
			return ERR(a, ERR_BUSY, "the answer took too long");
		more = false;
		TRY(make_piece(r, a, &out, &more));
		if (!fcgi_send(fcgi, buf_str(&out)))
			return NULL;
		ret->bytes += (int64_t)out.n;
	}
	ret->whole = fcgi_end(fcgi);
	return NULL;
}

const struct err *send_answer(struct req *r, struct fcgi *fcgi, struct sent *ret)
{
	struct str head = reply_head(r), body = r->head ? STR("") : buf_str(&r->reply.body);

	*ret = (struct sent){ .bytes = (int64_t)body.n };
	if (r->reply.piece && !r->head) {
		if (!fcgi_send(fcgi, head) || !fcgi_send(fcgi, body))
			return NULL;
		return send_pieces(r, fcgi, ret);
	}
	ret->whole = fcgi_reply(fcgi, head, body);
	return NULL;
}
