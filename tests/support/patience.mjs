// How much longer than usual all may take: `make asan` says 4, for its programs are that much slower.
export const PATIENCE = Number(process.env.TEST_PATIENCE ?? 1);

// Milliseconds, of a wait or as a bound.
export const patient = milliseconds => milliseconds * PATIENCE;

export const deadline = seconds => Date.now() + patient(seconds * 1000);
