# What the house style forbids and no other tool says: calls without a bound, malloc outside kit/, files that have
# grown too long, unfinished work.
#	awk -f tests/lint/habits.awk $(git ls-files '*.[ch]')
function refuse(why) {
	printf("%s:%d: %s\n", FILENAME, FNR, why)
	failed = 1
}
FNR > 600 && !(FILENAME in long) && FILENAME ~ /^fcgi\// {
	long[FILENAME] = 1
	refuse("over 600 lines: two ideas in one file")
}
FNR == 1 && FILENAME ~ /^fcgi\/.*\.c$/ && !/^\/\*/ { refuse("a file begins by saying what it is for") }
{
	code = $0
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
	sub(/\/\/.*/, "", code)
}
code ~ /^[ \t]*(\/\*|\*)/ { next }
code ~ /(^|[^a-z_0-9])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca)\(/ { refuse("a call without a bound or an error") }
code ~ /(^|[^a-z_0-9])(malloc|calloc|realloc|strdup)\(/ && FILENAME ~ /^fcgi\// && FILENAME !~ /^fcgi\/kit\// { refuse("memory comes from an arena outside kit/") }
/(^|[^A-Z])(TODO|FIXME|XXX|HACK)([^A-Z]|$)/ { refuse("unfinished") }
END { exit failed }
