// All pages of a test's stack, gone through in a browser and looked at one by one.
//
//	let pages;
//	before(async () => { pages = await openPages(); });
//	after(() => pages?.close());
//	test('of an admin', t => pages.tour(t, pages.maren, [['home-admin', '/'], ['users', '/users']]));
import assert from 'node:assert/strict';
import { colleague, register } from './accounts.mjs';
import { openBrowser } from './browser.mjs';
import { signIn, survey } from './journey.mjs';
import { startStack } from './stack.mjs';

class Pages {
	// A page whose last answer is kept, for what was sent is judged and not what scripts made of it; and what it asked
	// for, but for its stream and the icon of its tab.
	async open(who, options) {
		const page = await this.browser.page(this.stack, options);
		page.on('request', request => {
			if (request.isNavigationRequest()) {
				page.asked = [];
				page.problems = []; // of the page before, which was looked at or only passed through
			}
			if (request.resourceType() !== 'eventsource' && !/\/icon\.\w+\.svg$/.test(request.url()))
				page.asked.push(request.url());
		});
		page.on('response', response => {
			if (response.request().isNavigationRequest() && (response.status() < 300 || response.status() >= 400))
				page.answer = response;
		});
		if (who)
			await signIn(page, who.email);
		return page;
	}

	// One page is one subtest: what is wrong with it does not keep the next from being looked at.
	look(t, page, name, path, status = 200) {
		return t.test(name, async () => {
			if (path)
				await page.goto(path);
			await page.waitForLoadState();
			assert.equal(page.answer.status(), status);
			const own = page.asked.filter(url => /\.js$/.test(url) && !/\/app\.\w+\.js$/.test(url)).length;
			assert.ok(own <= 1 && page.asked.length <= 3 + own, `the page, its style, its script and one of its own: ${page.asked.join(' ')}`);
			const expected = [new RegExp(`the server responded with a status of ${status}`), /EventSource's response/];
			await survey(page, name, { html: await page.answer.text(), expected });
		});
	}

	// The pages of one browser, one after the other.
	async tour(t, who, stops) {
		const page = await this.open(who);
		for (const [name, path, status] of stops)
			await this.look(t, page, name, path, status);
		return page;
	}

	async close() {
		await this.browser?.close();
		await this.stack?.stop();
	}
}

// A stack and a browser, and Maren Holt, the admin of an account.
export async function openPages() {
	const pages = new Pages();
	try {
		pages.stack = await startStack({ settings: { DEMO: 1, WORKERS: 4 }, hub: true, jobs: true });
		pages.browser = await openBrowser();
		pages.maren = await register(pages.stack, { name: 'Maren Holt', account_name: 'Northbridge IT Services' });
		return pages;
	} catch (error) {
		await pages.close();
		throw error;
	}
}

// A colleague of hers for each role that she has not.
export async function colleagues({ stack, maren }) {
	const people = {};
	for (const role of ['engineer', 'viewer', 'super_admin'])
		people[role] = await colleague(stack, maren, role);
	return people;
}
