// What nginx is told of TLS: which versions and which suites, seen by a client that would take any.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { startStack } from '../support/stack.mjs';

let stack;
before(async () => { stack = await startStack({ tls: true }); });
after(() => stack?.stop());

// What was agreed on, or the code of the failure.
function greet(options) {
	return new Promise(resolve => {
		const socket = tls.connect({ host: '127.0.0.1', port: stack.port, rejectUnauthorized: false, ...options }, () => {
			resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`);
			socket.destroy();
		});
		socket.on('error', error => resolve(error.code));
	});
}

const ANY = 'ALL:@SECLEVEL=0';
const only = version => ({ minVersion: version, maxVersion: version, ciphers: ANY });

test('TLS 1.3 by itself, 1.2 where it is asked for, nothing older', async () => {
	assert.match(await greet({}), /^TLSv1\.3 TLS_(AES|CHACHA20)/);
	assert.match(await greet(only('TLSv1.2')), /^TLSv1\.2 TLS_ECDHE_/);
	for (const version of ['TLSv1.1', 'TLSv1'])
		assert.equal(await greet(only(version)), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', version);
});

test('in TLS 1.2 only suites with forward secrecy that authenticate what they encrypt', async () => {
	const suites = tls.getCiphers().map(name => name.toUpperCase()).filter(name => !name.startsWith('TLS_'));
	const taken = [];
	for (const ciphers of suites) {
		const agreed = await greet({ ...only('TLSv1.2'), ciphers: `${ciphers}:@SECLEVEL=0` });
		if (agreed.startsWith('TLS'))
			taken.push(ciphers);
	}
	assert.ok(taken.length > 0);
	for (const name of taken)
		assert.match(name, /^ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM|CHACHA20-POLY1305)/);
});
