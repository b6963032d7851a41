// Every route that can change something, from the router's own table: under which action the log has it, or why it has not.
// A new route is missing here until somebody has thought about it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startStack } from '../support/stack.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const DRAFT = '- the draft has a history of its own; what it becomes is logged when it is published';
const OWN = '- only what its owner sees';
const NOTHING = '- nothing is stored';
const RUN = '- the session\'s record tells it step by step';

const LOGGED = `
POST /login = sign_in.started sign_in.failed
POST /logout = sign_in.ended
POST /register = person.registered
POST /forgot = - takes as long for nobody's address; its mail is in the outbox, its use is logged
POST /reset = person.password_reset
POST /confirm = person.email_verified
POST /confirm/send = - its mail is in the outbox
POST /profile = person.renamed
POST /profile/password = person.password_changed person.password_refused
POST /devices/:device/end = sign_in.ended person.password_refused
POST /devices/end-others = sign_in.ended_others person.password_refused
POST /kept/discard = ${OWN}
POST /api/v1/auth/register = person.registered
POST /api/v1/auth/login = sign_in.started sign_in.failed
POST /api/v1/auth/login/json = sign_in.started sign_in.failed
POST /api/v1/auth/refresh = sign_in.reused
POST /api/v1/auth/logout = sign_in.ended
POST /api/v1/auth/password/forgot = - takes as long for nobody's address; its mail is in the outbox, its use is logged
POST /api/v1/auth/password/reset = person.password_reset
POST /api/v1/auth/password/change = person.password_changed person.password_refused
POST /api/v1/auth/email/verify = person.email_verified
POST /users/:user = person.changed
PATCH /api/v1/users/:user = person.changed
POST /teams = team.added
POST /teams/:team = team.renamed
POST /api/v1/teams = team.added
PATCH /api/v1/teams/:team = team.renamed
POST /invites = invite.made
POST /invites/:invite/revoke = invite.revoked
POST /api/v1/invites = invite.made
DELETE /api/v1/invites/:invite = invite.revoked
POST /notices/read = ${OWN}
POST /notices/:notice/open = ${OWN}
POST /api/v1/notices/read = ${OWN}
POST /profile/notifications = ${OWN}
PATCH /api/v1/me/preferences = ${OWN}
POST /unsubscribe/*token = person.unsubscribed
POST /unsubscribe/*token/back = person.subscribed
POST /api/v1/outbox/:mail/retry = mail.retried
POST /outbox/retry = mail.retried_all
POST /outbox/:mail/retry = mail.retried
POST /api/v1/trees = flow.created
POST /api/v1/trees/import = flow.created
PUT /api/v1/trees/:tree = flow.shown_to flow.archived flow.unarchived
DELETE /api/v1/trees/:tree = flow.deleted
POST /api/v1/trees/:tree/publish = flow.published
POST /api/v1/trees/:tree/validate = ${NOTHING}
POST /api/v1/trees/:tree/undo = ${DRAFT}
POST /api/v1/trees/:tree/redo = ${DRAFT}
POST /flows/:flow/edit = ${DRAFT}
POST /flows/:flow/order = ${DRAFT}
POST /flows/:flow/undo = ${DRAFT}
POST /flows/:flow/redo = ${DRAFT}
POST /flows/:flow/edit/*node = ${DRAFT}
POST /flows/:flow/edit/*node/preview = ${NOTHING}
POST /flows/:flow/edit/*node/duplicate = ${DRAFT}
POST /flows/:flow/edit/*node/delete = ${DRAFT}
POST /flows/:flow/edit/*node/unsent = ${DRAFT}
POST /flows/:flow/edit/*node/unsent/drop = ${DRAFT}
POST /flows/:flow/fields = ${DRAFT}
POST /flows/:flow/fields/*field = ${DRAFT}
POST /flows/:flow/fields/*field/delete = ${DRAFT}
POST /flows/:flow/fields/*field/move = ${DRAFT}
POST /flows = flow.created
POST /flows/:flow/details = flow.shown_to
POST /flows/:flow/archive = flow.archived
POST /flows/:flow/unarchive = flow.unarchived
POST /flows/:flow/delete = flow.deleted
POST /flows/:flow/history/*entry = ${DRAFT}
POST /flows/:flow/versions/*version/restore = ${DRAFT}
POST /flows/:flow/publish = flow.published
POST /api/v1/trees/:tree/versions/*version/restore = ${DRAFT}
POST /api/v1/trees/:tree/history/*entry = ${DRAFT}
POST /flows/import = ${NOTHING}
POST /flows/import/save = flow.created
POST /api/v1/trees/outline = ${NOTHING}
PUT /api/v1/trees/:tree/pin = ${OWN}
DELETE /api/v1/trees/:tree/pin = ${OWN}
POST /api/v1/trees/bulk = flow.archived flow.unarchived
POST /flows/bulk = flow.archived flow.unarchived
POST /flows/:flow/pin = ${OWN}
POST /flows/:flow/unpin = ${OWN}
POST /api/v1/folders = ${OWN}
PATCH /api/v1/folders/:folder = ${OWN}
DELETE /api/v1/folders/:folder = ${OWN}
PUT /api/v1/folders/:folder/trees/:tree = ${OWN}
DELETE /api/v1/folders/:folder/trees/:tree = ${OWN}
POST /flows/folders = ${OWN}
POST /flows/folders/:folder = ${OWN}
POST /flows/folders/:folder/delete = ${OWN}
POST /api/v1/categories = category.added
PATCH /api/v1/categories/:category = category.renamed
POST /api/v1/categories/:category/merge = category.merged
DELETE /api/v1/categories/:category = category.deleted
POST /flows/categories = category.added
POST /flows/categories/:category = category.renamed
POST /flows/categories/:category/merge = category.merged
POST /flows/categories/:category/delete = category.deleted
POST /api/v1/sessions = session.started
POST /api/v1/sessions/prepare = session.prepared
PUT /api/v1/sessions/:session = ${RUN}
PATCH /api/v1/sessions/:session/variables = ${RUN}
POST /api/v1/sessions/:session/start = session.started
POST /api/v1/sessions/:session/steps = ${RUN}
POST /api/v1/sessions/:session/back = ${RUN}
PATCH /api/v1/sessions/:session/steps/:step = ${RUN}
POST /api/v1/sessions/:session/resume = handoff.resumed
POST /api/v1/sessions/:session/abandon = session.abandoned
POST /api/v1/sessions/:session/complete = session.completed
POST /sessions/:session/steps/*visit = ${RUN}
POST /sessions/:session/steps/*visit/note = ${RUN}
POST /sessions/:session/steps/*visit/unsent = ${RUN}
POST /sessions/:session/variables = ${RUN}
POST /sessions/:session/complete = session.completed
POST /sessions/:session/abandon = session.abandoned
POST /sessions/start = session.started
POST /sessions/:session/start = session.started
POST /sessions/prepare = session.prepared
POST /sessions/:session/edit = ${RUN}
POST /sessions/:session/anew = session.prepared session.abandoned
POST /sessions/:session/park = handoff.parked
POST /sessions/:session/resume = handoff.resumed
POST /sessions/:session/export = session.exported session.exported_unredacted
POST /api/v1/sessions/:session/export = session.exported session.exported_unredacted
POST /sessions/:session/shares = session.shared
POST /sessions/:session/shares/:share/revoke = session.share_revoked
POST /api/v1/sessions/:session/shares = session.shared
DELETE /api/v1/sessions/:session/shares/:share = session.share_revoked
POST /s/*token = session.share_opened
POST /verify = ${NOTHING}
POST /api/v1/redaction-patterns = redaction.added
DELETE /api/v1/redaction-patterns/:pattern = redaction.deleted
POST /redaction = redaction.added
POST /redaction/try = ${NOTHING}
POST /redaction/:pattern/delete = redaction.deleted
POST /api/v1/sessions/:session/handoff = handoff.created
POST /api/v1/ai-sessions/:session/handoff = handoff.created
POST /api/v1/escalations/:handoff/claim = handoff.claimed
POST /api/v1/escalations/:handoff/release = handoff.released
POST /api/v1/escalations/:handoff/resolve = handoff.resolved
POST /api/v1/escalations/:handoff/cancel = handoff.cancelled
POST /escalations/rules = escalation_rules.changed
PUT /api/v1/escalations/rules = escalation_rules.changed
POST /sessions/:session/handoff = handoff.created
POST /escalations/:handoff/claim = handoff.claimed
POST /escalations/:handoff/cancel = handoff.cancelled
POST /escalations/:handoff/resolve = handoff.resolved
POST /escalations/:handoff/release = handoff.released
POST /api/v1/webhooks = webhook.added
PATCH /api/v1/webhooks/:webhook = webhook.changed
DELETE /api/v1/webhooks/:webhook = webhook.deleted
POST /api/v1/webhooks/:webhook/secret = webhook.secret_changed
POST /api/v1/webhooks/:webhook/resume = webhook.resumed
POST /api/v1/webhooks/:webhook/test = webhook.tested
POST /api/v1/webhooks/:webhook/calls/:call/again = webhook.call_repeated
POST /webhooks = webhook.added
POST /webhooks/:webhook = webhook.changed
POST /webhooks/:webhook/delete = webhook.deleted
POST /webhooks/:webhook/secret = webhook.secret_changed
POST /webhooks/:webhook/test = webhook.tested
POST /webhooks/:webhook/resume = webhook.resumed
POST /webhooks/:webhook/calls/:call/again = webhook.call_repeated
POST /login/code = sign_in.started second_factor.refused
POST /login/recovery = sign_in.started recovery_code.used
POST /profile/second-factor = - nothing holds until it is confirmed
POST /profile/second-factor/confirm = second_factor.turned_on
POST /profile/second-factor/codes = recovery_codes.made
POST /profile/second-factor/off = second_factor.turned_off
POST /api/v1/auth/totp = - nothing holds until it is confirmed
POST /api/v1/auth/totp/confirm = second_factor.turned_on
POST /api/v1/auth/totp/recovery-codes = recovery_codes.made
DELETE /api/v1/auth/totp = second_factor.turned_off
POST /account/security = account.security_changed
PUT /api/v1/account/security = account.security_changed
POST /users/:user/second-factor = second_factor.reset
DELETE /api/v1/users/:user/totp = second_factor.reset
PUT /api/v1/accounts/:account/limits = account.limits_changed
POST /platform/accounts/:account/limits = account.limits_changed
POST /api/v1/plans = plan.added
PUT /api/v1/plans/*plan = plan.changed
POST /api/v1/plans/*plan/retire = plan.retired
POST /api/v1/plans/*plan/restore = plan.restored
POST /platform/plans = plan.added
POST /platform/plans/*plan = plan.changed
POST /platform/plans/*plan/retire = plan.retired
POST /platform/plans/*plan/restore = plan.restored
POST /api/v1/platform/accounts = account.made
POST /platform/accounts = account.made
PATCH /api/v1/platform/accounts/:account = account.plan_changed
POST /platform/accounts/:account/plan = account.plan_changed
POST /api/v1/platform/accounts/:account/suspend = account.suspended
POST /platform/accounts/:account/suspend = account.suspended
POST /api/v1/platform/accounts/:account/resume = account.resumed
POST /platform/accounts/:account/resume = account.resumed
POST /api/v1/platform/codes = platform_code.made
POST /platform/codes = platform_code.made
DELETE /api/v1/platform/codes/:code = platform_code.revoked
POST /platform/codes/:code/revoke = platform_code.revoked
POST /api/v1/platform/accounts/:account/look = look.begun
POST /platform/accounts/:account/look = look.begun
POST /api/v1/platform/leave = look.ended
POST /platform/leave = look.ended
POST /api/v1/platform/jobs/:job/retry = job.retried
POST /platform/jobs/:job/retry = job.retried
DELETE /api/v1/platform/jobs/:job = job.dropped
POST /platform/jobs/:job/drop = job.dropped
POST /profile/keys = key.made
POST /profile/keys/:key/revoke = key.revoked
POST /keys/:key/revoke = key.revoked
POST /api/v1/keys = key.made
DELETE /api/v1/keys/:key = key.revoked
DELETE /api/v1/account/keys/:key = key.revoked
POST /users/:user/devices/end = sign_in.ended_all
POST /users/:user/devices/:device/end = sign_in.ended
DELETE /api/v1/users/:user/devices = sign_in.ended_all
DELETE /api/v1/users/:user/devices/:device = sign_in.ended
POST /users/:user/deactivate = person.changed
POST /users/:user/reactivate = person.changed
POST /users/:user/remove = person.left
POST /users/:user/owner = account.handed_on
DELETE /api/v1/users/:user = person.left
POST /api/v1/users/:user/owner = account.handed_on
POST /teams/:team/move = person.changed
POST /teams/:team/delete = team.deleted
POST /api/v1/teams/:team/members = person.changed
POST /api/v1/teams/:team/delete = team.deleted
POST /invites/:invite/renew = invite.renewed
POST /api/v1/invites/:invite/renew = invite.renewed
POST /invites/bulk = - a list that is judged; what it sends is logged
POST /invites/bulk/:batch/send = invite.made
POST /api/v1/invites/bulk = invite.made
POST /users/:user/sessions = session.handed_to
POST /api/v1/users/:user/sessions/hand-to = session.handed_to
POST /account = account.changed
PUT /api/v1/account = account.changed
POST /account/retention = retention.changed
POST /account/retention/kept/:session = session.kept
POST /account/retention/kept/:session/release = session.kept_no_more
PUT /api/v1/account/retention = retention.changed
PUT /api/v1/account/retention/kept/:session = session.kept
DELETE /api/v1/account/retention/kept/:session = session.kept_no_more
POST /account/archive = archive.asked
POST /api/v1/account/archives = archive.asked
POST /account/close = account.closed
POST /account/close/off = account.kept
POST /api/v1/account/closing = account.closed
DELETE /api/v1/account/closing = account.kept
PUT /api/v1/flags/*flag = flag.changed
PUT /api/v1/flags/*flag/accounts/:account = flag.changed
DELETE /api/v1/flags/*flag/accounts/:account = flag.changed
POST /platform/flags/*flag = flag.changed
POST /platform/flags/*flag/accounts = flag.changed
POST /platform/flags/*flag/accounts/:account/remove = flag.changed
GET /sessions.csv = session.list_exported
GET /flows.csv = flow.list_exported
GET /audit.csv = audit.exported
GET /s/*token = session.share_opened
`;

