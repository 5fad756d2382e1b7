"""The one place where the environment is read: typed, frozen settings that fail at start with one message."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from environs import Env, EnvValidationError

from config import setting_values

DEVELOPMENT_SECRET = "development-only-secret-never-for-production"  # noqa: S105
DEVELOPMENT_FIELD_KEY = base64.b64encode(b"development-only-field-key-32byt").decode()
GOOGLE_FCM_URL = "https://fcm.googleapis.com"
GOOGLE_CERTS_URL = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
GOOGLE_JWKS_URL = "https://firebaseappcheck.googleapis.com/v1/jwks"
_GOOGLES = {
    "fcm_url": (GOOGLE_FCM_URL, "Google's endpoint only"),
    "firebase_certs_url": (GOOGLE_CERTS_URL, "Google's certificates only"),
    "app_check_jwks_url": (GOOGLE_JWKS_URL, "Google's keys only"),
}
_HIGHEST_PORT = 65535


# May consent be used on one person's word, or must a second one attest it?
_WORD = ("recorded", "required")


class SettingsError(Exception):
    """The environment is wrong; the message names every variable that is."""


def _variable(name: str, meaning: str, *, shown: str = "") -> Any:
    return field(metadata={"variable": f"SAMPARK_{name}", "meaning": meaning, "default": shown})


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings:
    """Everything that may differ between two installations; the page docs/settings.md is made from it."""

    env: str = _variable("ENV", "`development`, `test` or `production`", shown="development")
    host: str = _variable("HOST", "Address that the API listens on", shown="127.0.0.1")
    port: int = _variable("PORT", "Port that the API listens on; 0 takes a free one", shown="8000")
    api_processes: int = _variable("API_PROCESSES", "Worker processes of gunicorn", shown="2")
    api_threads: int = _variable("API_THREADS", "Threads in each worker process", shown="8")
    data_dir: Path = _variable("DATA_DIR", "Where the embedded database and uploads in progress lie", shown="./var")
    mongodb_uri: str | None = _variable("MONGODB_URI", "MongoDB to use; without it an embedded server is started")
    mongodb_database: str = _variable("MONGODB_DATABASE", "Name of the database", shown="sampark")
    mongod: str | None = _variable("MONGOD", "Path of a `mongod` to embed; else the one on PATH")
    secantusd: str | None = _variable("SECANTUSD", "Path of a `secantusd-rs` to embed; else the installed one")
    signing_keys: Path | None = _variable(
        "SIGNING_KEYS", "Directory of PEM private keys; the newest signs, the others verify; required in production"
    )
    secret_key: str = _variable(
        "SECRET_KEY", "Signs tokens in development and test, where there are no signing keys", shown="a development one"
    )
    field_keys: tuple[bytes, ...] = _variable(
        "FIELD_KEYS",
        "Keys for personal data (base64, at least 32 random bytes, comma-separated); the first encrypts; "
        "required in production",
        shown="a development one",
    )
    firebase_credentials: Path | None = _variable(
        "FIREBASE_CREDENTIALS", "Service-account JSON file; without it pushes wait in the outbox"
    )
    fcm_url: str = _variable(
        "FCM_URL", "Base of the messaging endpoint; production takes Google's only", shown=GOOGLE_FCM_URL
    )
    firebase_certs_url: str = _variable(
        "FIREBASE_CERTS_URL",
        "Where ID-token certificates come from; production takes Google's only",
        shown=GOOGLE_CERTS_URL,
    )
    app_check: str = _variable(
        "APP_CHECK",
        "Firebase App Check of sign-ins and phones' requests: `off`, `log` (counted, none refused), or `enforce`",
        shown="log",
    )
    app_check_jwks_url: str = _variable(
        "APP_CHECK_JWKS_URL", "Where App Check's keys come from; production takes Google's only", shown=GOOGLE_JWKS_URL
    )
    clock: datetime | None = _variable(
        "CLOCK", "Time (RFC 3339) at which the product's clock starts; development and test only"
    )
    signin_limit: int = _variable("SIGNIN_LIMIT", "Failed sign-ins per minute and address", shown="10")
    invitation_link: str = _variable(
        "INVITATION_LINK",
        "What an invitation's token is appended to, such as the app's link",
        shown="sampark://invitation",
    )
    log_level: str = _variable("LOG_LEVEL", "`DEBUG`, `INFO`, `WARNING` or `ERROR`", shown="INFO")
    trusted_proxies: int = _variable(
        "TRUSTED_PROXIES", "Reverse proxies in front whose X-Forwarded-For is believed", shown="0"
    )
    cors_origins: tuple[str, ...] = _variable(
        "CORS_ORIGINS",
        "Sites whose pages may call the API (`https://leaders.example`, comma-separated); production takes https only",
        shown="none",
    )
    attest_consent: str = _variable(
        "ATTEST_CONSENT",
        "`required`: consent that a source claims waits for a second person's word; `recorded`: it does not wait",
        shown="required in production, else recorded",
    )
    upload_limit_mb: int = _variable("UPLOAD_LIMIT_MB", "Largest sheet that may be uploaded, in megabytes", shown="512")

    @property
    def production(self) -> bool:
        """Whether development's conveniences must be refused."""
        return self.env == "production"

    def __repr__(self) -> str:
        """Name the environment and nothing secret."""
        return f"Settings(env={self.env!r})"


