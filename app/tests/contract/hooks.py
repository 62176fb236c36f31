"""Whoever tries the service is somebody: signs up, logs in, and again after the token was logged out or the account deleted."""

import uuid

import requests
import schemathesis

PASSWORD = "a password of the contract's tests"
ENDS_SESSIONS = ("/auth/logout", "/auth/refresh", "/api/users/{id}/password")


def token(base: str) -> str:
    account = {"email": f"contract-{uuid.uuid4()}@example.com", "password": PASSWORD}
    requests.post(f"{base}/api/users", json=account, timeout=10).raise_for_status()
    session = requests.post(f"{base}/auth/login", json=account, timeout=10)
    session.raise_for_status()
    return session.json()["access_token"]


@schemathesis.auth(refresh_interval=None)
class Somebody:
    """One account for everything that leaves it alone, a new one for what ends its session, and before it asked too much."""

    kept = None
    asked = 0

    def get(self, case, context):
        base = case.operation.base_url.rstrip("/")
        if case.operation.path in ENDS_SESSIONS:
            return token(base)
        if Somebody.asked % 500 == 0:
            Somebody.kept = token(base)
        Somebody.asked += 1
        return Somebody.kept

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """What no schema can say: a cursor is one that the service gave, a key belongs to one request."""
    (case.query or {}).pop("cursor", None)
    headers = case.headers or {}
    if "idempotency-key" in headers:
        headers["idempotency-key"] = str(uuid.uuid4())
