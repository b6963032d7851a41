/* What makes the pages nicer; every one of them works without it.  One row of `heard` is one event of the stream. */
(() => {
'use strict';
const all = (query, root = document) => [...root.querySelectorAll(query)];
const by = id => document.getElementById(id);
const say = text => { by('live').textContent = text; };
document.documentElement.classList.add('js');

/* Passwords can be shown while they are typed. */
for (const input of all('input[type=password]')) {
	const button = document.createElement('button');
	const show = on => {
		input.type = on ? 'text' : 'password';
		button.textContent = on ? 'Hide' : 'Show';
		button.setAttribute('aria-label', (on ? 'Hide' : 'Show') + ' password');
	};
	button.type = 'button';
	button.className = 'button second';
	button.setAttribute('aria-controls', input.id);
	button.onclick = () => show(input.type === 'password');
	input.form.addEventListener('submit', () => show(false));
	input.after(button);
	show(false);
}

/* A form is sent once, and a changed one is not left by mistake. */
const changed = new Set();
document.addEventListener('input', e => e.target.form?.hasAttribute('data-dirty') && changed.add(e.target.form));
document.addEventListener('submit', e => {
	const form = e.target;
	if (form.method !== 'post') return;
	if (form.dataset.sent) return e.preventDefault();
	form.dataset.sent = 1;
	e.submitter?.setAttribute('aria-disabled', 'true');
	changed.delete(form);
	setTimeout(again, 8000);
});
const again = () => all('form[data-sent]').forEach(form => {
	delete form.dataset.sent;
	all('[aria-disabled]', form).forEach(button => button.removeAttribute('aria-disabled'));
});
addEventListener('pageshow', again);
// A form that is kept as it is typed (data-unsent) may be left at any time.
addEventListener('beforeunload', e => [...changed].some(form => !form.dataset.unsent) && e.preventDefault());
document.addEventListener('keydown', e => {
	const form = document.activeElement.form?.closest('[data-save]') || document.querySelector('form[data-save]');
	if (form && e.key === 's' && (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey) {
		e.preventDefault();
		form.requestSubmit();
	}
});

/* From what is wrong to the field, with its label in sight. */
for (const link of all('.err-sum a')) {
	link.onclick = e => {
		const field = by(link.hash.slice(1));
		if (!field) return;
		e.preventDefault();
		(field.labels?.[0] || field).scrollIntoView();
		field.focus({ preventScroll: true });
	};
}
document.querySelector('.err-sum')?.focus();

/* Times in the reader's zone, and how long ago. */
const units = [[3600, 60, ' min'], [86400, 3600, ' h'], [604800, 86400, ' days']];
const near = seconds => {
	const far = Math.abs(seconds);
	const unit = units.find(([limit]) => far < limit);
	const text = unit && Math[seconds < 0 ? 'floor' : 'ceil'](far / unit[1]) + unit[2];
	if (far < 60) return 'just now';
	return text && (seconds < 0 ? text + ' ago' : 'in ' + text).replace('1 days ago', 'yesterday').replace('in 1 days', 'tomorrow');
};
const tick = () => all('time[datetime]').forEach(time => {
	const at = new Date(time.dateTime);
	if (isNaN(at)) return;
	time.title = at.toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short' });
	time.textContent = near((at - Date.now()) / 1000) || at.toLocaleDateString('en-GB', { dateStyle: 'medium' });
});
tick();
setInterval(tick, 30000);

document.addEventListener('click', async e => {
	const button = e.target.closest('[data-copy]');
	if (!button) return;
	const from = by(button.dataset.copy);
	try {
		await navigator.clipboard.writeText(from.value ?? from.textContent);
		button.textContent = 'Copied';
		say('Copied');
	} catch {
		getSelection().selectAllChildren(from);
		say('Selected. Press Ctrl and C to copy.');
	}
});

/* What happens elsewhere: one stream a browser, the other tabs listen to the one that has it. */
const heard = {
	signed_out() {
		over = true;
		if (changed.size) say('You were signed out. Your text is kept when you send it.');
		else location.href = '/login?signed_out=1';
	},
	notice() {
		const count = by('unread');
		count.textContent = +count.textContent + 1;
		count.parentNode.hidden = false;
		say('New notice');
	},
};
const url = document.body.dataset.events;
const tabs = window.BroadcastChannel && new BroadcastChannel('events');
const hear = (type, data) => heard[type]?.(data);
let last = '';
let wait = 2000;
let over = false;
// A stream that was refused is not tried again by the browser itself, and it does not tell us why: for good where the
// sign-in has ended (204), for a while where the hub is being replaced.
const comeBack = async () => {
	if (over) return;
	const answer = await fetch(url, { headers: { accept: 'text/event-stream' } }).catch(() => ({}));
	answer.body?.cancel();
	if (answer.status !== 204) listen();
};
const listen = () => new Promise(() => {
	if (over) return;
	const stream = new EventSource(last ? url + '?last_event_id=' + last : url);
	for (const type in heard) {
		stream.addEventListener(type, e => {
			last = e.lastEventId;
			tabs?.postMessage([type, e.data]);
			hear(type, e.data);
			if (over) stream.close();
		});
	}
	stream.onopen = () => { wait = 2000; };
	stream.onerror = () => {
		if (stream.readyState !== 2) return;
		wait = Math.min(wait * 2, 120000);
		setTimeout(comeBack, wait * (0.5 + Math.random()));
	};
});
if (url) {
	if (tabs) tabs.onmessage = e => hear(...e.data);
	if (tabs && navigator.locks) navigator.locks.request('events', listen);
	else listen();
}
})();
