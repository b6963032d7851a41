// An engineer writes a flow: from an empty account to a published one, changed, compared and brought back.  Done
// without JavaScript and with it, on a desk and on a phone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { register } from '../support/accounts.mjs';
import { openStack, picture } from '../support/browser.mjs';
import { signIn } from '../support/journey.mjs';

const { stack, browser } = await openStack({ hub: true });

const path = page => new URL(page.url()).pathname;
const main = page => page.getByRole('main');

// Somebody at a page whose acts are counted: presses of a button or key, and letters typed.
class Author {
	presses = 0;
	letters = 0;

	constructor(page) {
		this.page = page;
	}

	async type(label, text) {
		const field = main(this.page).getByRole('textbox', { name: label, exact: true }).first();
		await field.fill(text);
		this.presses++;
		this.letters += text.length;
	}

	async choose(label, option) {
		await main(this.page).getByRole('combobox', { name: label, exact: true }).first().selectOption({ label: option });
		this.presses += 2;
	}

	async press(name) {
		await main(this.page).getByRole('button', { name, exact: true }).first().click();
		this.presses++;
	}

	async follow(name) {
		await main(this.page).getByRole('link', { name, exact: true }).first().click();
		this.presses++;
	}

	async openDetails(summary) {
		await main(this.page).locator('summary', { hasText: summary }).first().click();
		this.presses++;
	}

	// A row of a decision: [label, title and kind of a new step], or [label, a step that is there].
	async option(row, [label, title, kind]) {
		const { page } = this;
		await page.locator(`#o${row}-label`).fill(label);
		this.presses++;
		this.letters += label.length + title.length;
		if (kind === undefined) {
			const wanted = page.locator(`#o${row}-next option`, { hasText: title });
			await page.locator(`#o${row}-next`).selectOption(await wanted.first().getAttribute('value'));
			this.presses += 2;
			return;
		}
		await page.locator(`#o${row}-new`).fill(title);
		await page.locator('[name=option_kind]').nth(row - 1).selectOption({ label: kind });
		this.presses += kind === 'Action' ? 1 : 3;
	}
}

const titles = page => page.locator('.nodes a').allInnerTexts();
const findings = page => main(page).locator('[aria-labelledby=checks] > ul a').allInnerTexts();

// What each step is given: its options, or where it leads.  Whatever has a kind is made there and then.
const FIRST = 'Does any device get mail?';
const PLAN = {
	[FIRST]: [['Yes', 'Is it one mailbox?', 'Decision'], ['No', 'Ping the gateway', 'Action']],
	'Is it one mailbox?': [['One', 'Open its settings', 'Action'], ['Several', 'Is the quota full?', 'Decision']],
	'Open its settings': ['Sign in as the user', 'Action: something to do'],
	'Sign in as the user': ['Does mail come in now?', 'Decision: a question with options'],
	'Does mail come in now?': [['Yes', 'Mail comes in again', 'Answer'], ['No', 'Hand it to the mail team', 'Answer']],
	'Is the quota full?': [['Yes', 'Raise the quota', 'Action'], ['No', 'Look at the mail queue', 'Action']],
	'Raise the quota': ['Does mail come in now?'],
	'Look at the mail queue': ['Restart the queue', 'Action: something to do'],
	'Restart the queue': ['Does mail come in now?'],
	'Ping the gateway': ['Does the gateway answer?', 'Decision: a question with options'],
	'Does the gateway answer?': [['Yes', FIRST], ['No', 'Restart the router', 'Action'], ['It is not ours', 'Call the provider', 'Action']],
	'Restart the router': ['Ping the gateway'],
	'Call the provider': ['Hand it to the mail team'],
};

async function give(ann, plan) {
	if (Array.isArray(plan[0])) {
		for (const [at, row] of plan.entries()) {
			if (at > 1) {
				await ann.press('Another option');
				await ann.page.locator(`#o${at + 1}-label:focus`).waitFor();
			}
			await ann.option(at + 1, row);
		}
	} else if (plan[1]) {
		await ann.type('or to a new step, titled (optional)', plan[0]);
		if (!plan[1].startsWith('Action'))
			await ann.choose('Kind of the new step', plan[1]);
	} else {
		const wanted = ann.page.locator('#next option', { hasText: plan[0] });
		await ann.page.locator('#next').selectOption(await wanted.first().getAttribute('value'));
		ann.presses += 2;
	}
	await ann.press('Save');
}

// Every step but the first is made where it is needed, and one is led from each to what has to be done next.
async function write(ann) {
	const { page } = ann;
	await ann.type('What is done or asked', FIRST);
	await ann.choose('Kind', 'Decision: a question with options');
	await ann.press('Add the step');
	for (let at = 0; at < 20; at++) {
		const title = await page.locator('#title').inputValue();
		if (PLAN[title])
			await give(ann, PLAN[title]);
		if (await page.locator('#title').inputValue() !== title && PLAN[await page.locator('#title').inputValue()])
			continue;
		if (!await main(page).getByRole('link', { name: 'Next to mend' }).count())
			break;
		await ann.follow('Next to mend');
	}
	assert.deepEqual(await findings(page), []);
	await ann.follow('All steps');
	assert.equal((await titles(page)).length, 15);
}

const said = (page, words) => page.getByRole('status').filter({ hasText: words }).first().waitFor();

