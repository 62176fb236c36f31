"""What the specification asked for first: the same two reads by FastAPI, with the same work beside them.

A request id, one line of JSON in the log, a histogram, a verified token, limits for the user and the address in one
Redis script, the profile in Redis for five minutes. It exists to be measured beside, and serves nobody.
"""

import os
import sys
import time
import uuid
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg
import jwt
import orjson
import redis.asyncio as redis
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import Response
from prometheus_client import Histogram, generate_latest

SECRET = os.environ["JWT_SECRET"]
USERS_PER_MINUTE = int(os.environ["RATE_LIMIT_USER"])
ADDRESSES_PER_MINUTE = int(os.environ["RATE_LIMIT_ADDRESS"])
CACHED_FOR = 300

FIND_USER = "SELECT id, email, first_name, last_name, created_at, updated_at FROM users WHERE id = $1"
FIND_POST = (
    "SELECT id, user_id, title, content, published, created_at, updated_at FROM posts"
    " WHERE id = $1 AND (published OR user_id = $2)"
)
LIMITS = """
local left = 1
for i = 1, 2 do
  local used = redis.call('INCR', KEYS[i])
  if used == 1 then redis.call('EXPIRE', KEYS[i], 60) end
  if used > tonumber(ARGV[i]) then left = 0 end
end
return left
"""

seconds = Histogram(
    "http_request_duration_seconds",
    "Time to answer",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


@asynccontextmanager
async def parts(app):
    url = os.environ["DATABASE_URL"]
    # A folder with the server's socket stands in the query, where asyncpg prefers the name before it.
    way = {"port": urlsplit(url).port}
    way |= {"host": folder for folder in parse_qs(urlsplit(url).query).get("host", [])}
    app.state.database = await asyncpg.create_pool(url, **way, min_size=20, max_size=20)
    app.state.redis = redis.from_url(os.environ["REDIS_URL"])
    app.state.limits = app.state.redis.register_script(LIMITS)
    yield
    await app.state.redis.aclose()
    await app.state.database.close()


class Beside:
    """Request id, log line and histogram: plain ASGI, the quickest that Python has."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        request_id = given or str(uuid.uuid4()).encode()
        scope["state"]["user_id"] = None
        status = 500

        async def sent(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            took = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "none")
            seconds.labels(scope["method"], route, status).observe(took)
            line = {
                "timestamp": time.time(),
                "level": "INFO",
                "service": "twin",
                "request_id": request_id.decode(),
                "user_id": scope["state"]["user_id"],
                "error": None,
                "duration": took,
                "method": scope["method"],
                "route": route,
                "status": status,
            }
            sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


app = FastAPI(lifespan=parts)
app.add_middleware(Beside)


async def caller(request: Request) -> uuid.UUID:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401)
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="app", issuer="app")
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    user = claims["sub"]
    keys = [f"limit:user:{user}", f"limit:address:{request.client.host}"]
    if not await app.state.limits(keys=keys, args=[USERS_PER_MINUTE, ADDRESSES_PER_MINUTE]):
        raise HTTPException(429)
    request.state.user_id = user
    return uuid.UUID(user)


def as_json(row) -> bytes:
    # asyncpg has a kind of UUID of its own, which orjson does not know.
    return orjson.dumps(dict(row.items()), default=str, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)


def answer(body: bytes) -> Response:
    return Response(body, media_type="application/json")


@app.get("/api/users/{id}")
async def show_user(id: uuid.UUID, user: uuid.UUID = Depends(caller)):
    if id != user:
        raise HTTPException(403)
    key = f"user:{id}"
    body = await app.state.redis.get(key)
    if body is None:
        row = await app.state.database.fetchrow(FIND_USER, id)
        if row is None:
            raise HTTPException(404)
        body = as_json(row)
        await app.state.redis.set(key, body, ex=CACHED_FOR)
    response = answer(body)
    response.headers["cache-control"] = f"private, max-age={CACHED_FOR}"
    response.headers["vary"] = "Authorization"
    return response


@app.get("/api/posts/{id}")
async def show_post(id: uuid.UUID, user: uuid.UUID = Depends(caller)):
    row = await app.state.database.fetchrow(FIND_POST, id, user)
    if row is None:
        raise HTTPException(404)
    return answer(as_json(row))


@app.get("/health/ready")
async def ready():
    return {"status": "ready"}


@app.get("/metrics")
async def metrics():
    return Response(generate_latest(), media_type="text/plain")
