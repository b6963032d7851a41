// What leaves the product of a session: exports, their seals, redaction, links; and who may.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { browser, isProblem, race, tally } from '../support/accounts.mjs';
import { openSessions, startSession } from '../support/sessions.mjs';
import { formsOf, unescapeHtml } from '../support/visitor.mjs';

let stack;
let call;
let owner;
let engineer;
let other;
let viewer;
let stranger;
let session;
before(async () => {
	let flow;
	({ stack, call, owner, engineer, other, viewer, stranger, flow } = await openSessions());
	session = await startSession(stack, engineer, flow.id, { ticket_number: 'T-4711', client_name: 'Contoso', variables: { server: 'SRV-01', pass: 'sealed secret text' } });
	const steps = json => call('POST', `/${session.id}/steps`, engineer, json);
	await steps({ node_id: 'n1', option_id: 'no', notes: 'Reached 192.0.2.77 by mail to bob@contoso.example; password: Winter2026!' });
	await steps({ node_id: 'n2', notes: 'Wrong step' });
	await call('POST', `/${session.id}/back`, engineer);
	await call('PUT', `/${session.id}`, engineer, { scratchpad: 'only for me' });
});
after(() => stack?.stop());

const exported = (who, json = {}) => call('POST', `/${session.id}/export`, who, json);
const TYPES = { markdown: 'text/markdown', text: 'text/plain', html: 'text/html', json: 'application/json' };
const sealOf = text => /sha256:([0-9a-f]{64})/.exec(text)[1];
const digestOf = text => createHash('sha256').update(text.replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`).replaceAll('\r\n', '\n').trimEnd()).digest('hex');

test('each format has its type and name, its seal, and nothing that must not leave', async () => {
	for (const [format, type] of Object.entries(TYPES)) {
		const got = await exported(engineer, { format });
		assert.equal(got.status, 200, got.text);
		assert.ok(got.headers['content-type'].startsWith(type), got.headers['content-type']);
		assert.match(got.headers['content-disposition'], /^attachment; filename="vpn-drops-hourly\.(md|txt|html|json)"$/);
		for (const part of ['SRV-01', 'T-4711', 'Contoso'])
			assert.ok(got.text.includes(part), `${format} has ${part}`);
		for (const secret of ['192.0.2.77', 'bob@contoso.example', 'Winter2026!', 'sealed secret text', 'only for me'])
			assert.ok(!got.text.includes(secret), `${format} has no ${secret}`);
		assert.match(got.text, /REDACTED:ip/);
		assert.equal(sealOf(got.text), digestOf(got.text), format);
	}
	isProblem(await exported(engineer, { format: 'pdf' }), 422, 'invalid');
});

test('details grow; unfilled variables, the scratchpad and redaction as wished; a password never', async () => {
	const texts = [];
	for (const detail of ['summary', 'standard', 'full'])
		texts.push((await exported(engineer, { format: 'text', detail })).text);
	assert.ok(texts[0].length < texts[1].length && texts[1].length < texts[2].length);
	assert.match(texts[2], /\[VAR:site\]/);
	assert.doesNotMatch((await exported(engineer, { format: 'text', detail: 'full', unfilled: 'blank' })).text, /\[VAR:site\]/);
	assert.match((await exported(engineer, { scratchpad: true })).text, /only for me/);
	const raw = (await exported(engineer, { redact: false, detail: 'full' })).text;
	assert.match(raw, /192\.0\.2\.77/);
	assert.doesNotMatch(raw, /sealed secret text/);
	assert.doesNotMatch(texts[1], /Wrong step/);
	assert.match(texts[2], /Wrong step/);
});

test('the owner and team admins take out, nobody else', async () => {
	assert.equal((await exported(owner)).status, 200);
	isProblem(await exported(other), 403, 'forbidden');
	isProblem(await exported(viewer), 403, 'forbidden');
	isProblem(await exported(stranger), 404, 'not_found');
	isProblem(await exported(undefined), 401, 'not_signed_in');
	isProblem(await call('POST', `/${session.id}/shares`, other, {}), 403, 'forbidden');
	isProblem(await call('GET', `/${session.id}/shares`, stranger), 404, 'not_found');
});

test('the preview is edited, kept and downloaded, and its seal is known', async () => {
	const page = await browser(stack, engineer.email);
	const preview = await page.get(`/sessions/${session.id}/export?format=text&detail=standard&redact=true`);
	assert.equal(preview.status, 200, preview.text);
	assert.match(preview.text, /bob@contoso\.example/, 'hits are listed');
	const summary = await page.get(`/sessions/${session.id}/export?format=text&detail=summary&redact=true`);
	assert.doesNotMatch(summary.text, /bob@contoso\.example|Wrong step/, 'but not those of texts that stay here');
	await page.get(`/sessions/${session.id}/export?format=text&detail=standard&redact=true`);
	const textOf = answer => unescapeHtml(/<textarea[^>]* name="text"[^>]*>\n([\s\S]*?)<\/textarea>/.exec(answer.text)[1]);
	const made = await page.post(`/sessions/${session.id}/export`, { text: textOf(preview).replaceAll('\n', '\r\n') });
	assert.equal(made.status, 200, made.text);
	assert.doesNotMatch(made.text, /edited by hand/);
	const again = await page.get(`/sessions/${session.id}/export?format=text`);
	const edited = await page.post(`/sessions/${session.id}/export`, { text: `${textOf(again)}\nCall 10.20.30.40 first.` });
	assert.match(edited.text, /edited by hand/);
	assert.match(edited.text, /Call \[REDACTED:ip\] first\./);
	const file = await page.get(`${page.path}/file`);
	assert.match(file.text, /Call \[REDACTED:ip\] first\./);
	assert.equal(sealOf(file.text), digestOf(file.text));
	const check = async text => (await stack.visitor().post('/verify', { text })).text;
	assert.match(await check(file.text.replaceAll('\n', '\r\n')), /This is as it was recorded/);
	assert.match(await check(file.text.replace('Contoso', 'Fabrikam')), /This was changed/);
	assert.match(await check('nothing'), /no seal/);
	const forged = `Free text\nResolutionFlow record sha256:${'0'.repeat(64)}`;
	assert.match(await check(forged.replace('0'.repeat(64), digestOf(forged))), /no such document was taken here/);
	const upload = bytes => checkFile(bytes, { filename: 'vpn.txt' });
	assert.match((await upload(file.body)).text, /This is as it was recorded/, 'a file, unopened');
	assert.match((await upload(Buffer.concat([file.body, Buffer.from('\nx')]))).text, /This was changed/);
	assert.match((await upload(Buffer.alloc(2000, 0xff))).text, /The document&#39;s file holds no text/);
	assert.match((await upload(Buffer.alloc(0))).text, /Choose the document&#39;s file, or paste its text/);
	const rows = await stack.sql('SELECT edited, redacted FROM export WHERE session_id = $1 ORDER BY id DESC LIMIT 1', [session.id]);
	assert.deepEqual(rows, [{ edited: true, redacted: true }]);
});

// As a browser sends its form: the file, and a text field that is empty.
async function checkFile(bytes, { filename }) {
	const visitor = stack.visitor();
	const [{ hidden }] = formsOf((await visitor.get('/verify')).text).filter(form => form.action === '/verify');
	const part = (head, value) => Buffer.concat([Buffer.from(`--b0undary\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n')]);
	const body = Buffer.concat([part('name="csrf"', hidden.csrf), part(`name="file"; filename="${filename}"\r\nContent-Type: text/plain`, bytes), part('name="text"', ''), Buffer.from('--b0undary--\r\n')]);
	return visitor.send('POST', '/verify', { body, headers: { 'content-type': 'multipart/form-data; boundary=b0undary' } });
}