// A field, a help text, Markdown that is looked at before it is saved.
async function explain(ann, js) {
	const { page } = ann;
	await page.getByRole('navigation', { name: 'Editor' }).getByRole('link', { name: 'Fields' }).click();
	await ann.type('Label', 'Gateway');
	await ann.type('Name in texts', 'gateway');
	await ann.choose('Kind', 'IP address');
	await ann.press('Add the field');
	await said(page, 'The field is added');
	await page.getByRole('navigation', { name: 'Editor' }).getByRole('link', { name: 'Steps' }).click();
	await ann.follow('Ping the gateway');
	await ann.type('Help (optional)', 'Four answers of four are **good**.');
	await ann.type('Text (optional)', 'Run `ping` on ');
	if (js) {
		await ann.openDetails('Fields to use in the text');
		await ann.press('Insert');
		assert.equal(await page.evaluate(() => document.activeElement.id), 'body');
	} else {
		await ann.type('Text (optional)', 'Run `ping` on [VAR:gateway]');
	}
	await page.keyboard.press('End');
	await page.keyboard.type(' once. [VAR:gatway]');
	await ann.press('Preview');
	await main(page).getByRole('heading', { name: 'How it will look' }).waitFor();
	assert.equal(await page.locator('.prose code').first().innerText(), 'ping');
	assert.equal(await page.locator('.prose .var.unknown').count(), 1);
	await ann.press('Save');
	await said(page, 'Saved.');
	assert.match((await findings(page)).join(), /gatway/);
	await ann.follow((await findings(page))[0]);
	await ann.type('Text (optional)', 'Run `ping` on [VAR:gateway] once.');
	await ann.press('Save');
	assert.deepEqual(await findings(page), []);
}

// The step of that title in the list, moved by its button or its grip to before the step above it.
async function moveUp(ann, title, js) {
	const { page } = ann;
	const row = page.locator('.nodes > li').filter({ has: page.getByRole('link', { name: title, exact: true }) });
	const before = await titles(page);
	const place = before.indexOf(title);
	if (js) {
		await page.locator('.nodes > li').nth(place - 1).evaluate(one => one.scrollIntoView({ block: 'center' }));
		const [from, to] = [await row.locator('.grip').boundingBox(), await page.locator('.nodes > li').nth(place - 1).boundingBox()];
		await page.mouse.move(from.x + 5, from.y + 10);
		await page.mouse.down();
		await page.mouse.move(from.x + 5, to.y + 5, { steps: 5 });
		const sent = page.waitForNavigation();
		await page.mouse.up();
		await sent;
		ann.presses++;
	} else {
		await row.getByRole('button', { name: /up$/ }).click();
		ann.presses++;
	}
	const now = await titles(page);
	assert.deepEqual([now[place - 1], now[place]], [before[place], before[place - 1]]);
	return before;
}

async function order(ann, js) {
	const { page } = ann;
	await ann.follow('All steps');
	const before = await moveUp(ann, 'Raise the quota', js);
	await ann.follow('Call the provider');
	await ann.press('Duplicate');
	assert.equal(await page.locator('#title').inputValue(), 'Call the provider (copy)');
	await ann.openDetails('Delete this step');
	await ann.press('Delete the step');
	await said(page, 'The step is deleted');
	assert.equal((await titles(page)).length, 15);
	for (const [name, count] of [['Undo', 16], ['Undo', 15], ['Undo', 15], ['Redo', 15], ['Redo', 16], ['Redo', 15]]) {
		await main(page).getByRole('button', { name: new RegExp(`^${name}`) }).click();
		ann.presses++;
		await said(page, name === 'Undo' ? 'Undone.' : 'Done again.');
		assert.equal((await titles(page)).length, count);
	}
	assert.deepEqual((await titles(page)).toSorted(), before.toSorted());
}

async function publish(ann) {
	const { page } = ann;
	await ann.follow('Publish');
	await ann.type('What changed (optional)', 'As the team does it since spring');
	await ann.press('Publish');
	await said(page, 'The flow is published');
}

async function goOn(ann, id) {
	const { page } = ann;
	await page.goto(`/flows/${id}/edit`);
	await ann.follow('Restart the router');
	await ann.type('Title', 'Restart the router and wait');
	await ann.press('Save');
	await page.getByRole('navigation', { name: 'Editor' }).getByRole('link', { name: 'History' }).click();
	await main(page).getByRole('link', { name: /^Compare/ }).click();
	await main(page).locator('del', { hasText: 'Restart the router' }).first().waitFor();
	await main(page).locator('ins', { hasText: 'and wait' }).first().waitFor();
	await page.goBack();
	await main(page).getByRole('button', { name: 'Restore version 1' }).click();
	await said(page, 'The draft is as that version was');
	assert.ok((await titles(page)).includes('Restart the router'));
	ann.presses += 6;
}

async function newFlow(ann) {
	await ann.page.goto('/flows/new');
	await ann.type('Name', 'Mail does not arrive');
	await ann.press('Make the flow');
}

async function journey(js, width) {
	const user = await register(stack);
	const page = await browser.page(stack, { js, width });
	await signIn(page, user.email);
	const ann = new Author(page);
	await newFlow(ann);
	await write(ann);
	const written = `${ann.presses} presses, ${ann.letters} letters`;
	await explain(ann, js);
	await order(ann, js);
	const id = path(page).split('/')[2];
	await publish(ann);
	await goOn(ann, id);
	assert.deepEqual(page.problems, []);
	const entries = await stack.sql('SELECT FROM flow_edit WHERE flow_id = $1', [id]);
	await picture(page, `editor-end-${width}`);
	return [written, `${ann.presses} presses, ${ann.letters} letters`, `${entries.length} entries`].join('; ');
}

for (const js of [false, true])
	describe(js ? 'with JavaScript' : 'without JavaScript', () => {
		for (const width of [1280, 360])
			test(`a flow is written, published, changed and brought back, at ${width} px`, async t => {
				t.diagnostic(await journey(js, width));
			});
	});

