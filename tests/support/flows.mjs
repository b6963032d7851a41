// Flows for tests: small sound ones, made through the API.
import assert from 'node:assert/strict';
import { API } from './accounts.mjs';

// A decision, a loop back and two answers.
export const structure = () => ({
	start: 'n1',
	nodes: [
		{ id: 'n1', kind: 'decision', title: 'Does the gateway answer?', body: 'Ping [VAR:gateway].', help: 'Four answers of four.',
			options: [{ id: 'o1', label: 'Yes', next: 'n3' }, { id: 'o2', label: 'No', next: 'n2' }] },
		{ id: 'n2', kind: 'action', title: 'Restart the router', body: 'Wait **two** minutes.', next: 'n1', required: true },
		{ id: 'n3', kind: 'answer', title: 'The line is fine', body: '', outcome: 'resolved' },
	],
});

export const intake = () => [{ name: 'gateway', label: 'Gateway', kind: 'ip', required: true, help: 'On the router\'s label', options: [], default: null }];

export const flowBody = (fields = {}) => ({ name: 'No internet', description: 'For one site.', type: 'troubleshooting', structure: structure(), intake: intake(), ...fields });

// POST /trees: the TREE.
export async function makeFlow(stack, who, fields) {
	const answer = await stack.request('POST', `${API}/trees`, { bearer: who.access_token, json: flowBody(fields) });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

export async function publishFlow(stack, who, id, note) {
	const answer = await stack.request('POST', `${API}/trees/${id}/publish`, { bearer: who.access_token, json: { note } });
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}

export async function madeAndPublished(stack, who, fields) {
	const { id } = await makeFlow(stack, who, fields);
	return publishFlow(stack, who, id);
}
