/*
 * Makes pages nicer that work without it.  Attributes ask for it:
 *	form data-save: Ctrl and S send it, the one typed in or the first
 *	form data-dirty: who leaves it changed is asked first
 *	form data-autosave=URL: posted there 2 s after the last key and when one leaves, unasked; its
 *		role=status says "Saved 14:02", or "Kept 14:02" by data-word="Kept"
 *	button data-copy=ID: copies that element; data-show: shows the password before it
 */
const all = query => document.querySelectorAll(query);
const by = id => document.getElementById(id);
const say = text => { by('live').textContent = text; };

for (const button of all('[data-show]')) {
	const input = button.previousElementSibling;
	const show = on => {
		input.type = on ? 'text' : 'password';
		button.ariaLabel = (button.textContent = on ? 'Hide' : 'Show') + ' password';
	};
	button.onclick = () => show(input.type === 'password');
	addEventListener('submit', () => show());
}

/* A form is sent once, and a changed one is not left by mistake. */
const again = () => all('[data-sent]').forEach(form => delete form.dataset.sent);
addEventListener('input', ({ target: { form } }) => { if (form?.matches('[data-dirty]')) form.dataset.changed = 1; });
addEventListener('submit', e => {
	const form = e.target;
	if (form.method !== 'post') return;
	if (form.dataset.sent) return e.preventDefault();
	form.dataset.sent = 1;
	delete form.dataset.changed;
	setTimeout(again, 8000);
});
addEventListener('pageshow', again);
addEventListener('beforeunload', e => all('[data-changed]:not([data-autosave])').length && e.preventDefault());
addEventListener('keydown', e => {
	if (e.key !== 's' || e.altKey || !(e.ctrlKey || e.metaKey)) return;
	const form = document.activeElement.closest('[data-save]') ?? all('[data-save]')[0];
	if (form) e.preventDefault();
	form?.requestSubmit();
});

for (const form of all('[data-autosave]')) {
	const url = form.dataset.autosave;
	const status = form.querySelector('[role=status]');
	const fields = () => new URLSearchParams(new FormData(form));
	let timer;
	const later = wait => {
		clearTimeout(timer);
		timer = setTimeout(keep, wait);
	};
	const keep = async () => {
		timer = 0;
		if (form.dataset.sent) return;
		const { ok } = await fetch(url, { method: 'POST', body: fields(), redirect: 'manual' }).catch(() => ({}));
		status.textContent = ok ? `${status.dataset.word ?? 'Saved'} ${Date().slice(16, 21)}` : 'Not sent; still trying';
		if (!ok) later(8000);
	};
	form.addEventListener('input', () => later(2000));
	addEventListener('visibilitychange', () => timer && !form.dataset.sent && navigator.sendBeacon(url, fields()));
}

/* Times in the reader's zone, and how long ago. */
const tick = () => all('time:not(.document *)').forEach(time => {
	const at = new Date(time.dateTime);
	const left = at - Date.now(), far = Math.abs(left);
	const [unit, word] = far < 36e5 ? [6e4, ' min'] : far < 864e5 ? [36e5, ' h'] : [864e5, ' days'];
	const text = Math.abs(Math.ceil(left / unit)) + word;
	time.title = at.toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short' });
	time.textContent = far < 6e4 ? 'just now' : far >= 6048e5 ? at.toLocaleDateString('en-GB', { dateStyle: 'medium' })
		: (left < 0 ? text + ' ago' : 'in ' + text).replace('1 days ago', 'yesterday').replace('in 1 days', 'tomorrow');
});
tick();
setInterval(tick, 30000);

for (const button of all('[data-copy]')) button.onclick = async () => {
	const from = by(button.dataset.copy);
	try {
		await navigator.clipboard.writeText(from.value ?? from.textContent);
		say(button.textContent = 'Copied');
	} catch {
		getSelection().selectAllChildren(from);
		say('Selected: press Ctrl and C.');
	}
};