test('a file comes only to a form that asks for one', async () => {
	const page = await browser(stack, engineer.email);
	const got = await page.send('POST', `/sessions/${session.id}/shares`, { body: '--b--', headers: { 'content-type': 'multipart/form-data; boundary=b' } });
	assert.equal(got.status, 415, got.text);
	const bad = await stack.visitor().send('POST', '/verify', { body: '--b', headers: { 'content-type': 'multipart/form-data; boundary=b' } });
	assert.equal(bad.status, 400, bad.text);
});

const share = async (json = {}, who = engineer) => {
	const got = await call('POST', `/${session.id}/shares`, who, json);
	assert.equal(got.status, 201, got.text);
	return { ...got.json, path: new URL(got.json.url).pathname };
};

test('a public link is read signed out, redacted, not indexed, and is gone when it is withdrawn', async () => {
	isProblem(await call('POST', `/${session.id}/shares`, engineer, { audience: 'public', redact: false }), 422, 'invalid');
	const link = await share({ audience: 'public', detail: 'full' });
	const [{ token_hash: hash }] = await stack.sql('SELECT token_hash FROM share WHERE id = $1', [link.id]);
	assert.ok(!link.url.includes(hash) && link.path.length > 40);
	const visitor = stack.visitor();
	const got = await visitor.get(link.path);
	assert.equal(got.status, 200, got.text);
	assert.match(got.headers['x-robots-tag'], /noindex/);
	assert.equal(got.headers['referrer-policy'], 'no-referrer');
	assert.match(got.text, /SRV-01/);
	for (const secret of ['192.0.2.77', 'Winter2026!', 'sealed secret text', 'only for me'])
		assert.ok(!got.text.includes(secret), secret);
	const listed = (await call('GET', `/${session.id}/shares`, engineer)).json.items.find(item => item.id === link.id);
	assert.deepEqual([listed.views, listed.url, listed.state], [1, null, 'open']);
	assert.equal((await call('DELETE', `/${session.id}/shares/${link.id}`, engineer)).status, 204);
	assert.equal((await stack.visitor().get(link.path)).status, 410);
	assert.equal((await stack.visitor().get('/s/nothing')).status, 404);
});

