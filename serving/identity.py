"""Who asks: a bearer token names teams, by a file of hashes; what a feature set allows them."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.care import may

_SCHEME = "bearer "


def teams_of(authorization: str, tokens: str) -> tuple[str, ...]:
    """Return the teams that a header `Authorization: Bearer …` stands for; none without a token.

    Args:
        authorization: The header's value, empty where there is none.
        tokens: The file of tokens: lines of a token's SHA-256 in hexadecimal digits, and its team. It is read anew
            each time, so that a token is gone as soon as its line is.

    Raises:
        RequestError: 401, the token is in no line.
    """
    if not authorization:
        return ()
    token = authorization[len(_SCHEME) :].strip() if authorization.lower().startswith(_SCHEME) else ""
    digest = hashlib.sha256(token.encode()).hexdigest()
    lines = Path(tokens).expanduser().read_text(encoding="utf-8").splitlines() if tokens else []
    known = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    teams = tuple(parts[1] for parts in known if len(parts) == 2 and hmac.compare_digest(parts[0], digest))
    if not token or not teams:
        raise RequestError(
            "the token is none that this server knows.",
            status=401,
            code="unknown_token",
            cure="Send Authorization: Bearer <token>, with one whose SHA-256 stands in BIGHEAD_TOKENS.",
        )
    return teams


def require_writer(feature_set: FeatureSet, authorization: str, tokens: str) -> None:
    """Refuse events for a set that names its writers from anybody else.

    Raises:
        RequestError: 401 for a wrong token, 403 for none or another team's.
    """
    if not feature_set.writers or may(feature_set, teams_of(authorization, tokens), "write"):
        return
    raise RequestError(
        f"events of {feature_set.name!r} are sent by {', '.join(feature_set.writers)} only.",
        status=403,
        code="not_allowed",
        cure=f"Send the token of such a team, or ask {feature_set.owner} to add yours to its writers.",
    )


def withheld(feature_set: FeatureSet, authorization: str, tokens: str) -> str:
    """Return why a set's values are not shown to whoever asks; empty where they are.

    Raises:
        RequestError: 401 for a wrong token.
    """
    if not feature_set.readers or may(feature_set, teams_of(authorization, tokens), "read"):
        return ""
    return f"Values are shown to {', '.join(feature_set.readers)} only; ask {feature_set.owner}."
