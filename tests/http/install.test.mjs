// bin/install into a directory of our own: what a second one leaves alone, and that nginx and systemd take the result.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { before, test } from 'node:test';
import { PATH, makeDir, run } from '../support/program.mjs';
import { freePort } from '../support/stack.mjs';

const DEST = `${process.env.RF_TEST_DIR}/installed`;
const LISTEN = `${DEST}/etc/nginx/resolutionflow/listen.conf`;
const SETTINGS = `${DEST}/etc/resolutionflow/resolutionflow.env`;
const UNITS = `${DEST}/etc/systemd/system`;

function call(file, args, env = {}) {
	const done = spawnSync(file, args, { encoding: 'utf8', env: { PATH, HOME: DEST, ...env } });
	assert.equal(done.status, 0, `${file} ${args.join(' ')}: ${done.error ?? ''}${done.stdout}${done.stderr}`);
	return done.stdout + done.stderr;
}

const install = settings => call('sh', ['-c', 'umask 077; bin/install'], { DESTDIR: DEST, BUILD: process.env.RF_TEST_BUILD, ...settings });
const has = program => call('sh', ['-c', `command -v ${program} || :`]) !== '';

before(() => {
	makeDir(DEST);
	assert.equal(install({ SERVER_NAME: 'flow.example', TLS_CERT: '/etc/ssl/flow.pem', TLS_KEY: '/etc/ssl/flow.key' }), '');
});

test('the name and the certificate are in the first settings, and no secret is in a package', () => {
	assert.match(fs.readFileSync(SETTINGS, 'utf8'), /^BASE_URL=https:\/\/flow\.example$/m);
	const listen = fs.readFileSync(LISTEN, 'utf8');
	for (const line of ['server_name flow.example;', 'listen 443 ssl http2 backlog=4096 sndbuf=128k;', 'listen [::]:443 ssl http2 backlog=4096 sndbuf=128k;', 'ssl_certificate /etc/ssl/flow.pem;'])
		assert.ok(listen.includes(`${line}\n`), `${line}\n${listen}`);
	assert.match(fs.readFileSync(LISTEN.replace('listen', 'plain'), 'utf8'), /server_name flow\.example;\n\tlisten 80;\n\tlisten \[::\]:80;[^]*return 308 https:\/\/flow\.example\$request_uri; }/);
	assert.deepEqual(fs.readdirSync(`${DEST}/etc/resolutionflow`), ['resolutionflow.env']);
});

test('a strict umask keeps nobody from reading what was installed', () => {
	for (const name of fs.readdirSync(`${DEST}/usr`, { recursive: true }))
		assert.equal(fs.statSync(`${DEST}/usr/${name}`).mode & 0o044, 0o044, name);
});

