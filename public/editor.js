/* The editor's pages: text is kept, rows are dragged, the picture is moved about.  Each can be done without. */
(() => {
'use strict';
const all = (query, root = document) => [...root.querySelectorAll(query)];
const by = id => document.getElementById(id);
const typed = field => field.dispatchEvent(new Event('input', { bubbles: true }));

/* What is typed is kept 2 s after the last key, and when one leaves. */
for (const form of all('[data-unsent]')) {
	const url = form.dataset.unsent;
	let open, timer, wait;
	const text = () => new URLSearchParams(new FormData(form));
	const keep = async () => {
		if (!open || form.dataset.sent) return;
		open = false;
		const { ok } = await fetch(url, { method: 'POST', body: text(), redirect: 'manual' }).catch(() => ({}));
		by('kept').textContent = ok ? 'Kept ' + new Date().toTimeString().slice(0, 5) : 'Not kept; still trying';
		if (!ok) later(wait = Math.min(wait * 2, 60000));
	};
	const later = ms => {
		open = true;
		clearTimeout(timer);
		timer = setTimeout(keep, ms);
	};
	const leave = () => { if (open && !form.dataset.sent) open = !navigator.sendBeacon(url, text()); };
	form.oninput = () => later(wait = 2000);
	form.onsubmit = () => { form.at.value = document.activeElement.id; };
	addEventListener('pagehide', leave);
	document.addEventListener('visibilitychange', () => document.hidden && leave());
}

/* A step is moved by the form that moves steps; an option goes with its own. */
document.addEventListener('pointerdown', e => {
	const row = !e.button && e.target.closest('.grip')?.parentNode;
	if (!row) return;
	const list = row.parentNode;
	const next = row.nextElementSibling;
	const move = by('move');
	e.preventDefault();
	list.setPointerCapture(e.pointerId);
	row.classList.add('held');
	list.onpointermove = ({ clientX, clientY }) => {
		const over = all(':scope > :has(> .grip)', list).find(one => one !== row && one.contains(document.elementFromPoint(clientX, clientY)));
		scrollBy(0, clientY < 50 ? -20 : clientY > innerHeight - 50 ? 20 : 0);
		const box = over?.getBoundingClientRect();
		over?.[clientY > box.y + box.height / 2 ? 'after' : 'before'](row);
	};
	list.onlostpointercapture = () => {
		list.onpointermove = list.onlostpointercapture = null;
		row.classList.remove('held');
		if (row.nextElementSibling === next) return;
		if (!move) return typed(row.querySelector('input'));
		move.value = row.id.slice(5);
		move.form.place.value = all('li', list).indexOf(row) + 1;
		move.form.requestSubmit();
	};
});

/* A field's name goes where one was typing. */
let last = by('body');
document.addEventListener('focusin', e => { if (/^(title|body|help)$/.test(e.target.id)) last = e.target; });
for (const button of all('[data-insert]')) button.onclick = () => {
	last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, 'end');
	last.focus();
	typed(last);
};

/* The picture: dragged, and made larger by buttons or with Ctrl and the wheel. */
for (const canvas of all('.pan')) {
	const svg = canvas.querySelector('svg');
	const { width, height } = svg.viewBox.baseVal;
	const see = canvas.getBoundingClientRect();
	let scale = 1;
	let far = 0;
	const zoom = (to, x = see.width / 2, y = see.height / 2) => {
		to = Math.max(.1, Math.min(to, 3));
		const left = (canvas.scrollLeft + x) / scale * to - x;
		const top = (canvas.scrollTop + y) / scale * to - y;
		scale = to;
		svg.setAttribute('width', width * to);
		svg.setAttribute('height', height * to);
		canvas.scrollTo(left, top);
	};
	for (const button of all('[data-zoom]')) button.onclick = () =>
		zoom(scale * button.dataset.zoom || Math.min(1, see.width / (width + 40), see.height / (height + 60)));
	canvas.addEventListener('wheel', e => {
		if (!e.ctrlKey) return;
		const { x, y } = canvas.getBoundingClientRect();
		e.preventDefault();
		zoom(scale * 1.1 ** -Math.sign(e.deltaY), e.clientX - x, e.clientY - y);
	}, { passive: false });
	canvas.onpointerdown = () => { far = 0; };
	canvas.onpointermove = e => {
		if (!(e.buttons & 1) || e.pointerType !== 'mouse' || ++far < 4) return;
		canvas.setPointerCapture(e.pointerId);
		canvas.scrollBy(-e.movementX, -e.movementY);
	};
	canvas.ondragstart = e => e.preventDefault();
	const now = canvas.querySelector('[aria-current]')?.getBoundingClientRect();
	if (now) canvas.scrollBy(now.x + now.width / 2 - see.x - see.width / 2, now.y + now.height / 2 - see.y - see.height / 2);
}
})();
