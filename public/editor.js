/* The editor's pages: rows and the picture are dragged.  All of it can be done without. */
const by = id => document.getElementById(id);
const all = query => document.querySelectorAll(query);
const typed = field => field.dispatchEvent(new Event('input', { bubbles: true }));

/* What is typed is kept, unasked, 2 s after the last key and when one leaves.  Where the focus was, it is again. */
for (const form of all('[data-autosave]')) {
	const url = form.dataset.autosave;
	const status = form.querySelector('[role=status]');
	const fields = () => new URLSearchParams(new FormData(form));
	let timer;
	form.onsubmit = () => { form.at.value = document.activeElement.id; };
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

/* A step goes by the form that moves steps, an option with its own. */
document.addEventListener('pointerdown', e => {
	const row = !e.button && e.target.closest('.grip')?.closest('li, .option');
	if (!row) return;
	const list = row.parentNode;
	const next = row.nextElementSibling;
	const move = by('move');
	e.preventDefault();
	list.setPointerCapture(e.pointerId);
	row.classList.add('held');
	list.onpointermove = ({ x, y }) => {
		const over = document.elementFromPoint(x, y)?.closest('li, .option');
		scrollBy(0, y < 50 ? -20 : y > innerHeight - 50 ? 20 : 0);
		if (over === row || over?.parentNode !== list || !over.querySelector('.grip')) return;
		const box = over.getBoundingClientRect();
		over[y > box.y + box.height / 2 ? 'after' : 'before'](row);
	};
	list.onlostpointercapture = () => {
		list.onpointermove = null;
		row.classList.remove('held');
		if (row.nextElementSibling === next) return;
		if (!move) return typed(row.querySelector('input'));
		move.value = row.id.slice(5);
		move.form.place.value = [...list.children].indexOf(row) + 1;
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

/* The picture is made larger by its buttons, or with Ctrl and the wheel. */
for (const canvas of all('.pan')) {
	const svg = canvas.querySelector('svg');
	const { width, height } = svg.viewBox.baseVal;
	const see = canvas.getBoundingClientRect();
	let scale = 1;
	let far;
	const zoom = (to, x = see.width / 2, y = see.height / 2) => {
		to = Math.max(.1, Math.min(to, 4));
		const [left, top] = [canvas.scrollLeft + x, canvas.scrollTop + y].map(at => at / scale * to);
		svg.setAttribute('width', width * to);
		svg.setAttribute('height', height * to);
		canvas.scrollTo(left - x, top - y);
		scale = to;
	};
	for (const button of all('[data-zoom]')) button.onclick = () =>
		zoom(scale * button.dataset.zoom || Math.min(1, (see.width - 40) / width, (see.height - 60) / height));
	canvas.addEventListener('wheel', e => {
		if (!e.ctrlKey) return;
		const { x, y } = canvas.getBoundingClientRect();
		e.preventDefault();
		zoom(scale * 1.1 ** -Math.sign(e.deltaY), e.x - x, e.y - y);
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
