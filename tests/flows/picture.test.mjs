// How often lines cross in our pictures and in those of Graphviz, of the same flows, counted the same way: the points
// where lines as they are drawn cross (one point where a line crosses several that run together into one box, as the
// eye sees it).  Near a box that both lines share nothing is counted, for there they meet anyway.  Graphviz has no labels
// to place, which is to its advantage.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeFlow } from '../support/random_flows.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const DRAW = path.join(process.env.RF_TEST_BUILD ?? path.join(ROOT, 'build'), 'tests/flows/draw');
const DEMO = path.join(ROOT, 'fcgi/app/demo');

function run(program, args, input) {
	const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
	assert.ok(!error && status === 0, `${program} ${error ?? stderr}`);
	return stdout;
}

const ours = flow => JSON.parse(run(DRAW, ['layout'], JSON.stringify(flow)));

// Each Bézier piece of dot's curves as eight straight ones.
function flatten(curve) {
	const points = [curve[0]];
	for (let at = 0; at + 3 < curve.length; at += 3) {
		const [a, b, c, d] = curve.slice(at, at + 4);
		for (let step = 1; step <= 8; step++) {
			const t = step / 8;
			const u = 1 - t;
			points.push([0, 1].map(k => u ** 3 * a[k] + 3 * u * u * t * b[k] + 3 * u * t * t * c[k] + t ** 3 * d[k]));
		}
	}
	return points;
}

function toDot({ boxes, lines }) {
	const nodes = boxes.map(([, , width, height], at) => `${at} [width=${width / 72} height=${height / 72}];`);
	const edges = lines.filter(({ from, to }) => from !== to).map(({ from, to }) => `${from} -> ${to};`);
	return `digraph { node [shape=box fixedsize=true label=""]; ${nodes.join(' ')} ${edges.join(' ')} }`;
}

// The same boxes and lines, laid out by dot: all pictures in one go.
function graphviz(layouts) {
	const drawn = run('dot', ['-Tplain'], layouts.map(toDot).join('\n')).split(/^stop$/m).slice(0, layouts.length);
	return drawn.map(text => {
		const result = { boxes: [], lines: [] };
		for (const [what, ...words] of text.trim().split('\n').map(line => line.split(' '))) {
			const numbers = words.map(Number);
			if (what === 'node') {
				const [at, x, y, width, height] = numbers;
				result.boxes[at] = [x - width / 2, y - height / 2, width, height].map(inch => inch * 72);
			} else if (what === 'edge') {
				const [from, to, n] = numbers;
				const points = Array.from({ length: n }, (_, at) => numbers.slice(3 + at * 2, 5 + at * 2).map(inch => inch * 72));
				result.lines.push({ from, to, points: flatten(points) });
			}
		}
		return result;
	});
}

function meet([ax, ay], [bx, by], [cx, cy], [dx, dy]) {
	const side = (px, py, qx, qy, rx, ry) => Math.sign((qx - px) * (ry - py) - (qy - py) * (rx - px));
	if (side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) >= 0 || side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) >= 0)
		return null;
	const t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / ((bx - ax) * (dy - cy) - (by - ay) * (dx - cx));
	return [ax + t * (bx - ax), ay + t * (by - ay)];
}

const near = ([x, y], [left, top, width, height]) => x > left - 30 && x < left + width + 30 && y > top - 30 && y < top + height + 30;

function crossings({ boxes, lines }) {
	const points = new Set();
	for (const [at, one] of lines.entries())
		for (const other of lines.slice(at + 1)) {
			const shared = [one.from, one.to].filter(node => node === other.from || node === other.to);
			for (let p = 1; p < one.points.length; p++)
				for (let q = 1; q < other.points.length; q++) {
					const point = meet(one.points[p - 1], one.points[p], other.points[q - 1], other.points[q]);
					if (point && !shared.some(node => near(point, boxes[node])))
						points.add(point.map(Math.round).join());
				}
		}
	return points.size;
}

const absent = spawnSync('dot', ['-V']).error ? 'graphviz is not installed' : false;

function compare(flows) {
	const sum = pictures => pictures.reduce((count, picture) => count + crossings(picture), 0);
	const layouts = flows.map(ours);
	return { mine: sum(layouts), theirs: sum(graphviz(layouts)) };
}

test('200 made flows have not many more crossings than in Graphviz', { skip: absent }, t => {
	const { mine, theirs } = compare(Array.from({ length: 200 }, (_, seed) => makeFlow(seed, 5 + Math.floor(seed * 75 / 199))));
	t.diagnostic(`crossings: ${mine}, Graphviz ${theirs}`);
	assert.ok(mine <= theirs * 1.2, `${mine} against ${theirs}`);
});

test('nor have the flows of the demo', { skip: absent || (!fs.existsSync(DEMO) && 'no demo flows') }, t => {
	const files = fs.readdirSync(DEMO).filter(name => name.endsWith('.json'));
	const { mine, theirs } = compare(files.map(name => JSON.parse(fs.readFileSync(path.join(DEMO, name), 'utf8')).structure));
	t.diagnostic(`crossings: ${mine}, Graphviz ${theirs}`);
	assert.ok(mine <= theirs * 1.2 + 2, `${mine} against ${theirs}`);
});
