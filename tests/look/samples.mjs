// What the templates are shown with: each page in its states.  The keys are those its comment names.
const hour = 3600e3;
const time = ms => new Date(Date.UTC(2026, 10, 21, 11) - ms).toISOString().replace('.000', '');
const id = n => `0193c0de-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const signedOut = {
	app_css: 'app.css', app_js: { name: 'app.js', integrity: '' }, editor_js: { name: 'editor.js', integrity: '' }, library_js: { name: 'library.js', integrity: '' }, run_js: { name: 'run.js', integrity: '' }, queue_js: { name: 'queue.js', integrity: '' }, icon: 'icon.svg', csrf: 'c5f0', request_id: '7f3a9b52c1d84e60a1',
	theme: 'auto', user_name: '', user_email: '', account_name: '', role: '', flash: '', flash_kind: '',
	unread_notices: 0, unread_more: false, escalations: 0, escalations_more: false, last_event: 0, at_escalations: false, chime: false, signed_in: false, can_invite: false, can_see_users: false, is_platform: false, at_platform: false, read_only: false, has_webhooks: true, has_insight: true, has_fast_lane: true, inside: '', look_over: false, closing: '', is_keeper: false, is_engineer: false,
	demo: true, error: false, path: '/', at_home: false, at_flows: false, at_sessions: false, at_users: false, at_notices: false, at_profile: false,
};
export const signedIn = {
	...signedOut, signed_in: true, user_name: 'Dana Okafor', user_email: 'dana@northgate-it.example',
	account_name: 'Northgate IT', role: 'team_admin', unread_notices: 3, can_invite: true, can_see_users: true,
	is_engineer: true,
};

const field = (kind, name, label, more = {}) => ({
	name, id: name, label, value: '', hint: '', error: '', autocomplete: '', inputmode: '', list: '', type: 'text', accept: '', optional: false,
	checked: false, autofocus: false, options: [], is_text: false, is_email: false, is_password: false,
	is_textarea: false, is_select: false, is_checkbox: false, is_file: false, is_hidden: false, [`is_${kind}`]: true, ...more,
});
const form = (action, button, fields, once = 'a81c') => ({
	action, button, once, fields, upload: fields.some(f => f.is_file), failed: fields.some(f => f.error),
	errors: fields.filter(f => f.error).map(f => ({ field: f.id, message: f.error })),
});
const options = (chosen, ...labels) => labels.map(label => ({ value: label.toLowerCase(), label, selected: label === chosen }));
const email = more => field('email', 'email', 'E-mail address', { autocomplete: 'username', ...more });
const password = more => field('password', 'password', 'Password', { autocomplete: 'current-password', ...more });
const fresh = more => password({ label: 'New password', autocomplete: 'new-password',
	hint: '12 characters or more. A few words in a row are good.', ...more });
const pager = (many, label) => ({
	many, label, previous: many ? '?page=1' : '', next: many ? '?page=3' : '',
	numbers: [1, 2, 3, 0, 9].map(n => ({ label: String(n), url: `?page=${n}`, current: n === 2, gap: !n })),
});

const login = bad => form('/login', 'Sign in', [
	email({ value: bad ? 'dana@' : '', autofocus: !bad, error: bad ? 'Enter an e-mail address such as name@company.example' : '' }),
	password({ error: bad ? 'Enter your password' : '' }),
]);
const register = (joined, bad) => form('/register', joined ? 'Join' : 'Create the account', [
	field('text', 'name', 'Your name', { autocomplete: 'name', value: bad ? 'Dana Okafor' : '' }),
	joined ? field('hidden', 'invite_code', '', { value: 'rf-8841' })
		: field('text', 'account_name', 'Company', { autocomplete: 'organization', hint: 'Your colleagues see this name.', error: bad ? 'Enter the name of your company' : '' }),
	email(), fresh({ label: 'Password' }),
]);
const profile = form('/profile', 'Save', [
	field('text', 'name', 'Your name', { autocomplete: 'name', value: 'Dana Okafor' }),
	field('select', 'theme', 'Colours', { options: options('As the device', 'As the device', 'Light', 'Dark') }),
	field('checkbox', 'shortcuts', 'Single-key shortcuts', { checked: true, hint: 'Digits choose an answer, ? lists all keys. Switch this off if you dictate.' }),
]);
const role = chosen => field('select', 'role', 'Role', { options: options(chosen, 'Viewer', 'Engineer', 'Team admin') });
const team = () => field('select', 'team_id', 'Team', { optional: true, options: options('', 'None', 'Service desk', 'Network') });
const invite = form('/invites', 'Make the invite', [
	role('Engineer'), team(), field('email', 'email', 'E-mail address', { optional: true, hint: 'We send the link there.' }),
	field('text', 'max_uses', 'How often it can be used', { value: '1', inputmode: 'numeric' }),
]);

const people = [
	['Dana Okafor', 'dana', 'Team admin', 'Service desk', true, 0.02],
	['Jonas Weidenfeller', 'jonas', 'Engineer', 'Network', true, 5],
	['Maria-Theresia Hochstetter-Llewellyn', 'maria-theresia.hochstetter', 'Engineer', 'Service desk', true, 30],
	['Sam Ito', 'sam', 'Viewer', '', false, 24 * 90],
	['Emil Brandt', 'emil', 'Engineer', '', false, 24 * 200],
].map(([name, mail, role_label, team_name, active, hours], at) => ({
	id: id(at), name, email: `${mail}@northgate-it.example`, role_label, team: team_name, active, you: at === 0, owner: at === 0, left: at === 4, verified: at !== 2, second_factor: at === 0,
	last_seen: time(hours * hour), last_seen_ago: 'a while ago',
}));
const person = {
	...people[1], joined: time(24 * 200 * hour), joined_ago: '200 days ago', left_at: '', left_ago: '',
};
const device = (at, agent, address, current) => ({
	id: id(at), agent, address, current, since: time(24 * hour * (at + 1)), since_ago: `${at + 1} days ago`,
	last_seen: time(at * hour), last_seen_ago: `${at} h ago`,
});
const madeInvite = (at, role_label, team_name, mail, uses, max_uses, state) => ({
	id: id(at), role_label, team: team_name, email: mail, made_by: 'Dana Okafor', uses, max_uses, state,
	open: state === 'Open', renewable: state !== 'Used', once: 'a81c', used_by: uses ? 'Sam Ito' : '', more_used: uses > 1, used: time(hour), used_ago: '1 h ago', expires: time(-6 * 24 * hour), expires_text: 'in 6 days',
});
const everybody = {
	minutes: 5, q: '', csv: '/users.csv', filtered: false, roles: options('All', 'All', 'Engineer', 'Viewer'),
	teams: options('All', 'All', 'Service desk', 'Network'), statuses: options('All', 'All', 'Active', 'Left'),
};
const held = [{ title: 'Open sessions', more: 'and 7 more', total: 8, may_hand_on: true, items: [{ href: '/sessions/1', name: 'VPN connection drops', about: 'Hofer Bakeries', at: time(hour), ago: '1 h ago' }] }];
const states = ['All', 'Open', 'Used', 'Expired', 'Revoked'].map(label => ({ label, url: `?state=${label}`, current: label === 'All' }));
const renamed = form('/teams/1', 'Rename', [field('text', 'name', 'Name', { value: 'Network' })]);
const network = { id: id(2), name: 'Network', form: renamed, wrong: renamed };
const notice = (at, text, unread) => ({
	id: id(at), text, unread, leads: at > 0, at: time(at * 7 * hour), at_ago: `${at} h ago`,
});
const failure = (status, title, message, advice, retry = false) => ({
	status, title, message, advice, retry, retry_href: '/', href: '/', link: 'Home page',
});
const noSessions = { runs: true, has_going: false, has_others: false, has_waiting: false, last: [], going: [], waiting: [] };
const going = (n, name, more) => ({ id: id(n), name, step: 'Does the VPN hold for 30 minutes now?', about: 'Hofer Bakeries, ticket NB-20756', ago: '12 min ago', wakes: '', at: time(hour / 5), parked: false, escalated: false, ...more });
const sessions = {
	runs: true, has_going: true, has_others: true, has_waiting: true, last: [going(1, 'VPN connection drops')],
	going: [going(2, 'Wi-Fi is slow or drops', { parked: true, wakes: '22 November 2026, 08:00 UTC' }), going(3, 'New PC setup', { step: '', about: '' })],
	waiting: [{ id: id(4), name: 'New user onboarding', about: '', preparer: 'Maren Holt', ago: '9 days ago', at: time(hour * 217), mine: false, stale: true, outdated: true }],
};
const noFlows = { flows: { pinned: [], recent: [] }, sessions: noSessions, has_flows: false, has_pinned: false, may_make: true };
const home = { verified: true, setting_up: false, people: 4, teams: 2, plan: 'Team', role_label: 'Team admin', steps: [] };

// name of the page to make: [template, frame, model]
const step = (number, kind, title, more = {}) => ({
	id: `s${number}`, number, kind, title, outcome: '', body: '', help: '', decision: false, action: false, answer: false,
	section: false, required: false, unreachable: false, start: number === 1, straight: false, ways: [], [kind]: true, ...more,
});
const way = (label, number, more = {}) => ({ label, target: '', id: `s${number}`, number, back: false, ends: false, missing: false, ...more });
const blank = (label, more = {}) => ({ label, help: '', required: true, checkbox: false, lines: false, options: [], ...more });
const booklet = {
	name: 'VPN does not connect', type: 'Troubleshooting flow', date: '2026-11-21', back: '/flows/1', file: '/flows/1/file', version: 4,
	description: '<p>For the client <strong>without</strong> split tunnel.</p>\n', asks: true,
	picture: '<svg viewBox="0 0 1200 80" width="1200" height="80" role="img" aria-label="The flow"><rect width="160" height="60"></rect></svg>',
	fields: [blank('Server'), blank('Site', { options: ['Berlin', 'Leeds'] }), blank('Remote hands agreed', { checkbox: true }), blank('Symptoms', { required: false, lines: true, help: 'In the words of the caller' })],
	steps: [
		step(1, 'decision', 'Does the sign-in page load?', { body: '<p>Open it on <span class="var" data-name="server">Server <code>server</code></span>.</p>\n', ways: [way('Yes', 2), way('No', 4), way('Not sure', 0, { missing: true })] }),
		step(2, 'action', 'Reset the token', { required: true, body: '<pre><code>reset-token --user <span class="var unknown" data-name="who"><code>who</code> <em>is no field of this flow</em></span>\n</code></pre>\n', help: '<p>Ask for the second factor first.</p>\n', straight: true, ways: [way('', 3)] }),
		step(3, 'answer', 'It works', { outcome: 'Resolved' }),
		step(4, 'action', 'Look at DNS', { ways: [way('', 1, { back: true })] }),
		step(5, 'section', 'Left over', { unreachable: true, ways: [way('', 0, { ends: true })] }),
	],
};

export const samples = {
	welcome: ['people/welcome', signedOut, { can_register: true }],
	login: ['people/login', signedOut, { form: login(false), notice: 'You have been signed out.', can_register: true }],
	login_errors: ['people/login', { ...signedOut, error: true }, { form: login(true), notice: '', can_register: false }],
	register: ['people/register', signedOut, { form: register(false), closed: false, joins: '', joins_as: '', plan: '' }],
	register_errors: ['people/register', { ...signedOut, error: true }, { form: register(false, true), closed: false, joins: '', joins_as: '', plan: '' }],
	register_invite: ['people/register', signedOut, { form: register(true), closed: false, joins: 'Northgate IT', joins_as: 'engineer', plan: '' }],
	register_closed: ['people/register', signedOut, { form: register(false), closed: true, joins: '', joins_as: '', plan: '' }],
	forgot: ['people/forgot', signedOut, { form: form('/forgot', 'Send the link', [email({ autofocus: true })]) }],
	forgot_sent: ['people/forgot_sent', signedOut, { email: 'dana@northgate-it.example', lifetime: '1 hour' }],
	reset: ['people/reset', signedOut, { form: form('/reset', 'Set the password', [field('hidden', 'token', '', { value: 't' }), fresh()]) }],
	verify: ['people/verify', signedOut, { form: form('/confirm', 'Confirm', [field('hidden', 'token', '', { value: 't' })]), email: 'dana@northgate-it.example' }],
	verified: ['people/verified', signedIn, {}],
	link_spent: ['people/link_spent', signedOut, { title: 'This link was used already', message: 'Each link sets one new password. If that was not you, ask for another at once.', href: '/forgot', link: 'Ask for a new link' }],
	home_new: ['app/home', { ...signedIn, at_home: true, flash: 'Your account is ready.', flash_kind: 'good', unread_notices: 0 }, { ...noFlows, account: { ...home, verified: false, setting_up: true, people: 1, teams: 0, steps: [
		{ title: 'Create your account', hint: 'Northgate IT', href: '/profile', done: true },
		{ title: 'Set up your profile', hint: 'Your name, light or dark, shortcuts', href: '/profile', done: false },
		{ title: 'Invite a colleague', hint: 'Somebody has to take your hand-offs', href: '/invites', done: false },
	] } }],
	home: ['app/home', { ...signedIn, at_home: true }, { ...noFlows, sessions, account: home }],
	profile: ['people/profile', { ...signedIn, at_profile: true, flash: 'Saved.', flash_kind: 'good' }, { form: profile, verified: true, role_label: 'Team admin', team: 'Service desk', password_changed: time(24 * 40 * hour), password_changed_ago: '40 days ago', devices: 3, keys: 1, second_factor: true }],
	password: ['people/password', { ...signedIn, at_profile: true, error: true }, { form: form('/profile/password', 'Change password', [
		password({ name: 'current_password', id: 'current_password', label: 'Current password', error: 'This is not your current password' }), fresh(),
		field('checkbox', 'sign_out_others', 'Sign out all other devices', { checked: true }),
	]) }],
	device_end: ['people/device_end', { ...signedIn, at_profile: true, error: true }, { title: 'Sign out Safari on iPhone', lead: 'At 203.0.113.24 it will have to sign in again.',
		form: form('/devices/1/end', 'Sign out', [password({ name: 'current_password', id: 'current_password', label: 'Your password', error: 'This is not your current password.' })]) }],
	devices: ['people/devices', { ...signedIn, at_profile: true }, { others: 2, others_label: '2 other devices', devices: [
		device(0, 'Firefox on Windows', '203.0.113.24', true), device(3, 'Safari on iPhone', '2001:db8:85a3:8d3:1319:8a2e:370:7348', false), device(20, 'Chrome on Linux', '198.51.100.7', false),
	] }],
	users: ['people/users', { ...signedIn, at_users: true }, { ...everybody, total: 5, pager: pager(true, 'users'), users: people }],
	users_none: ['people/users', { ...signedIn, at_users: true }, { ...everybody, total: 0, q: 'zebra', filtered: true, pager: pager(false, ''), users: [] }],
	user: ['people/user', { ...signedIn, at_users: true }, { person, factor: { id: id(1), since: time(50 * hour), since_ago: '2 days ago', may_reset: true }, may_change: true, may_own: true, may_go: true, has_held: true, held, has_devices: true,
		devices: [device(1, 'Firefox on Windows', '203.0.113.24', false)], why_not: '', form: form('/users/1', 'Save', [role('Engineer'), team()]) }],
	user_last: ['people/user', { ...signedIn, at_users: true }, { person: { ...person, ...people[0], last_seen: '' }, factor: { id: id(1), since: '', since_ago: '', may_reset: false }, may_change: false, may_own: false, may_go: false, has_held: false, held: [], has_devices: false, devices: [], why_not: 'The last team admin can not be changed. Make somebody else one first.', form: form('/users/1', 'Save', []) }],
	invites: ['people/invites', { ...signedIn, at_users: true }, { total: 3, q: '', filtered: false, states, pager: pager(true, 'invites'), form: invite, invites: [
		madeInvite(1, 'Engineer', 'Network', 'priya@northgate-it.example', 0, 1, 'Open'), madeInvite(2, 'Viewer', '', '', 3, 10, 'Open'), madeInvite(3, 'Engineer', '', '', 1, 1, 'Used'),
	] }],
	invites_none: ['people/invites', { ...signedIn, at_users: true }, { total: 0, q: '', filtered: false, states, pager: pager(false, ''), form: invite, invites: [] }],
	invite_made: ['people/invite_made', { ...signedIn, at_users: true }, { url: 'https://flows.northgate-it.example/register?invite=RF-7Q2M-93KD-VT8A-LLX0', role_label: 'Engineer', email: 'priya@northgate-it.example', mailed: true, expires_text: '28 November 2026', max_uses: 1 }],
	teams: ['people/teams', { ...signedIn, at_users: true }, { may_change: true, total: 2, form: form('/teams', 'Add', [field('text', 'name', 'Name')]), teams: [{ id: id(1), name: 'Service desk', members: 12 }, { id: id(2), name: 'Network', members: 3 }] }],
	team: ['people/team', { ...signedIn, at_users: true }, { ...network, total: 5, active: 4, has_others: true, pager: pager(true, 'people'),
		members: people.map(one => ({ ...one, movable: one.active })), move: form('/teams/1/move', 'Move them', [field('select', 'to', 'Move to', { options: options('Service desk', 'Service desk') })]) }],
	team_none: ['people/team', { ...signedIn, at_users: true }, { ...network, total: 0, active: 0, has_others: false, pager: pager(false, ''), members: [], move: null }],
	notices: ['notices/list', { ...signedIn, at_notices: true }, { any: true, many: true, newer: true, older: '?before=x', days: [{ day: 'Today', number: 1, notices: [
		notice(1, 'Jonas handed a case to you: VPN for Brackenridge Dental', true), notice(4, 'Prepared for you: “New starter” for Fairlight Legal, by Friday', true), notice(0, 'Your password was changed', false),
	] }] }],
	notices_none: ['notices/list', { ...signedIn, at_notices: true, unread_notices: 0 }, { any: false, many: false, newer: false, older: '', days: [] }],
	kept_form: ['people/kept_form', signedIn, { action: '/sessions/1/notes', button: '', kept_at: time(0.05 * hour), kept_at_ago: '3 min ago', shown: [{ label: 'Note', value: 'Restarted the spooler on PRN-02.\nStill two jobs stuck; the driver is from 2019.' }, { label: 'Time spent', value: '' }], hidden: [{ name: 'note', value: 'Restarted …' }] }],
	error_404: ['app/error', signedIn, failure(404, 'This page is not here', 'It may have moved, or the address has a slip in it.', 'If a colleague sent you the link, ask whether it was shared with your account.')],
	error_503: ['app/error', signedOut, failure(503, 'One moment, please', 'The database is away. Nothing that you saved is lost.', '', true)],
	booklet: ['flows/booklet', signedIn, booklet],
	alone: ['flows/alone', {}, booklet],
	dev_mail: ['dev/mail', signedOut, { total: 2, mails: [{ id: id(1), subject: 'Confirm your e-mail address', recipient: 'dana@northgate-it.example', at: time(0.1 * hour), at_ago: '6 min ago', state: 'sent' }, { id: id(2), subject: 'Set a new password', recipient: 'jonas@northgate-it.example', at: time(2 * hour), at_ago: '2 h ago', state: 'queued' }] }],
	dev_mail_none: ['dev/mail', signedOut, { total: 0, mails: [] }],
	dev_mail_item: ['dev/mail_item', signedOut, { subject: 'Confirm your e-mail address', sender: 'ResolutionFlow <flow@northgate-it.example>', recipient: 'dana@northgate-it.example', state: 'sent', at: time(0.1 * hour), at_ago: '6 min ago', body_text: 'Hello Dana,\n\nplease confirm your address:\nhttps://flows.example/verify?token=8d0f6a1be22c4c7f9a01b7d3e94c55aa\n\nResolutionFlow', links: [{ href: 'https://flows.example/verify?token=8d0f6a1be22c4c7f9a01b7d3e94c55aa' }] }],
};
for (const theme of ['light', 'dark']) {
	const bad = form('/dev/ui', 'Save', [
		field('text', 'b_name', 'Your name', { error: 'Enter your name', hint: 'As your colleagues know you.' }),
		field('select', 'b_role', 'Role', { error: 'Choose a role', options: options('', 'Viewer', 'Engineer') }),
		field('textarea', 'b_note', 'Note', { value: 'Two jobs stuck.', error: 'Leave out the password' }),
		field('checkbox', 'b_sure', 'I am sure', { error: 'Confirm that you are sure', hint: 'It can not be undone.' }),
	]);
	const good = form('/dev/ui', 'Save', [
		field('text', 'name', 'Your name', { value: 'Dana', hint: 'As your colleagues know you.' }), email(), password(),
		field('textarea', 'note', 'Note', { optional: true }), role('Engineer'),
		field('checkbox', 'sure', 'I am sure', { checked: true, hint: 'It can be undone.' }), field('hidden', 'secret', '', { value: '1' }),
	]);
	samples[`dev_ui_${theme}`] = ['dev/ui', { ...signedIn, theme, flash: 'Saved.', flash_kind: theme === 'light' ? 'good' : 'bad' }, { form: good, failed_form: bad, pager: pager(true, 'examples'), picture: booklet.picture, steps: booklet.steps }];
}
