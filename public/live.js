/*
 * What happens elsewhere, on the open pages of somebody who is signed in.  body data-events=URL is the stream: one a
 * browser, and the other tabs listen to the one that has it.  Each event has a row of `heard`.
 * A page's own script hears 'moved' on the document, of hand-offs, and 'link' of how the stream is.
 */
const by = id => document.getElementById(id);
const say = text => { by('live').textContent = text; };
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
		const { waiting } = await fetch('/api/v1/escalations/waiting').then(got => got.json()).catch(() => ({}));
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

const url = document.body.dataset.events;
const tabs = new BroadcastChannel('events');
let since = '';
let state = 'reconnecting';
const share = (type, data, stream) => {
	tabs.postMessage([type, data]);
	heard[type](data, stream);
};
const link = now => share('link', state = now);
const listen = async () => {
	for (let wait = 4000;; wait = Math.min(wait * 2, 120000)) {
		await new Promise(refused => {
			const stream = new EventSource(url + since);
			for (const type in heard) stream.addEventListener(type, e => {
				if (e.lastEventId) since = '?last_event_id=' + e.lastEventId;
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
tabs.onmessage = ({ data: [type, data] }) => {
	// A page that has just come asks how the stream is.
	if (type !== 'how') heard[type]?.(data);
	else if (leads) link(state);
};
const lead = () => {
	leads = true;
	return listen();
};
if (navigator.locks) navigator.locks.request('events', lead);
else if (by('queue')) lead();
tabs.postMessage(['how']);
