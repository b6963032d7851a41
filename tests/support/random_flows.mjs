// Flows as authors write them, from a seed: the same seed gives the same flow.

// A small generator of numbers (mulberry32): from 0 to 1.
export function chance(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const WORDS = 'check the cable of a printer and restart its service then ask whether mail arrives again on every device'.split(' ');
const LABELS = ['Yes', 'No', 'Some of them', 'It did not help', 'Never seen before', 'Only over Wi-Fi'];

// A structure of `size` nodes: decisions with 2 to 4 options, actions, answers; of the ways some join what is there
// already, some go back to a node on the way.
export function makeFlow(seed, size, { joins = 0.2, loops = 0.07 } = {}) {
	const next = chance(seed * 7919 + size);
	const upTo = n => Math.floor(next() * n);
	const words = n => Array.from({ length: n }, () => WORDS[upTo(WORDS.length)]).join(' ');
	const nodes = [];
	const parents = [];
	const open = [];
	const add = (kind, parent) => {
		nodes.push({ id: `n${nodes.length}`, kind, title: words(2 + upTo(7)), body: '', help: '' });
		parents.push(parent);
		if (kind !== 'answer')
			open.push(nodes.length - 1);
		return nodes.length - 1;
	};
	const ancestors = at => (parents[at] < 0 ? [] : [parents[at], ...ancestors(parents[at])]);
	const target = from => {
		const alone = !open.length && nodes.length < size;
		const dice = alone ? 1 : next();
		const above = ancestors(from);
		if (dice < loops && above.length)
			return above[upTo(Math.min(above.length, 5))];
		const others = open.concat(nodes.map((_, at) => at).slice(-12)).filter(at => at !== from && !above.includes(at));
		const full = nodes.length >= size;
		if ((full || dice < loops + joins) && others.length)
			return others[upTo(others.length)];
		if (full)
			return nodes.length - 1;
		const kinds = open.length < 2 ? ['decision', 'action'] : ['decision', 'decision', 'action', 'action', 'answer'];
		return add(kinds[upTo(kinds.length)], from);
	};
	add('decision', -1);
	while (open.length) {
		const at = open.splice(upTo(Math.min(open.length, 2)), 1)[0];
		const node = nodes[at];
		if (node.kind === 'decision')
			node.options = Array.from({ length: [2, 2, 2, 3, 3, 4][upTo(6)] }, (_, option) =>
				({ id: `o${option}`, label: LABELS[upTo(LABELS.length)], next: nodes[target(at)].id }));
		else
			node.next = nodes[target(at)].id;
	}
	for (const node of nodes.filter(({ kind }) => kind === 'answer'))
		node.outcome = ['resolved', 'escalate', 'unresolved'][upTo(3)];
	return { start: 'n0', nodes };
}
