/* A step of a session: what makes it quicker.  All of it goes without. */
const by = id => document.getElementById(id);
const form = by('step');
const say = text => { by('kept').textContent = text; };
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
		say('Saved ' + Date().slice(16, 21));
		done(await answer.text(), answer);
	}).catch(() => {
		say('Not saved; still trying');
		later(8000);
	}).finally(() => { sending = null; });
};

/* Note and scratchpad are kept after 2 s, and when one leaves. */
const keep = () => {
	if (!open || form.dataset.sent) return;
	if (sending) return later(500);
	post(form.action + '/unsent', (text, { ok, status }) => {
		if (status === 409) say('Changed elsewhere. Press Save to see both.');
		else if (!ok) throw text;
		else [form.note_was.value, form.scratch_was.value] = text.split(' ');
	});
};
addEventListener('input', e => /^(note|scratchpad)$/.test(e.target.id) && later(2000));
addEventListener('visibilitychange', keep);
addEventListener('beforeunload', keep);

/* A filled prompt becomes its text, unless a button was pressed; what is typed meanwhile stays. */
const fill = () => {
	if (form.dataset.sent) return;
	if (sending) return setTimeout(fill, 300);
	post(form.action, text => {
		const page = new DOMParser().parseFromString(text, 'text/html');
		const fresh = page.getElementById('step');
		const { id, value } = document.activeElement;
		const labels = of => of.querySelectorAll('[name=option] > span');
		if (fresh?.action !== form.action) return setTimeout(() => form.requestSubmit());
		for (const name of ['once', 'note_was', 'scratch_was']) form[name].value = fresh[name].value;
		labels(form).forEach(label => label.replaceWith(labels(page)[0]));
		for (const part of ['head', 'text', 'fields']) by(part).replaceWith(page.getElementById(part));
		const now = by(id);
		if (now?.matches('#text *')) now.value = value;
		now?.focus();
		page.querySelectorAll('.err-sum a').forEach(link => say(link.textContent));
	});
};
addEventListener('change', e => e.target.matches('#text .var-prompt *') && setTimeout(fill, 300));

/* What is under way comes first. */
form.addEventListener('submit', e => {
	const { name, value } = e.submitter || form;
	if (!sending) return;
	e.preventDefault();
	e.stopPropagation();
	sending.then(() => form.requestSubmit([...form.elements].find(one => one.name === name && one.value === value)));
});

/* Neither the second click of two nor a key that is held answers the next step too. */
form.addEventListener('click', e => e.detail === 2 && e.target.closest('.answers') && e.preventDefault());
addEventListener('keydown', e => {
	const { key, ctrlKey } = e;
	const pad = by('scratch');
	if (key === '/' && ctrlKey) {
		pad.open = !pad.open;
		by(pad.open ? 'scratchpad' : 'note')?.focus();
	} else if (!('keys' in form.dataset) || ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.closest('input, textarea, select')) return;
	else if (key === '?') by('keys').togglePopover();
	else if (by('keys').matches(':popover-open') || !/^[1-9bhn]$/.test(key)) return;
	else if (key === 'n') by('note')?.focus();
	else form.querySelector(`[data-key="${key}"]`)?.click();
	e.preventDefault();
});

const { seconds } = by('timer').dataset;
const began = Date.now() - seconds * 1000;
if (seconds < 8e4) setInterval(() => {
	by('timer').textContent = new Date(Date.now() - began).toISOString().slice(11, 19).replace(/^(00:)?0?/, '');
}, 1000);