def load_settings() -> Settings:
    """Read the environment into settings, or raise SettingsError that names every wrong or missing variable."""
    env = Env(eager=False, prefix="SAMPARK_")
    problems: list[str] = []
    values = _read(env, problems)
    try:
        env.seal()
    except EnvValidationError as error:
        problems += [
            f"{name}: {' '.join(texts)}" for name, texts in cast("dict[str, list[str]]", error.error_messages).items()
        ]
    if values["env"] == "production":
        problems += _refused_in_production(values)
    if problems:
        raise SettingsError("wrong settings: " + "; ".join(sorted(set(problems))))
    return Settings(**values)


def _read(env: Env, problems: list[str]) -> dict[str, Any]:
    name = env.str("ENV", "development")
    if name not in {"development", "test", "production"}:
        problems.append("SAMPARK_ENV: must be development, test or production")
    return {
        "env": name,
        "host": env.str("HOST", "127.0.0.1"),
        "port": _bounded(env, "PORT", 8000, (0, _HIGHEST_PORT), problems),
        "api_processes": _bounded(env, "API_PROCESSES", 2, (1, 256), problems),
        "api_threads": _bounded(env, "API_THREADS", 8, (1, 1024), problems),
        "data_dir": Path(env.str("DATA_DIR", "") or "./var").resolve(),
        "mongodb_uri": _mongodb_uri(env, problems),
        "mongodb_database": env.str("MONGODB_DATABASE", "sampark"),
        "mongod": setting_values.binary(env, "MONGOD", problems),
        "secantusd": setting_values.binary(env, "SECANTUSD", problems),
        "signing_keys": _signing_keys(env, problems),
        "secret_key": _secret(env, problems),
        "field_keys": setting_values.field_keys(env, DEVELOPMENT_FIELD_KEY, problems),
        "firebase_credentials": setting_values.file(env, "FIREBASE_CREDENTIALS", problems),
        "fcm_url": setting_values.url(env, "FCM_URL", GOOGLE_FCM_URL, problems),
        "firebase_certs_url": setting_values.url(env, "FIREBASE_CERTS_URL", GOOGLE_CERTS_URL, problems),
        "app_check": _one_of(env, "APP_CHECK", "log", ("off", "log", "enforce"), problems),
        "app_check_jwks_url": setting_values.url(env, "APP_CHECK_JWKS_URL", GOOGLE_JWKS_URL, problems),
        "clock": setting_values.moment(env, problems),
        "signin_limit": _bounded(env, "SIGNIN_LIMIT", 10, (1, 1_000_000), problems),
        "invitation_link": env.str("INVITATION_LINK", "") or "sampark://invitation",
        "log_level": _one_of(env, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), problems),
        "trusted_proxies": _bounded(env, "TRUSTED_PROXIES", 0, (0, 10), problems),
        "cors_origins": setting_values.origins(env, problems),
        "attest_consent": _one_of(env, "ATTEST_CONSENT", _WORD[name == "production"], _WORD, problems),
        "upload_limit_mb": _bounded(env, "UPLOAD_LIMIT_MB", 512, (1, 4096), problems),
    }