let stack;
let routes;
const table = new Map(LOGGED.trim().split('\n').map(line => line.split(' = ')));

before(async () => {
	stack = await startStack();
	routes = stack.command(['routes']).trim().split('\n').map(line => line.split(/\s+/).slice(0, 2).join(' '));
});
after(() => stack?.stop());

test('every route that changes something is in the table, and nothing else', () => {
	const changing = routes.filter(route => !route.startsWith('GET ') && !route.includes(' /dev/'));
	assert.deepEqual(changing.filter(route => !table.has(route)), [], 'name its action, or say why it has none');
	assert.deepEqual([...table.keys()].filter(route => !routes.includes(route)), []);
});

test('every action that is named is written somewhere', () => {
	const files = fs.readdirSync(`${ROOT}/fcgi`, { recursive: true }).filter(name => /\.(c|sql)$/.test(name)).map(name => `${ROOT}/fcgi/${name}`)
		.concat(fs.readdirSync(`${ROOT}/migrations`).map(name => `${ROOT}/migrations/${name}`));
	const text = files.map(file => fs.readFileSync(file, 'utf8')).join('\n');
	const states = ['created', 'claimed', 'released', 'resolved', 'cancelled', 'parked', 'resumed'].map(word => `handoff.${word}`); // of a table
	const actions = [...table.values()].filter(value => !value.startsWith('-')).flatMap(value => value.split(' '));
	for (const action of new Set(actions)) {
		assert.match(action, /^[a-z_]+\.[a-z_]+$/);
		assert.ok(states.includes(action) || text.includes(`"${action}"`) || text.includes(`'${action}'`), action);
	}
});

test('each that has none says why', () => {
	for (const [route, value] of table)
		assert.ok(!value.startsWith('-') || value.length > 15, route);
});
