// HO, F24, F25: what befalls those who hand cases off and those who are told of it: by a stream, by mail, by a call.
import { setTimeout as sleep } from 'node:timers/promises';
import { API } from '../support/accounts.mjs';
import { patient } from '../support/patience.mjs';
import { startReceiver } from '../support/receiver.mjs';
import { freePort } from '../support/stack.mjs';
import { Floor, percentile } from './floor.mjs';
import { now } from './rig.mjs';

const HANDOFFS = Number(process.env.FAULTS_HANDOFFS ?? 1000);
const ROUNDS = 3;          // in each of which everything is killed once
const SPACING = 3500;      // ms over which those are spread amid which one of them is killed
const SMTP_AT_ONCE = 8;    // mails that one lane has under way
const BAD_MAIL = 120, CALLED = 60;

const seconds = ms => (ms / 1000).toFixed(2);
const milli = list => `p50 ${percentile(list, 0.5).toFixed(0)} p99 ${percentile(list, 0.99).toFixed(0)} ms`;

// ---- HO

const lane = (floor, at) => process.kill(floor.jobs.children[at], 'SIGKILL'); // in the order of the table in app/jobs.c

async function killJobs(floor) {
	await floor.rig.stack.kill('jobs');
	await sleep(300);
	await floor.startJobs();
}

async function killHub({ rig }) {
	await rig.stack.kill('hub');
	await sleep(300);
	await rig.startHub();
}

async function killDatabase({ rig, restarts }) {
	const began = now();
	await rig.down('SIGQUIT');
	await sleep(500);
	const accepted = await rig.up();
	restarts.push({ away: accepted - began, accepted });
}

// Those of mail first, for what they hold stays leased for a while.
const KILLS = [
	['mail lane', floor => lane(floor, 1)],
	['jobs', killJobs],
	['work lane', floor => lane(floor, 0)],
	['hub', killHub],
	['worker', ({ rig }) => process.kill(rig.busiest(), 'SIGKILL')],
	['PostgreSQL', killDatabase],
	['nginx reload', ({ rig }) => rig.stack.programs.nginx.kill('SIGHUP')],
];

async function killInTurn(floor) {
	const turns = ROUNDS * KILLS.length;
	for (let turn = 0; turn < turns; turn++) {
		const batch = Math.floor((turn + 1) * HANDOFFS / turns) - Math.floor(turn * HANDOFFS / turns);
		const [, kill] = KILLS[turn % KILLS.length];
		await Promise.all([floor.handOff(batch, SPACING), sleep(SPACING / 2).then(() => kill(floor))]);
	}
}

async function killed(rig) {
	const floor = await new Floor().open(rig, { streams: 10, handoffs: HANDOFFS });
	await killInTurn(floor);
	await floor.close(120);
	const { mails, streams } = floor;
	const senders = 3 * ROUNDS; // kills after which a mail may go out again
	const back = floor.restarts.map(({ away, accepted }) => `${seconds(floor.after(accepted))} s (away for ${seconds(away)})`);
	return {
		what: `${KILLS.map(([name]) => name).join(', ')}, ${ROUNDS} times in turn, under hand-offs: ${floor.line}; ` +
			`PostgreSQL takes connections, and a hand-off is acknowledged after ${back.join(', ')}`,
		checks: [...floor.checks,
			[streams.felt, 'the kills were felt'],
			[floor.restarts.every(({ accepted }) => floor.after(accepted) <= patient(1000)), 'it serves within 1 s of the database taking connections'],
			[mails.most <= 1 + senders && mails.doubled <= senders * SMTP_AT_ONCE, 'a mail is doubled only as one under way when its sender was killed']],
	};
}

// ---- F24

