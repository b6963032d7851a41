// The rendered samples of one who is signed in: no findings of axe or html-validate, no sideways scroll, nothing that the
// content policy stops.
import { samples } from './samples.mjs';
import { inspect } from './showcase.mjs';

inspect('the look of pages for those who are signed in', Object.keys(samples).filter(name => {
	const [, frame] = samples[name];
	return frame.signed_in;
}));
