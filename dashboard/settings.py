"""The settings of every process; what may differ between houses comes from the environment.

docs/running.md lists the variables. What must hold in production is a system check
(`dashboard.checks`), not a branch here.
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dashboard.env import env_bool, env_int, env_secret, env_str
from dashboard.runner.valkey import valkey_address
from dashboard.secret_key import secret_key
from models_app.gpu.keys import node_prefix

BASE_DIR = Path(__file__).resolve().parent.parent
PADDOCK_DATA = Path(env_str("PADDOCK_DATA", str(BASE_DIR / "var"))).absolute()
PADDOCK_HOST = env_str("PADDOCK_HOST", "127.0.0.1")
PADDOCK_PORT = env_int("PADDOCK_PORT", 8420)
PADDOCK_URL = env_str("PADDOCK_URL", f"http://localhost:{PADDOCK_PORT}").rstrip("/")
PADDOCK_NODE = env_str("PADDOCK_NODE")
# The worker of a GPU host: no database, and in Redis nothing but its own keys.
IS_NODE = env_str("PADDOCK_QUEUE") == "node"
PADDOCK_ENGINE = env_bool("PADDOCK_ENGINE", default=True)
PADDOCK_PROXIES = env_int("PADDOCK_PROXIES", 0)
PADDOCK_LEDGER_DAYS = env_int("PADDOCK_LEDGER_DAYS", 400)

SECRET_KEY = env_secret("PADDOCK_SECRET_KEY") or secret_key(PADDOCK_DATA)
DEBUG = False

# What people type decides hosts, origins, links and cookies.
_url = urlsplit(PADDOCK_URL)
_secure = _url.scheme == "https"
_host = _url.hostname or "localhost"
_loopback = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = [f"[{_host}]" if ":" in _host else _host, *_loopback]
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"]
PAGE_ORIGINS = [
    *CSRF_TRUSTED_ORIGINS,
    *(f"http://{each}:{PADDOCK_PORT}" for each in _loopback),
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _secure
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "paddock_session", "paddock_csrf"
LANGUAGE_COOKIE_NAME = "paddock_language"
LANGUAGE_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if PADDOCK_PROXIES else None
)
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30 if _secure else 0
API_BODY_MB = env_int("PADDOCK_API_BODY_MB", 32)
BATCH_MB = env_int("PADDOCK_BATCH_MB", 200)
FILES_MB = env_int("PADDOCK_FILES_MB", 2000)
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if _secure else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "dashboard",
    "dashboard.people",
    "models_app",
    "chat",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "axes",
    "csp",
]

# Each is async-capable: a sync-only one would end the tasks that async views start.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dashboard.middleware.ToldErrorsMiddleware",
]

ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env_secret("DATABASE_URL") or f"sqlite:///{PADDOCK_DATA / 'paddock.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 5,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file, not memory: threads and processes of the tests share it.
    DATABASES["default"]["TEST"] = {"NAME": str(PADDOCK_DATA / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = (
    env_secret("REDIS_URL")
    or valkey_address(PADDOCK_DATA)
    or "redis://127.0.0.1:6379/0"
)
LAYER_PREFIX = "paddock"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "dashboard.live.layer.HealingLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_connect_timeout": 1,
                    "retry": Retry(NoBackoff(), 1),
                }
            ],
            "prefix": LAYER_PREFIX,
        },
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": node_prefix(PADDOCK_NODE) if IS_NODE else "celery:"
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "short"
CELERY_TASK_ROUTES = {
    "models_app.pull_model": {"queue": "long"},
    "models_app.run_batches": {"queue": "long"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# It listens by patterns, which Redis allows a node's user for none but its own, whole.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not IS_NODE
# It has no tasks; where this is not set, Celery tells of it at each loss of Redis.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = IS_NODE
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(PADDOCK_DATA / "beat")
CELERY_BEAT_SCHEDULE = {
    "close the replies of writers that died": {
        "task": "chat.sweep_replies",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "give an owner to conversations that have none": {
        "task": "chat.pass_on_ownerless",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "hand on the pulls of pullers that died": {
        "task": "models_app.sweep_pulls",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "hand on the batches of pullers that died, or that rest no longer": {
        "task": "models_app.sweep_batches",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "delete the files on the disk that belong to nobody": {
        "task": "models_app.sweep_files",
        "schedule": 10 * 60.0,
        "options": {"expires": 60},
    },
    "run the errands that wait, or whose worker died": {
        "task": "models_app.run_errands",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "ask the servers that are due how they are": {
        "task": "models_app.look_at_backends",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "read the meters of model servers": {
        "task": "models_app.read_meters",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "sum up what replies tell of their servers": {
        "task": "chat.sum_up_replies",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "look for new servers on this machine": {
        "task": "models_app.look_for_servers",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "open and close alerts": {
        "task": "models_app.look_for_trouble",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "tell webhooks what they have not been told": {
        "task": "models_app.send_deliveries",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "write the generations that dead processes left, and free their places": {
        "task": "models_app.write_lost",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "sum the history of cards up to five minutes": {
        "task": "models_app.roll_up_cards",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "add up the energy of hours and days that are over": {
        "task": "models_app.keep_energy",
        "schedule": 5 * 60.0,
        "options": {"expires": 5 * 60},
    },
    "reckon what generations took of their cards": {
        "task": "models_app.share_out",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "forget the history of cards that is too old": {
        "task": "models_app.prune_cards",
        "schedule": 60 * 60.0,
        "options": {"expires": 60 * 60},
    },
    "forget sessions and log-in attempts that are over": {
        "task": "people.forget_the_old",
        "schedule": 60 * 60 * 24.0,
    },
    "forget errands, pulls, requests, alerts, batches and the like of long ago": {
        "task": "models_app.forget_the_old",
        "schedule": 60 * 60 * 24.0,
    },
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

# Ten wrong passwords for a name from one address close that pair for ten minutes.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1 / 6
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_IPWARE_PROXY_COUNT = PADDOCK_PROXIES or None
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if PADDOCK_PROXIES else ["REMOTE_ADDR"]
)
SILENCED_SYSTEM_CHECKS = [
    # The log-in view tells a locked-out person itself (people.views); the middleware of
    # axes 8.3 passes its arguments in the wrong order under ASGI.
    "axes.W002",
    # Other names of the house's domain are not ours to bind to https, nor to preload.
    "security.W005",
    "security.W021",
    # The proxy that has the certificate redirects; /healthz is asked behind it.
    "security.W008",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env_str("TZ", "UTC")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env_str("PADDOCK_STATIC", str(PADDOCK_DATA / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dashboard.static.WholeStorage"},
}

# No request ever leaves for another origin, and nothing inline runs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# A message of 100,000 characters, most of them three bytes, url-encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MESSAGE_MAX_LENGTH = 100_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_str("PADDOCK_LOG", "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        # Logs a traceback a second while Redis is away; HealingShard says it once.
        "channels_redis": {"level": "CRITICAL"},
        # Tells each attempt to reach Redis again; on a GPU host the outbox says it once.
        "celery.worker.consumer": {"level": "CRITICAL" if IS_NODE else "NOTSET"},
        # Every denied page of the permission matrix would be a line.
        "django.request": {"level": "ERROR"},
    },
}
