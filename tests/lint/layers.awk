# Refuses an include that points upward in fcgi/LAYERS, and one of another trade room's private header: public are the
# one with the room's name and those that stand behind it there.
#	awk -f tests/lint/layers.awk fcgi/LAYERS $(git ls-files 'fcgi/*.[ch]')
FNR == 1 { files++ }
files == 1 {
	if ($0 !~ /^#/) {
		level++
		for (at = 1; at <= NF; at++) {
			split($at, word, ":")
			rank[word[1]] = level
			for (n = split(word[2], more, ","); n > 0; n--)
				open_header[word[1] "/" more[n] ".h"] = 1
		}
	}
	next
}
function room(path) {
	sub(/^fcgi\//, "", path)
	sub(/\/[^\/]*$/, "", path)
	return path
}
function refuse(why) {
	printf("%s:%d: %s\n", FILENAME, FNR, why)
	failed = 1
}
match($0, /^#include "[^"]+\//) {
	header = $0
	sub(/^#include "(fcgi\/)?/, "", header)
	sub(/".*/, "", header)
	from = room(FILENAME)
	to = room(header)
	if (!(from in rank) || !(to in rank))
		refuse("fcgi/LAYERS does not know " (from in rank ? to : from))
	else if (from != to && rank[to] >= rank[from])
		refuse(from " may not use " to ", which stands above or beside it")
	else if (from != to && from != "app" && to !~ /^kit\// && header != to "/" to ".h" && !(header in open_header))
		refuse(header " is private to " to)
}
END { exit failed }
