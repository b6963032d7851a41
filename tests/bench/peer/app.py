"""The peer: the same pages of the same rows by the same SQL, as FastAPI, asyncpg and Jinja2 make them.

From the environment: DSN, SECRET, SQL (a JSON file of the product's statements), TEMPLATES, and TUNED=1 for a pool
that does not say RESET ALL whenever a connection goes back to it."""
import base64
import hashlib
import hmac
import json
import os

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
FLOWS, SESSION = templates.get_template("flows.html"), templates.get_template("session.html")

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
    return await db.fetchrow(SQL["enter"], claims["acc"], claims["sub"], claims["sid"], MAY_RUN)


@app.get("/bench/flows")
async def flows(request: Request):
    claims = claims_of(request)
    async with pool.acquire() as db, db.transaction():
        user = await enter(db, claims)
        rows = await db.fetch(SQL["flows"])
    return HTMLResponse(FLOWS.render(user=user, csrf=csrf_of(claims), flows=rows))


@app.get("/bench/sessions/{session_id}")
async def session(session_id: str, request: Request):
    claims = claims_of(request)
    async with pool.acquire() as db, db.transaction():
        user = await enter(db, claims)
        row = await db.fetchrow(SQL["session"], session_id)
        if not row:
            raise HTTPException(404)
        steps = await db.fetch(SQL["steps"], session_id)
    page = SESSION.render(user=user, csrf=csrf_of(claims), s=row, node=json.loads(row["node"]), steps=steps)
    return HTMLResponse(page)


@app.post("/bench/sessions/{session_id}/answer")
async def answer(session_id: str, request: Request):
    claims = claims_of(request)
    form = await request.form()
    if not hmac.compare_digest(form.get("csrf", ""), csrf_of(claims)):
        raise HTTPException(403)
    async with pool.acquire() as db, db.transaction():
        await enter(db, claims)
        row = await db.fetchrow(
            SQL["answer"], session_id, int(form["step"]), form.get("answer", ""), form.get("note", ""))
        if not row:
            raise HTTPException(409)
    return RedirectResponse(f"/bench/sessions/{session_id}", status_code=303)
