/*
 * The record reader of the hub: any bytes in any pieces give what they give in one piece, and a
 * request that is done has its sentinel.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/hub/records.h"
#include "kit/hub/wish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum records_outcome take_in_pieces(struct records *r, const uint8_t *data, size_t size,
					   size_t piece)
{
	enum records_outcome outcome = RECORDS_MORE;

	for (size_t at = 0; at < size; at += piece)
		outcome = records_take(r, data + at, size - at < piece ? size - at : piece);
	return outcome;
}

static void same(bool what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct records *whole = records_new(), *pieces = records_new();
	size_t piece = size ? data[size - 1] % 32 + 1 : 1;
	enum records_outcome outcome = records_take(whole, data, size);
	struct wish wish;

	same(take_in_pieces(pieces, data, size, piece) == outcome);
	if (outcome == RECORDS_DONE) {
		struct str query = records_param(whole, STR("QUERY_STRING"));

		same(records_id(whole) == records_id(pieces) && records_id(whole) > 0);
		same(str_eq(records_param(whole, STR("RF_END")), STR("1")));
		same(str_eq(query, records_param(pieces, STR("QUERY_STRING"))));
		if (wish_parse(query, &wish))
			same(wish.account.text[0] && wish.user.text[0] && wish.topics[0]);
	}
	records_free(whole);
	records_free(pieces);
	return 0;
}
