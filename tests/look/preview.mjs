// Renders every sample to build/look/*.html, to be opened in a browser: node tests/look/preview.mjs
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustache } from './mustache.mjs';
import { samples } from './samples.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const out = join(root, 'build/look');
const render = mustache(join(root, 'templates'));
mkdirSync(join(out, 'static'), { recursive: true });
for (const file of ['app.css', 'app.js', 'icon.svg']) copyFileSync(join(root, 'public', file), join(out, 'static', file));
for (const [name, [template, frame, model]] of Object.entries(samples)) {
	writeFileSync(join(out, `${name}.html`), render(template, frame, model));
}
const links = Object.keys(samples).map(name => `<li><a href="${name}.html">${name}</a></li>`).join('\n');
writeFileSync(join(out, 'index.html'), `<!doctype html>\n<html lang="en">\n<title>Pages</title><ul>${links}</ul>\n</html>\n`);
console.log(`${Object.keys(samples).length} pages in ${out}`);