test('a later install keeps the settings and listen.conf, and brings the rest anew', () => {
	const site = `${DEST}/etc/nginx/sites-available/resolutionflow`;
	for (const file of [LISTEN, SETTINGS, site])
		fs.appendFileSync(file, '# by hand\n');
	install({});
	assert.match(fs.readFileSync(LISTEN, 'utf8'), /flow\.example[^]*# by hand/);
	assert.match(fs.readFileSync(SETTINGS, 'utf8'), /flow\.example[^]*# by hand/);
	assert.doesNotMatch(fs.readFileSync(site, 'utf8'), /# by hand/);
});

test('one more hub is in the site and in the target', () => {
	const more = `${UNITS}/resolutionflow.target.d/hubs.conf`;
	assert.ok(!fs.existsSync(more));
	install({ HUBS: 2 });
	assert.equal(fs.readFileSync(more, 'utf8'), '[Unit]\nWants=resolutionflow@hub-2.service resolutionflow@hub-2.socket\n');
	assert.match(fs.readFileSync(`${DEST}/etc/nginx/sites-available/resolutionflow`, 'utf8'), /hub\.sock max_fails=0; server unix:\S+hub-2\.sock /);
	install({});
	assert.ok(!fs.existsSync(more));
	install({ HUBS: 2 });
});

test('nginx takes the site beside another one', async () => {
	const port = await freePort();
	const dir = makeDir(`${process.env.RF_TEST_DIR}/installed-nginx`);
	const from = `${DEST}/etc/nginx`;
	for (const file of ['sites-available/resolutionflow', ...fs.readdirSync(`${from}/resolutionflow`).map(name => `resolutionflow/${name}`)]) {
		const text = fs.readFileSync(`${from}/${file}`, 'utf8').replaceAll('/etc/nginx/resolutionflow', dir);
		fs.writeFileSync(`${dir}/${file.split('/')[1]}`, text.replace(/access_log \S+/, 'access_log off; #'));
	}
	fs.writeFileSync(`${dir}/plain.conf`, fs.readFileSync(`${dir}/plain.conf`, 'utf8').replace(/access_log \S+/, 'access_log off; #').replace(/listen 80;\s+listen \S+;/, `listen 127.0.0.1:${await freePort()};`));
	fs.writeFileSync(`${dir}/listen.conf`, `server_name flow.example;\nlisten 127.0.0.1:${port};\n`);
	fs.writeFileSync(`${dir}/nginx.conf`, `pid ${dir}/pid;\nevents {}\nhttp {\naccess_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${dir}/${kind};\n`).join('')}
		server { listen 127.0.0.1:${port} default_server; return 204; }
		include ${dir}/resolutionflow;\n}\n`);
	run('nginx', ['-t', '-q', '-e', 'stderr', '-p', dir, '-c', `${dir}/nginx.conf`]);
});

test('systemd takes the units and finds them tight', { skip: !has('systemd-analyze') && 'there is no systemd-analyze' }, () => {
	const names = ['worker', 'hub', 'hub-2', 'jobs', 'migrate', 'backup'].map(program => `resolutionflow@${program}.service`);
	fs.mkdirSync(`${DEST}/bin`);
	fs.copyFileSync('/bin/kill', `${DEST}/bin/kill`);
	fs.cpSync('/usr/lib/systemd/system', `${DEST}/usr/lib/systemd/system`, { recursive: true, verbatimSymlinks: true });
	call('systemd-analyze', ['verify', `--root=${DEST}`, '--man=no', 'resolutionflow.target', 'resolutionflow-backup.timer', ...names]);
	for (const name of names)
		call('systemd-analyze', ['security', '--offline=yes', `--root=${DEST}`, '--threshold=15', name]);
	const [, when] = /^OnCalendar=(.*)$/m.exec(fs.readFileSync(`${UNITS}/resolutionflow-backup.timer`, 'utf8'));
	assert.match(call('systemd-analyze', ['calendar', '--iterations=2', when]), /Iter\w*\.? #2: \w+ [\d-]+ 02:30:00/);
	assert.match(fs.readFileSync(`${UNITS}/resolutionflow@backup.service.d/backup.conf`, 'utf8'), /^ExecStart=\/usr\/local\/bin\/resolutionflow backup /m);
	assert.match(fs.readFileSync(`${UNITS}/resolutionflow@migrate.service.d/migrate.conf`, 'utf8'), /^Type=oneshot$/m);
});

test('archives are written where nginx, which is in the programs\' group, finds and may read them', () => {
	const state = '/var/lib/resolutionflow';
	const jobs = fs.readFileSync(`${UNITS}/resolutionflow@jobs.service.d/jobs.conf`, 'utf8');
	const unit = fs.readFileSync(`${UNITS}/resolutionflow@.service`, 'utf8');
	assert.match(jobs, /^StateDirectory=resolutionflow\/mail resolutionflow\/archive$/m);
	assert.match(jobs, /^StateDirectoryMode=2750$/m);
	assert.match(unit, /^Group=resolutionflow$/m);
	assert.match(unit, new RegExp(`^Environment=ARCHIVE_DIR=${state}/archive$`, 'm')); // a worker, too, asks whether there are any
	assert.match(fs.readFileSync(`${DEST}/usr/lib/sysusers.d/resolutionflow.conf`, 'utf8'), /^m www-data resolutionflow$/m);
	assert.match(fs.readFileSync(`${DEST}/etc/nginx/sites-available/resolutionflow`, 'utf8'), new RegExp(`location /_archive/ {\\s+internal;\\s+alias ${state}/archive/;`));
	assert.match(fs.readFileSync(`${DEST}/usr/local/share/resolutionflow/places.env`, 'utf8'), new RegExp(`^ARCHIVE_DIR=${state}/archive$`, 'm'));
});

test('the operator\'s command has the settings and the places of the installed programs', () => {
	const wrapper = fs.readFileSync(`${DEST}/usr/local/sbin/resolutionflow-ctl`, 'utf8');
	assert.match(wrapper, /--env \/etc\/resolutionflow\/resolutionflow\.env[^]*--env \/usr\/local\/share\/resolutionflow\/places\.env --user resolutionflow "\$@"/);
	const unit = fs.readFileSync(`${UNITS}/resolutionflow@.service`, 'utf8');
	for (const line of fs.readFileSync(`${DEST}/usr/local/share/resolutionflow/places.env`, 'utf8').trim().split('\n').filter(line => !/^M/.test(line) || /^MIGRATIONS/.test(line)))
		assert.ok(unit.includes(line), line);
	const mine = wrapper.replaceAll(' /etc/', ` ${DEST}/etc/`).replaceAll('/usr/local/', `${DEST}/usr/local/`).replace('--user resolutionflow', '--user nobody');
	fs.writeFileSync(`${DEST}/ctl`, mine, { mode: 0o755 });
	const said = spawnSync(`${DEST}/ctl`, ['doctor', '--json'], { encoding: 'utf8', env: { PATH, MASTER_SECRET: 'of this test, and long enough for it', MAIL_FROM: 'a@example.com' } });
	assert.equal(said.status, 2, said.stderr);
	const findings = JSON.parse(said.stdout);
	assert.match(findings.find(({ check }) => check === 'database').found, /resolutionflow|postgresql/);
	assert.equal(findings.find(({ check }) => check === 'BASE_URL').state, 'ok');
	const strange = spawnSync(`${DEST}/ctl`, ['check'], { encoding: 'utf8', env: { PATH } });
	assert.equal(strange.status, 2);
	assert.match(strange.stderr, /MASTER_SECRET_FILE names \/etc\/resolutionflow\/master-secret, which can't be read/);
});

test('the manual page has each command as the program tells it, in the same words', () => {
	const program = `${process.env.RF_TEST_APP}/resolutionflow`;
	const commands = call(program, ['help']).split('\n').filter(line => line.startsWith('  ')).map(line => line.trim());
	const page = fs.readFileSync('docs/resolutionflow.8', 'utf8');
	const told = [...page.matchAll(/^\.It Cm (.*)$/mg)].map(([, line]) => line
		.replace(/\bOp (.*)$/, '[$1]').replace(/\bOo /g, '[').replace(/ Oc\b/g, ']').replace(/\bAr /g, '').replace(/Fl -/g, '--'));
	assert.deepEqual(told.sort(), commands.sort());
	assert.ok(commands.length > 20);
	for (const command of commands.filter(name => !name.startsWith('help'))) {
		const name = command.split(' ').filter(word => /^[a-z][a-z-]*$/.test(word));
		const [usage, ...about] = call(program, ['help', ...name]).split('\n');
		assert.equal(usage, `usage: resolutionflow ${command}`);
		assert.ok(about.join(' ').length > 20, command);
	}
	assert.ok(fs.existsSync(`${DEST}/usr/local/share/man/man8/resolutionflow.8`));
});

test('the README says the steps that the install prints', () => {
	const readme = fs.readFileSync('README.md', 'utf8');
	const steps = fs.readFileSync('bin/install', 'utf8').match(/^\t? {2}\S.*$/gm);
	assert.ok(steps.length > 8);
	for (const step of steps)
		assert.ok(readme.includes(`\n    ${step.trim().replace('$prefix', '/usr/local')}\n`), step);
});
