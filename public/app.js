/*
 * Makes pages nicer that work without it.  Attributes ask for it:
 *	form data-save: Ctrl and S send it, the one typed in or the first
 *	form data-dirty: who leaves it changed is asked first
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

/*
 * What happens elsewhere.  body data-events=URL is the stream, data-seen=NUMBER the last event that the page knows:
 * one stream a browser, and the other tabs listen to the one that has it.  Each event has a row of `heard`.  A page's own script hears 'moved' on the document, of hand-offs, and 'link'
 * of how the stream is.
 */
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

/* How many wait, as the server counts them for whoever reads this. */
const counts = document.querySelectorAll('[data-waiting]');
const show = n => counts.forEach(count => {
	count.hidden = !n;
	count.firstChild.textContent = n;
});
let asking;
const moved = type => {
	clearTimeout(asking);
	asking = setTimeout(async () => {
		const { waiting } = counts.length ? await fetch('/api/v1/escalations/waiting').then(got => got.json()).catch(() => ({})) : {};
		if (waiting >= 0) show(waiting);
		tell('moved', type);
	}, 50 + Math.random() * 200);
};
const heard = {
	signed_out(data, stream) {
		stream?.close();
		if (document.querySelector('[data-changed]')) say('You were signed out. Your text is kept when you send it.');
		else location.href = '/login?signed_out=1';
	},
	notice(data) {
		heard.notice_read(data);
		say('New notice');
	},
	notice_read({ unread }) {
		const count = by('unread');
		count.textContent = unread < 100 ? unread : '100+';
		count.parentNode.hidden = !unread;
	},
	link: state => tell('link', state),
	overflow: () => moved('overflow'),
	handoff_created: () => moved('created'),
	handoff_overdue: () => moved('overdue'),
};
for (const type of ['claimed', 'released', 'resolved', 'cancelled']) heard['handoff_' + type] = () => moved(type);

const { events: url, seen } = document.body.dataset;
const tabs = new BroadcastChannel('events');
let since = seen;
let state = 'reconnecting';
const share = (type, data, stream) => {
	tabs.postMessage([type, data, since]);
	heard[type](data, stream);
};
const link = now => share('link', state = now);
const listen = async () => {
	for (let wait = 4000;; wait = Math.min(wait * 2, 120000)) {
		await new Promise(refused => {
			const stream = new EventSource(url + since);
			for (const type in heard) stream.addEventListener(type, e => {
				if (e.lastEventId) since = e.lastEventId;
				share(type, JSON.parse(e.data || null), stream);
			});
			stream.onopen = () => {
				wait = 4000;
				link('live');
			};
			stream.onerror = () => {
				link(navigator.onLine ? 'reconnecting' : 'offline');
				if (stream.readyState === 2) refused();
			};
		});
		await new Promise(done => setTimeout(done, wait * (0.5 + Math.random())));
		// 204: the sign-in ended.  Else the hub may be back.
		const { status, body } = await fetch(url, { headers: { accept: 'text/event-stream' } }).catch(() => ({}));
		body?.cancel();
		if (status === 204) return;
	}
};
let leads;
tabs.onmessage = ({ data: [type, data, id] }) => {
	if (type === 'link' && id - since > 0) moved();
	since = id ?? since;
	// A page that has just come asks how the stream is.
	if (type !== 'how') heard[type]?.(data);
	else if (leads) link(state);
};
const lead = () => {
	leads = true;
	return listen();
};
/* Not before the page's own script can hear it. */
if (url) addEventListener('DOMContentLoaded', () => {
	tabs.postMessage(['how']);
	if (navigator.locks) navigator.locks.request('events', lead);
	else if (by('queue')) lead();
});
