// The list of what the program is made of: whole, with the versions that are installed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const run = (file, ...args) => execFileSync(file, args, { encoding: 'utf8' });

test('every library that the program is linked with is in it, as installed, and the tools of the tests are marked', () => {
	const out = `${process.env.RF_TEST_DIR}/sbom.json`;
	const binary = `${process.env.RF_TEST_BUILD}/resolutionflow`;
	run(`${ROOT}/bin/sbom`, binary, out);
	const { bomFormat, components } = JSON.parse(fs.readFileSync(out, 'utf8'));
	assert.equal(bomFormat, 'CycloneDX');
	const shipped = components.filter(({ scope }) => scope === 'required');
	for (const name of ['libsodium23', 'libjwt0', 'libpq5', 'libcurl4', 'libjson-c5', 'libc6', 'postgresql-15'])
		assert.ok(shipped.some(part => part.name === name), name);
	const installed = run('dpkg-query', '-W', '-f=${Package} ${Version}\n').split('\n');
	for (const { name, version, purl } of shipped)
		assert.ok(installed.includes(`${name} ${version}`), purl);
	const OTHERWISE = { crypto: 'ssl' }; // of OpenSSL's package
	const needed = [...run('readelf', '-d', binary).matchAll(/\(NEEDED\).*\[lib([a-z]+)/g)].map(([, stem]) => stem).filter(stem => !['c', 'm'].includes(stem));
	assert.ok(needed.length > 5, needed.join());
	for (const stem of needed)
		assert.ok(shipped.some(part => part.name.startsWith(`lib${OTHERWISE[stem] ?? stem}`)), stem);
	const tools = components.filter(({ scope }) => scope === 'excluded');
	assert.ok(tools.some(({ name, version }) => name === 'playwright-core' && /^\d/.test(version)));
	assert.equal(new Set(components.map(({ purl }) => purl)).size, components.length, 'each once');
});
