// The pages that everybody sees before signing in, in Chromium: at the widths of a phone and of a desk, light and
// dark, with JavaScript and without.
import { after, before, test } from 'node:test';
import { examine, openBrowser } from '../support/browser.mjs';
import { startStack } from '../support/stack.mjs';

let stack;
let browser;
before(async () => {
	stack = await startStack();
	browser = await openBrowser();
});
after(async () => {
	await browser?.close();
	await stack?.stop();
});

const VIEWS = [
	{ name: 'phone', width: 360, js: false },
	{ name: 'desk', width: 1280, js: true },
	{ name: 'desk-dark', width: 1280, js: true, dark: true },
];

for (const path of ['/login', '/register'])
	for (const { name, ...view } of VIEWS)
		test(`${path} on a ${name}`, async () => {
			const page = await browser.page(stack, view);
			await page.goto(path);
			await examine(page, `${path.slice(1)}-${name}`);
			await page.context().close();
		});
