# A library has one room that may include it, so that it can be replaced there and misused nowhere else.
#	awk -f tests/lint/rooms.awk $(git ls-files 'fcgi/*.[ch]')
BEGIN {
	home["libpq-fe.h"] = "fcgi/kit/db/"
	home["json-c/"] = "fcgi/kit/base/"
	home["sodium.h"] = home["jwt.h"] = home["zxcvbn.h"] = "fcgi/kit/crypto/"
	home["liboath/"] = home["openssl/"] = "fcgi/kit/crypto/"
	home["qrencode.h"] = "fcgi/kit/qr/"
	home["curl/"] = "fcgi/kit/net/"
	home["pcre2.h"] = "fcgi/kit/redact/"
	home["fcgiapp.h"] = "fcgi/kit/http/"
	home["fcgi_stdio.h"] = "no room: it redefines stdio; fcgiapp.h is the one to use"
}
/^#include </ {
	for (library in home)
		if (index($0, "<" library) && index(FILENAME, home[library]) != 1) {
			printf("%s:%d: <%s> belongs to %s\n", FILENAME, FNR, library, home[library])
			failed = 1
		}
}
END { exit failed }
