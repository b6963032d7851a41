/* The queue, live: what arrived slides in, what was taken goes, and the title counts.  Nothing moves under a pointer. */
const by = id => document.getElementById(id);
const queue = by('queue');
const title = document.title;
const say = text => { by('live').textContent = text; };
const rows = where => [...where.querySelectorAll('[data-row]')];
const count = () => {
	const n = queue.dataset.counts === undefined ? 0 : rows(queue).length;
	document.title = n ? `(${n}) ${title}` : title;
};
const words = { live: 'Live: what arrives is shown at once', reconnecting: 'Reconnecting …', offline: 'Offline: what arrives is not shown' };
const chime = () => {
	const sound = new AudioContext();
	const tone = sound.createOscillator();
	const level = sound.createGain();
	level.gain.setValueAtTime(.15, sound.currentTime);
	level.gain.exponentialRampToValueAtTime(.001, sound.currentTime + .6);
	tone.frequency.value = 880;
	tone.connect(level).connect(sound.destination);
	tone.start();
	tone.stop(sound.currentTime + .6);
};

let busy;
let again;
const read = async () => {
	if (busy) return again = true;
	busy = true;
	const text = await fetch(location).then(got => got.ok ? got.text() : '').catch(() => '');
	const now = new DOMParser().parseFromString(text, 'text/html').getElementById('queue');
	if (now) {
		const old = new Set(rows(queue).map(row => row.id));
		const fresh = rows(now).filter(row => !old.has(row.id));
		const gone = old.size - (rows(now).length - fresh.length);
		const focus = document.activeElement.id;
		queue.replaceChildren(...now.childNodes);
		by(focus)?.focus();
		for (const row of fresh) by(row.id).classList.add('new');
		if (fresh.length && queue.dataset.counts !== undefined) {
			say(fresh.length === 1 ? 'New: ' + fresh[0].dataset.row : `${fresh.length} new`);
			if (document.body.dataset.chime !== undefined) chime();
		} else if (gone > 0) say(gone === 1 ? 'One was taken' : `${gone} were taken`);
		count();
		document.dispatchEvent(new Event('shown'));
	}
	busy = false;
	if (again) {
		again = false;
		read();
	}
};
/* A button under the pointer stays what it is until the pointer has left. */
const free = () => !queue.matches(':hover:has(:active)');
document.addEventListener('moved', () => free() ? read() : addEventListener('pointerup', () => setTimeout(read, 300), { once: true }));
document.addEventListener('link', ({ detail }) => {
	const line = by('link');
	if (line.dataset.state && line.dataset.state !== 'live' && detail === 'live') read();
	line.dataset.state = detail;
	line.textContent = words[detail];
});
count();
