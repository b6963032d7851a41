/* A step of a session: texts kept, prompts filled where they stand, keys, the timer.  All of it goes without. */
(() => {
'use strict';
const by = id => document.getElementById(id);
const form = by('step');
const kept = by('kept');
const typing = 'input, textarea, select';
let open, pause, sending;

const later = wait => {
	open = true;
	clearTimeout(pause);
	pause = setTimeout(keep, wait);
};
const post = (url, done) => {
	const body = new URLSearchParams(new FormData(form));
	open = false;
	sending = fetch(url, { method: 'POST', body, keepalive: `${body}`.length < 6e4 }).then(async answer => {
		kept.textContent = 'Saved ' + new Date().toTimeString().slice(0, 5);
		done(await answer.text(), answer);
	}).catch(() => {
		kept.textContent = 'Not saved; still trying';
		later(8000);
	}).finally(() => { sending = null; });
};

/* Note and scratchpad are kept 2 s after the last key, and when one leaves. */
const keep = () => {
	if (!open || form.dataset.sent) return;
	if (sending) return later(500);
	post(form.action + '/unsent', (text, { ok, status }) => {
		if (status === 409) kept.textContent = 'Changed in another window. Press Save to see both.';
		else if (!ok) throw text;
		else [form.note_was.value, form.scratch_was.value] = text.split(' ');
	});
};
document.addEventListener('input', e => /^(note|scratchpad)$/.test(e.target.id) && later(2000));
document.addEventListener('visibilitychange', keep);
addEventListener('beforeunload', keep);

/* A prompt that is filled saves all and becomes its text; what is typed elsewhere meanwhile stays. */
const fill = () => post(form.action, text => {
	const page = new DOMParser().parseFromString(text, 'text/html');
	const fresh = page.getElementById('step');
	const { id, value } = document.activeElement;
	const labels = document => document.querySelectorAll('[name=option] span:first-of-type');
	if (fresh?.action !== form.action) return setTimeout(() => form.requestSubmit());
	for (const name of ['once', 'note_was', 'scratch_was']) form[name].value = fresh[name].value;
	labels(document).forEach((label, at) => { label.textContent = labels(page)[at].textContent; });
	for (const part of ['head', 'text', 'fields']) by(part).replaceWith(page.getElementById(part));
	const now = by(id) || by('text').querySelector(typing) || by('note');
	if (id === now.id) now.value = value;
	now.focus();
	kept.textContent = page.querySelector('.err-sum a')?.textContent || kept.textContent;
});
const isPrompt = field => field.matches('#text .var-prompt *');
document.addEventListener('change', e => isPrompt(e.target) && !sending && fill());
form.addEventListener('submit', e => {
	const { name, value } = e.submitter || {};
	if (!sending) return;
	e.preventDefault();
	e.stopPropagation();
	if (value !== 'save') sending.then(() => form.requestSubmit([...form.elements].find(one => one.name === name && one.value === value)));
});

/* Keys; one that is held does not answer the next step too. */
document.addEventListener('keydown', e => {
	const { key, ctrlKey } = e;
	const pad = by('scratch');
	if (key === '/' && ctrlKey) {
		pad.open = !pad.open;
		(pad.open ? by('scratchpad') : by('note') || form).focus();
		return e.preventDefault();
	}
	if (!('keys' in form.dataset) || ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.closest(typing)) return;
	if (key === '?') by('keys').togglePopover();
	else if (by('keys').matches(':popover-open') || !/^[1-9bn]$/.test(key)) return;
	else if (key === 'n') by('note')?.focus();
	else form.querySelector(`[data-key="${key}"]`)?.click();
	e.preventDefault();
});

const { seconds, ticks } = by('timer').dataset;
const began = Date.now() - seconds * 1000;
const two = number => String(Math.floor(number) % 60).padStart(2, 0);
if (ticks != null) setInterval(() => {
	const all = (Date.now() - began) / 1000;
	by('timer').textContent = all < 3600 ? Math.floor(all / 60) + ':' + two(all) : Math.floor(all / 3600) + ':' + two(all / 60) + ':' + two(all);
}, 1000);
})();
