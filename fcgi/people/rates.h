#ifndef PEOPLE_RATES_H
#define PEOPLE_RATES_H

/* Classes of routes that one address may call only so often a minute; the numbers are settings. */
enum rate {
	RATE_NONE,
	RATE_SIGN_IN,
	RATE_REGISTER,
	RATE_KEEP,
	RATE_VERIFY,
	RATE_UNSUBSCRIBE,
	RATE__MAX
};

#endif