test('a link for colleagues asks to sign in, and is nothing to others', async () => {
	const link = await share({ audience: 'account', redact: false });
	const asked = await stack.visitor().get(link.path);
	assert.match(asked.text, /Sign in/);
	const colleagueOpens = await (await browser(stack, viewer.email)).get(link.path);
	assert.match(colleagueOpens.text, /192\.0\.2\.77/);
	assert.equal((await (await browser(stack, stranger.email)).get(link.path)).status, 404);
	const [{ count }] = await stack.sql('SELECT count(*)::int FROM share_view WHERE share_id = $1 AND person_id = $2', [link.id, viewer.id]);
	assert.equal(count, 1);
});

test('a number of views is claimed by the POST, exactly so often, and an old link expires', async () => {
	const link = await share({ audience: 'public', max_views: 3 });
	const looks = await stack.visitor().get(link.path);
	assert.match(looks.text, /can be opened 3 more times/);
	assert.doesNotMatch(looks.text, /SRV-01/);
	const visitors = await race(8, async () => {
		const visitor = stack.visitor();
		await visitor.get(link.path);
		return visitor;
	});
	const answers = await race(8, at => visitors[at].post(link.path, {}));
	assert.deepEqual(tally(answers), { 200: 3, 410: 5 });
	const old = await share({ audience: 'public', expires_in: 60 });
	await stack.sql(`UPDATE share SET expires_at = now() - interval '1 second' WHERE id = $1`, [old.id]);
	assert.equal((await stack.visitor().get(old.path)).status, 410);
});

test('a link shows one session and lends no rights', async () => {
	const link = await share({ audience: 'public' });
	const visitor = stack.visitor();
	await visitor.get(link.path);
	for (const path of [`/sessions/${session.id}/export`, `/flows/${session.tree.id}`]) {
		await visitor.get(path);
		assert.ok(visitor.path.startsWith('/login'), path);
	}
	const inside = await browser(stack, stranger.email);
	await inside.get(link.path);
	assert.doesNotMatch((await inside.get('/')).text, /SRV-01|Contoso/);
});
