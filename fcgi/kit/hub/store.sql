-- What came after a number, for any number of accounts at once; where there is nothing an account has no row.
-- A row without an event tells the account's number alone: to an ask after -1, and where the database was set
-- back to before what was asked for.
-- name: news(accounts text, afters text, mosts text) -> news_row
SELECT want.n - 1 AS ask, coalesce(feed.seq, 0) AS head, e.seq, e.topic, e.type, e.user_id, e.sign_in_id,
	e.payload::text AS payload
FROM unnest($1::text::uuid[], $2::text::bigint[], $3::text::bigint[])
	WITH ORDINALITY AS want (account_id, after, most, n)
LEFT JOIN feed ON feed.account_id = want.account_id
LEFT JOIN LATERAL (
	SELECT event.seq, event.topic, event.type, event.user_id, event.sign_in_id, event.payload
	FROM event
	WHERE event.account_id = want.account_id AND event.seq > want.after
	ORDER BY event.seq
	LIMIT want.most
) AS e ON true
WHERE e.seq IS NOT NULL OR want.after < 0 OR coalesce(feed.seq, 0) < want.after
ORDER BY want.n, e.seq
LIMIT 1000
