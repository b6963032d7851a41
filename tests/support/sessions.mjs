// Sessions for tests: flows that are made to be run, and runs of them, through the API.
import assert from 'node:assert/strict';
import { API, colleague, register } from './accounts.mjs';
import { madeAndPublished } from './flows.mjs';
import { startStack } from './stack.mjs';

const field = (name, kind, more = {}) => ({ name, label: `The ${name}`, kind, required: false, help: '', options: [], default: null, ...more });

// A decision with a loop back, an action, and two ends; fields of most kinds.
export const runnable = () => ({
	name: 'VPN drops hourly', type: 'troubleshooting', description: '',
	structure: {
		start: 'n1',
		nodes: [
			{ id: 'n1', kind: 'decision', title: 'Does [VAR:server] answer?', body: 'Ping [VAR:server] from [VAR:site].', help: 'Four of four.',
				options: [{ id: 'yes', label: 'Yes', next: 'n3' }, { id: 'no', label: 'No', next: 'n2' }, { id: 'never', label: 'It never did', next: 'n4' }] },
			{ id: 'n2', kind: 'action', title: 'Restart [VAR:server]', body: 'Sign in with [VAR:pass].', next: 'n1', required: true },
			{ id: 'n3', kind: 'answer', title: 'The line is fine', body: '', outcome: 'resolved' },
			{ id: 'n4', kind: 'answer', title: 'Call the provider', body: '', outcome: 'escalate' },
		],
	},
	intake: [field('server', 'text', { required: true, help: 'Its name in the monitoring' }), field('site', 'text'), field('pass', 'password'),
		field('count', 'number'), field('size', 'select', { options: ['small', 'large'] }), field('backup', 'checkbox'), field('since', 'date'),
		field('contact', 'email'), field('gateway', 'ip', { required: true }), field('story', 'textarea')],
});

// Sections, steps that may be skipped and such that may not.
export const procedure = () => ({
	name: 'New workstation', type: 'procedural', description: '',
	structure: {
		start: 's1',
		nodes: [
			{ id: 's1', kind: 'section', title: 'Unpack', next: 'p1' },
			{ id: 'p1', kind: 'action', title: 'Check the delivery', body: '', next: 'p2', required: true },
			{ id: 'p2', kind: 'action', title: 'Stick the label on', body: '', next: 's2' },
			{ id: 's2', kind: 'section', title: 'Install', next: 'p3' },
			{ id: 'p3', kind: 'action', title: 'Join the domain', body: '', next: null, required: true },
		],
	},
	intake: [],
});

export const sessionCall = stack => (method, path, who, json, headers) =>
	stack.request(method, `${API}/sessions${path}`, { bearer: who?.access_token, json, headers });

export async function startSession(stack, who, tree, fields = {}) {
	const answer = await stack.request('POST', `${API}/sessions`, { bearer: who.access_token, json: { tree_id: tree, ...fields } });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

export async function prepareSession(stack, who, tree, fields = {}) {
	const answer = await stack.request('POST', `${API}/sessions/prepare`, { bearer: who.access_token, json: { tree_id: tree, ...fields } });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

export const runnableFlow = (stack, who) => madeAndPublished(stack, who, runnable());
export const procedureFlow = (stack, who) => madeAndPublished(stack, who, procedure());

// A stack with those who meet over a session: its owner's team, with two engineers and a viewer, and a stranger.
export async function openSessions() {
	const stack = await startStack();
	try {
		const [owner, stranger] = [await register(stack), await register(stack)];
		const [engineer, other, viewer] = [await colleague(stack, owner, 'engineer'), await colleague(stack, owner, 'engineer'), await colleague(stack, owner, 'viewer')];
		await stack.sql('UPDATE person SET team_id = (SELECT team_id FROM person WHERE id = $1) WHERE account_id = (SELECT account_id FROM person WHERE id = $1)', [owner.user.id]);
		return { stack, call: sessionCall(stack), owner, engineer, other, viewer, stranger, flow: await runnableFlow(stack, owner) };
	} catch (error) {
		await stack.stop();
		throw error;
	}
}
