/* A list that follows its filters; an answer that comes after a newer question is not shown. */
const form = document.querySelector('form[data-live]');
const by = id => document.getElementById(id);
let asking;
let pause;
const ask = async () => {
	asking?.abort();
	const mine = asking = new AbortController();
	const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
	const to = form.action + '?' + fields;
	const answer = await fetch(to, { signal: mine.signal }).then(got => got.text()).catch(() => '');
	if (!answer || mine !== asking) return;
	const page = new DOMParser().parseFromString(answer, 'text/html');
	const list = page.getElementById(form.dataset.live);
	// No list, or another account's since the look into this one has ended.
	if (!list || page.body.dataset.inside !== document.body.dataset.inside) return location.assign(to);
	by(list.id).replaceWith(list);
	history.replaceState(null, '', to);
	by('live').textContent = list.querySelector('h2').textContent;
};
form.addEventListener('input', () => {
	clearTimeout(pause);
	pause = setTimeout(ask, 200);
});
