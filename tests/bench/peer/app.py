"""The peer: the same pages of the same rows by the same SQL, as FastAPI, asyncpg and Jinja2 make them.

Of the run page it can what the seeded flow needs: decisions whose texts have variables, each a line of text.

From the environment: DSN, SECRET, SQL (a JSON file of the product's statements), TEMPLATES, and TUNED=1 for a pool
that does not say RESET ALL whenever a connection goes back to it."""
import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from datetime import datetime, timezone
from html import escape

import asyncpg
import jwt
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader

SECRET = os.environ["SECRET"]
MAY_RUN = 2 + 4 + 8
with open(os.environ["SQL"]) as file:
    SQL = json.load(file)
templates = Environment(
    loader=FileSystemLoader(os.environ["TEMPLATES"].split(":")),
    autoescape=True, auto_reload=False, trim_blocks=True)
FLOWS, STEP = templates.get_template("flows.html"), templates.get_template("step.html")
VARIABLE = re.compile(r"\[VAR:([\w-]+)\]")

app = FastAPI(docs_url=None, openapi_url=None)
pool = None


class Untouched(asyncpg.Connection):
    def get_reset_query(self):
        return ""


@app.on_event("startup")
async def connect():
    global pool
    kind = Untouched if os.environ.get("TUNED") == "1" else asyncpg.Connection
    pool = await asyncpg.create_pool(os.environ["DSN"], min_size=1, max_size=8, connection_class=kind)


def claims_of(request):
    try:
        return jwt.decode(request.cookies.get("access", ""), SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(401)


def csrf_of(claims):
    digest = hmac.new(SECRET.encode(), claims["sid"].encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def enter(db, claims):
    return await db.fetchrow(SQL["enter"], claims["acc"], claims["sub"], claims["sid"], MAY_RUN, False, False)


@app.get("/bench/flows")
async def flows(request: Request):
    claims = claims_of(request)
    async with pool.acquire() as db, db.transaction():
        user = await enter(db, claims)
        rows = await db.fetch(SQL["flows"])
    return HTMLResponse(FLOWS.render(user=user, csrf=csrf_of(claims), flows=rows))


async def find_session(db, session_id):
    try:
        await db.execute(SQL["session_find"], session_id)
    except asyncpg.PostgresError as error:
        raise HTTPException(403 if error.sqlstate == "RF403" else 404)


async def read_session(db, session_id):
    row = await db.fetchrow(SQL["session"], session_id)
    visits = await db.fetch(SQL["visits"], session_id)
    nodes = {node["id"]: node for node in json.loads(row["structure"])["nodes"]}
    return row, visits, nodes, nodes[visits[-1]["node"]]


def resolve(text, values):
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def write_text(text, values, fields):
    def place(found):
        name = found[1]
        if name in values:
            return escape(values[name])
        state = "required" if fields[name]["required"] else "optional"
        return (f'<span class="var asked">{escape(fields[name]["label"])}</span><span class="var-prompt"><label for="v-{name}">{escape(fields[name]["label"])} <span class="state">({state})</span>'
                f'</label><input class="input" type="text" autocomplete="off" value="" form="step" id="v-{name}" name="v.{name}"></span>')
    marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text))
    return "".join(f"<p>{VARIABLE.sub(place, part)}</p>\n" for part in marked.split("\n\n"))


def ago(at):
    seconds = (datetime.now(timezone.utc) - at).total_seconds()
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago" if seconds >= 60 else "just now"
    days = int(seconds // 86400)
    return f"{int(seconds // 3600)} h ago" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


def clock(seconds):
    return f"{seconds // 60}:{seconds % 60:02}"


def mark(text):
    return hashlib.sha256(text.encode()).hexdigest()


@app.get("/sessions/{session_id}/steps/{visit}")
async def step(session_id: str, visit: int, request: Request):
    claims = claims_of(request)
    async with pool.acquire() as db, db.transaction():
        user = await enter(db, claims)
        await find_session(db, session_id)
        await db.fetch(SQL["travel_here"], session_id)  # no run has ended at such a step
        row, visits, nodes, node = await read_session(db, session_id)
    values, fields = json.loads(row["variables"]), {field["name"]: field for field in json.loads(row["intake"])}
    way = [{**v, "title": resolve(v["title"], values), "ago": ago(v["answered_at"]), "took": f"{v['took']} s",
            "at": v["answered_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
           for v in visits if v["answered_at"] and not v["reverted_at"]]
    page = STEP.render(
        user=user, csrf=csrf_of(claims), s=row, way=way, answered=len(way), title=resolve(node["title"], values),
        body=write_text(node["body"], values, fields), help=write_text(node["help"], values, fields),
        options=[{**option, "label": resolve(option["label"], values)} for option in node["options"]],
        clock=clock(row["active"]), filled=len(values), fields=len(fields),
        missing=sum(field["required"] and name not in values for name, field in fields.items()),
        note_was=mark(visits[-1]["notes"]), scratch_was=mark(row["scratchpad"]), once=secrets.token_urlsafe(32))
    return HTMLResponse(page)


@app.post("/sessions/{session_id}/steps/{visit}")
async def answer(session_id: str, visit: int, request: Request):
    claims = claims_of(request)
    form = await request.form()
    if not hmac.compare_digest(form.get("csrf", ""), csrf_of(claims)):
        raise HTTPException(403)
    async with pool.acquire() as db, db.transaction():
        await enter(db, claims)
        await db.execute(SQL["once_take"], form["once"], mark(json.dumps(sorted(form.items()))))
        await find_session(db, session_id)
        await db.execute(SQL["session_lock"], session_id)
        row, visits, nodes, node = await read_session(db, session_id)
        option = next((option for option in node["options"] if option["id"] == form["option"]), None)
        if row["visit"] != visit or not option:
            raise HTTPException(409)
        note, to = form.get("note", ""), nodes[option["next"]]
        if mark(note) != form["note_was"]:
            await db.execute(SQL["visit_note"], session_id, visit, note)
            await db.execute(SQL["session_touch"], session_id)
        await db.execute(SQL["visit_answer"], session_id, option["id"], option["label"], None)
        await db.execute(SQL["session_step"], session_id)
        again = 1 + sum(v["node"] == to["id"] and bool(v["answered_at"]) for v in visits)
        await db.execute(SQL["visit_add"], session_id, to["id"], to["kind"], to["title"], "", again, 0, "")
        where = f"/sessions/{session_id}/steps/{visit + 1}"
        await db.execute(SQL["once_keep"], form["once"], where)
    return RedirectResponse(where, status_code=303)
