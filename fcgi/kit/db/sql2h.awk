# store.sql -> store.sql.h: one "static const struct sql" a statement, and <room>_statements, the list of them.
#   -- name: user_by_id(user uuid) -> user_row     rows come in the shape user_row, column for field
#   -- name: user_touch(user uuid)                 no rows are looked at
function flush() {
	if (name == "") return
	printf "static const struct sql sql_%s = {\n\t.name = \"%s.%s\", .nargs = %d, .writes = %s, .row = %s,\n\t.text =%s\n};\n", name, room, name, nargs, writes ? "true" : "false", row == "" ? "NULL" : "&" row, text
	list = list "\t&sql_" name ",\n"; name = ""
}
/^-- name: / {
	flush()
	head = substr($0, 10); row = ""
	if (match(head, / -> /)) { row = substr(head, RSTART + 4); head = substr(head, 1, RSTART - 1) }
	if (!match(head, /\(.*\)$/)) { print FILENAME ":" FNR ": a statement is named name(args)" > "/dev/stderr"; exit 1 }
	args = substr(head, RSTART + 1, RLENGTH - 2); name = substr(head, 1, RSTART - 1)
	nargs = args == "" ? 0 : split(args, unused, ","); text = ""; writes = 0; next
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
name == "" { print FILENAME ":" FNR ": SQL before the first \"-- name:\"" > "/dev/stderr"; exit 1 }
{
	words = toupper($0); gsub(/FOR (NO KEY )?UPDATE/, "", words)
	if (match(words, /(^|[^A-Z_])(INSERT INTO|UPDATE|DELETE FROM)([^A-Z_]|$)/)) writes = 1
	gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); text = text "\n\t\t\"" $0 "\\n\""
}
END {
	flush()
	printf "const struct sql *const %s_statements[] = {\n%s\tNULL,\n};\n", room, list
}