def _refused_in_production(values: dict[str, Any]) -> list[str]:
    """Say what production refuses: default secrets, foreign endpoints, a bent clock, an unnamed embedded database."""
    refused = []
    if values["signing_keys"] is None:
        refused.append("SAMPARK_SIGNING_KEYS: required in production")
    if base64.b64decode(DEVELOPMENT_FIELD_KEY) in values["field_keys"]:
        refused.append("SAMPARK_FIELD_KEYS: required in production, the development key is refused")
    foreign = [(name, only) for name, (its, only) in _GOOGLES.items() if values[name] != its]
    refused += [f"SAMPARK_{name.upper()}: production takes {only}" for name, only in foreign]
    if values["app_check"] == "enforce" and values["firebase_credentials"] is None:
        refused.append("SAMPARK_APP_CHECK: enforce needs SAMPARK_FIREBASE_CREDENTIALS")
    if values["clock"] is not None:
        refused.append("SAMPARK_CLOCK: refused in production")
    if any(origin.startswith("http://") for origin in values["cors_origins"]):
        refused.append("SAMPARK_CORS_ORIGINS: production takes https only")
    if os.environ.get("FIREBASE_AUTH_EMULATOR_HOST"):
        refused.append("FIREBASE_AUTH_EMULATOR_HOST: refused in production, the emulator checks no signature")
    if not (values["mongodb_uri"] or values["mongod"] or values["secantusd"]):
        refused.append("SAMPARK_MONGODB_URI: required in production (or SAMPARK_MONGOD or SAMPARK_SECANTUSD by name)")
    # A misspelt name would leave its default in force, in silence.
    known = {one.metadata["variable"] for one in fields(Settings)}
    refused += [f"{name}: no such setting" for name in os.environ if name.startswith("SAMPARK_") and name not in known]
    return refused


def _one_of(env: Env, name: str, default: str, allowed: tuple[str, ...], problems: list[str]) -> str:
    value = env.str(name, default)
    if value not in allowed:
        problems.append(f"SAMPARK_{name}: must be one of {', '.join(allowed)}")
    return value


def _bounded(env: Env, name: str, default: int, bounds: tuple[int, int], problems: list[str]) -> int:
    value = env.int(name, default)
    # environs in lazy mode answers its "missing" marker for a value that is not a number, and reports it at seal().
    if isinstance(value, int) and not bounds[0] <= value <= bounds[1]:
        problems.append(f"SAMPARK_{name}: must be between {bounds[0]} and {bounds[1]}")
    return value


def _mongodb_uri(env: Env, problems: list[str]) -> str | None:
    uri = env.str("MONGODB_URI", "") or None
    if uri and not uri.startswith(("mongodb://", "mongodb+srv://")):
        problems.append("SAMPARK_MONGODB_URI: must start with mongodb:// or mongodb+srv://")
    return uri


def _signing_keys(env: Env, problems: list[str]) -> Path | None:
    text = env.str("SIGNING_KEYS", "")
    if not text:
        return None
    if not any(Path(text).glob("*.pem")):
        problems.append(f"SAMPARK_SIGNING_KEYS: no *.pem file in {text}")
    return Path(text)


def _secret(env: Env, problems: list[str]) -> str:
    secret = env.str("SECRET_KEY", "") or DEVELOPMENT_SECRET
    if len(secret.encode()) < setting_values.FIELD_KEY_BYTES:
        problems.append(f"SAMPARK_SECRET_KEY: at least {setting_values.FIELD_KEY_BYTES} bytes")
    return secret


def describe() -> list[dict[str, str]]:
    """Return one row a variable (`variable`, `meaning`, `default`) for docs/settings.md."""
    return [dict(item.metadata) for item in fields(Settings)]
