-- The statements of the insight room: hand-offs that were made from one moment up to another.

-- The days asked for, both included, are those of the account's zone; the earlier is the first, whichever was given as that.
-- None is later than today.  A day that is not given: the last is today, and the first so many before it.
-- name: insight_span(first text, last text, days int) -> span_shape
SELECT d.first::timestamp AT TIME ZONE d.zone AS since, (d.last + 1)::timestamp AT TIME ZONE d.zone AS until,
       d.zone, d.first::text, d.last::text
  FROM (SELECT a.zone, greatest(least(f.day, l.day, t.day), date '1970-01-02') AS first, least(greatest(f.day, l.day), t.day) AS last
          FROM account a CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE a.zone)::date AS day) t
         CROSS JOIN LATERAL (SELECT coalesce(nullif($2, '')::date, t.day) AS day) l
         CROSS JOIN LATERAL (SELECT coalesce(nullif($1, '')::date, l.day - $3::int + 1) AS day) f
         WHERE a.account_id = app_account()) d;

-- name: insight_totals(since timestamptz, until timestamptz) -> totals_shape
SELECT count(*) AS handoffs, count(claim_seconds) AS taken, count(resolve_seconds) AS resolved,
       count(*) FILTER (WHERE state = 'cancelled') AS withdrawn, count(*) FILTER (WHERE was_overdue) AS overdue,
       coalesce(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY claim_seconds)), -1)::bigint AS claim_median,
       coalesce(round(percentile_cont(0.9) WITHIN GROUP (ORDER BY claim_seconds)), -1)::bigint AS claim_p90,
       coalesce(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY resolve_seconds)), -1)::bigint AS resolve_median,
       coalesce(round(percentile_cont(0.9) WITHIN GROUP (ORDER BY resolve_seconds)), -1)::bigint AS resolve_p90
  FROM escalation WHERE created_at >= $1 AND created_at < $2;

-- runs: begun in the same time, as their ids tell it; handed: how many of those went to a colleague.  Only of the ten
-- flows with the most more is looked at than their number.
-- name: insight_flows(since timestamptz, until timestamptz) -> flow_row_shape
WITH most AS (
	SELECT flow_id, count(*) AS handoffs FROM escalation WHERE created_at >= $1 AND created_at < $2
	 GROUP BY flow_id ORDER BY handoffs DESC, flow_id LIMIT 10
)
SELECT m.flow_id AS flow, f.name, h.id IS NOT NULL AS seen, m.handoffs, r.runs, e.handed, e.claim_median, e.claim_p90
  FROM most m
  JOIN (SELECT e.flow_id, count(DISTINCT e.session_id) FILTER (WHERE e.session_id >= uuid7_from($1)) AS handed,
               coalesce(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY e.claim_seconds)), -1)::bigint AS claim_median,
               coalesce(round(percentile_cont(0.9) WITHIN GROUP (ORDER BY e.claim_seconds)), -1)::bigint AS claim_p90
          FROM escalation e JOIN most USING (flow_id) WHERE e.created_at >= $1 AND e.created_at < $2 GROUP BY e.flow_id) e USING (flow_id)
  JOIN flow f ON f.account_id = app_account() AND f.id = m.flow_id
  LEFT JOIN flow_here h ON h.id = m.flow_id
 CROSS JOIN LATERAL (SELECT count(*) AS runs FROM session s
                      WHERE s.account_id = (SELECT app_account()) AND s.flow_id = m.flow_id AND s.owner_id IS NOT NULL
                        AND s.id >= uuid7_from($1) AND s.id < uuid7_from($2)) r
 ORDER BY m.handoffs DESC, m.flow_id;

-- title: as it was when somebody was last stuck there.
-- name: insight_steps(since timestamptz, until timestamptz) -> step_row_shape
SELECT m.flow_id AS flow, f.name, h.id IS NOT NULL AS seen, m.node_id AS node, coalesce(v.title, '') AS title, m.handoffs
  FROM (SELECT flow_id, node_id, count(*) AS handoffs FROM escalation WHERE created_at >= $1 AND created_at < $2
         GROUP BY flow_id, node_id ORDER BY handoffs DESC, flow_id, node_id LIMIT 20) m
  JOIN flow f ON f.account_id = app_account() AND f.id = m.flow_id
  LEFT JOIN flow_here h ON h.id = m.flow_id
 CROSS JOIN LATERAL (SELECT e.session_id, e.visit FROM escalation e
                      WHERE e.flow_id = m.flow_id AND e.node_id = m.node_id AND e.created_at >= $1 AND e.created_at < $2
                      ORDER BY e.created_at DESC LIMIT 1) last
  LEFT JOIN visit v ON v.account_id = app_account() AND v.session_id = last.session_id AND v.n = last.visit
 ORDER BY m.handoffs DESC, m.flow_id, m.node_id;

-- weekday: 0 is Monday.  No zone's hour begins but at a quarter of UTC's.
-- name: insight_hours(since timestamptz, until timestamptz, zone text) -> hour_row_shape
SELECT extract(isodow FROM at AT TIME ZONE $3)::int - 1 AS weekday, extract(hour FROM at AT TIME ZONE $3)::int AS hour, sum(n)::bigint AS handoffs
  FROM (SELECT date_bin('15 minutes', created_at, timestamptz '2001-01-01 00:00Z') AS at, count(*) AS n
          FROM escalation WHERE created_at >= $1 AND created_at < $2 GROUP BY 1) quarters
 GROUP BY 1, 2;

-- taken: what they have, or had when it ended; claim_median: of what they were the first to take.
-- name: insight_people(since timestamptz, until timestamptz) -> person_row_shape
SELECT p.id, p.name, coalesce(x.handed, 0) AS handed, coalesce(x.taken, 0) AS taken, coalesce(x.resolved, 0) AS resolved,
       coalesce(round(x.claim_median), -1)::bigint AS claim_median, coalesce(round(x.claim_p90), -1)::bigint AS claim_p90
  FROM ((SELECT by_id AS id, count(*) AS handed FROM escalation WHERE created_at >= $1 AND created_at < $2 GROUP BY by_id) b
  FULL JOIN (SELECT claimer_id AS id, count(*) AS taken, count(resolve_seconds) AS resolved,
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY CASE WHEN first THEN claim_seconds END) AS claim_median,
                    percentile_cont(0.9) WITHIN GROUP (ORDER BY CASE WHEN first THEN claim_seconds END) AS claim_p90
               FROM escalation WHERE created_at >= $1 AND created_at < $2 AND claimer_id IS NOT NULL GROUP BY claimer_id) c USING (id)) AS x
  JOIN person p ON p.account_id = app_account() AND p.id = x.id
 ORDER BY coalesce(x.handed, 0) + coalesce(x.taken, 0) DESC, lower(p.name), p.id LIMIT 50;
