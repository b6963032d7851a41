# app/features.c -> the same with the measured room at the end of its lists, whatever rooms the product has.
/"record\/record.h"/ { print; print "#include \"room/room.h\""; next }
match($0, /feature_(routes|views|statements)\[\]/) { list = substr($0, RSTART + 8, RLENGTH - 10) }
list && sub(/NULL/, "room_" list ", NULL") { list = "" }
{ print }
