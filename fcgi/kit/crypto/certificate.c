/* Reading a server's certificate and its key; see certificate.h. */
#include "kit/crypto/certificate.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kit/base/arena.h"

static const struct err *open_file(struct arena *a, const char *path, FILE **ret)
{
	*ret = fopen(path, "re");
	if (*ret)
		return NULL;
	return ERR(a, errno == EACCES ? ERR_FORBIDDEN : ERR_INVALID, "%s: %s", path,
		   strerror(errno));
}

/* A key that has a password asks nobody for it. */
static int no_password(char *to, int size, int writing, void *ctx)
{
	(void)writing, (void)ctx;
	if (size > 0)
		to[0] = '\0';
	return 0;
}

static void free_certificate(void *certificate)
{
	X509_free(certificate);
}

static const struct err *read_certificate(struct arena *a, const char *path, X509 **ret)
{
	FILE *file;

	TRY(open_file(a, path, &file));
	*ret = PEM_read_X509(file, NULL, no_password, NULL);
	fclose(file);
	if (!*ret)
		return ERR(a, ERR_INVALID, "%s is no certificate", path);
	arena_defer(a, free_certificate, *ret);
	return NULL;
}

static const struct err *fits(struct arena *a, X509 *certificate, const char *path, bool *ret)
{
	EVP_PKEY *key;
	FILE *file;

	TRY(open_file(a, path, &file));
	key = PEM_read_PrivateKey(file, NULL, no_password, NULL);
	fclose(file);
	if (!key)
		return ERR(a, ERR_INVALID, "%s is no key, or has a password", path);
	*ret = X509_check_private_key(certificate, key) == 1;
	EVP_PKEY_free(key);
	return NULL;
}

static struct instant instant_of(const ASN1_TIME *time)
{
	struct tm tm;

	if (!ASN1_TIME_to_tm(time, &tm))
		return (struct instant){ 0 };
	return (struct instant){ .us = (int64_t)timegm(&tm) * CLOCK_SECOND };
}

const struct err *certificate_read(struct arena *a, const char *path, const char *key,
				   const char *host, struct certificate *ret)
{
	X509 *certificate;
	struct certificate found;

	TRY(read_certificate(a, path, &certificate));
	TRY(fits(a, certificate, key, &found.has_key));
	found.from = instant_of(X509_get0_notBefore(certificate));
	found.until = instant_of(X509_get0_notAfter(certificate));
	found.names_host = X509_check_host(certificate, host, 0, 0, NULL) == 1 ||
			   X509_check_ip_asc(certificate, host, 0) == 1;
	*ret = found;
	return NULL;
}