// A mail server as bad as it can be, one way after the other, then well again.
async function badMail(rig) {
	const floor = await new Floor().open(rig, { streams: 2, handoffs: 2 * BAD_MAIL });
	const { smtp } = floor;
	const gone = floor.accounts[0].people[3].email;
	await floor.handOff(BAD_MAIL, 4000);
	const well = [...floor.latencies];
	smtp.answers.set(gone, '550 5.1.1 No such user');
	let turns = 0, dropped = 0;
	const ways = [
		() => smtp.stop(),
		() => { smtp.start(); smtp.afterData = async mail => { mail.refused = true; return '451 4.3.0 Come again'; }; },
		() => { smtp.afterData = async () => { dropped += ++turns % 2; return turns % 2 ? null : undefined; }; }, // taken, and not said
		() => { smtp.afterData = () => sleep(3000); },
	];
	const hurt = async () => {
		for (const way of ways) {
			await way();
			await sleep(3000);
		}
		smtp.afterData = async () => undefined;
	};
	await Promise.all([floor.handOff(BAD_MAIL, ways.length * 3000), hurt()]);
	await floor.close(60, { hurried: true, gone });
	const ill = floor.latencies.slice(well.length);
	return {
		what: `mail server away, 451, closing after DATA, slow, and 550 for one: ${floor.line}; ${dropped} closed on; hand-offs before ${milli(well)}, meanwhile ${milli(ill)}`,
		checks: [...floor.checks,
			[floor.mails.refused > 0, '550 is the end of a mail, and of no other'],
			[floor.mails.doubled > 0 && floor.mails.extra <= dropped, `as many go out again as the server took without a word, at most (${floor.mails.extra})`],
			[percentile(ill, 0.99) <= Math.max(patient(500), 3 * percentile(well, 0.99)), 'hand-offs take no longer for it']],
	};
}

// ---- F25

async function badEndpoints(rig) {
	await rig.restart({ DEMO: 1 }); // calls may go to this machine
	const receiver = await startReceiver();
	receiver.answers.set('/slow', async () => { await sleep(8000); return { status: 200 }; });
	receiver.answers.set('/hangs', () => null);
	receiver.answers.set('/ill', () => ({ status: 500 }));
	const floor = await new Floor().open(rig, { streams: 2, handoffs: CALLED, jobs: { DEMO: 1 } });
	const away = `http://127.0.0.1:${await freePort()}/`;
	const paths = { 0: ['/good', '/slow', '/hangs', '/ill'], 1: ['/hangs', '/slow', '/better'], 2: ['/best'] };
	for (const [at, list] of Object.entries(paths))
		for (const path of [...list, ...(list.length > 1 ? ['closed'] : [])]) {
			const url = path === 'closed' ? away : receiver.url(path);
			const answer = await rig.stack.request('POST', `${API}/webhooks`, { bearer: floor.accounts[at].people[0].access_token,
				json: { name: path, url, kind: 'json', events: ['handoff_created'] } });
			if (answer.status !== 201)
				throw new Error(answer.text);
		}
	await floor.handOff(CALLED, 15000);
	await sleep(patient(1500));
	const delays = {};
	for (const path of ['/good', '/better', '/best'])
		delays[path] = receiver.of(path).map(call => call.at - floor.acknowledgedAt(JSON.parse(call.body).data.id));
	const all = Object.values(delays).flat();
	await floor.close(30, { mail: false });
	await receiver.stop();
	await rig.restart();
	const late = Math.max(...all);
	return {
		what: `endpoints slow, hanging, failing and away beside good ones: ${floor.line}; the good ones are called after ${milli(all)}, at most ${seconds(late)} s; ` +
			`${['/slow', '/hangs', '/ill'].map(path => `${path} ${receiver.of(path).length}`).join(', ')} calls`,
		checks: [...floor.checks,
			[Object.values(delays).every(list => list.length === CALLED / 3), 'each good endpoint is called once for each'],
			[late <= patient(1000), 'within 1 s, whatever the others do']],
	};
}

export const handoffFaults = [['HO', killed, 300], ['F24', badMail], ['F25', badEndpoints]];
