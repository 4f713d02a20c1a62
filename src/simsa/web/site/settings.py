"""Settings of the site: one file, steered by environment variables alone.

| variable | default | what it does |
|---|---|---|
| `SIMSA_HOME` | `./var` | data folder, private to its owner: database, secret key, uploads, static files |
| `SIMSA_KEYS` | `keys` in `SIMSA_HOME` | folder of the keys that sign the records; back it up apart from the database |
| `SIMSA_TIMESTAMPS` | none | address of a time-stamping authority (RFC 3161): freeze, close and results are stamped |
| `SIMSA_TIMESTAMP_CERTIFICATES` | `timestamps.pem` in `SIMSA_HOME` | its certificates (PEM) |
| `SIMSA_WITNESSES` | none | file with a policy (c2sp.org/tlog-policy): witnesses that have an address are asked |
| `DATABASE_URL` | SQLite in `SIMSA_HOME` | `postgres://USER:PASSWORD@HOST/NAME` keeps the data in PostgreSQL instead |
| `SIMSA_UPLOADS` | `uploads` in `SIMSA_HOME` | folder of files on their way; all processes of a site share it |
| `SIMSA_S3` | none: a folder in `SIMSA_HOME` | `https://KEY:SECRET@HOST/BUCKET?region=NAME` is where evidence lies |
| `SIMSA_EVIDENCE_MB` | `200` | largest file of evidence in MB (1024 × 1024 bytes), whatever a round's rules allow |
| `SIMSA_FILES_URL` | none: the site's own | address under another host name at which evidence is handed out |
| `SIMSA_CLAMAV` | none | `tcp://HOST:3310` or `unix:/PATH`: every file is scanned by this ClamAV before it is ready |
| `SIMSA_URL` | `http://127.0.0.1:8000` | public address; `https` turns on secure cookies, HSTS and a redirect |
| `SIMSA_HOSTS` | this machine and the host of `SIMSA_URL` | host names that are answered, separated by commas |
| `SIMSA_PROXY` | `0` | `1` if a reverse proxy in front sets `X-Forwarded-Proto` and `X-Forwarded-For` |
| `SIMSA_SECRET_KEY` | made once, in `SIMSA_HOME/secret-key` | signs sessions and links; 50 characters or more |
| `SIMSA_SECOND_FACTOR` | `required` | of officers and auditors; `optional` leaves it to them |
| `SIMSA_OIDC` | none | `https://CLIENT:SECRET@HOST/PATH`: sign in through this OpenID Connect provider, too |
| `SIMSA_OIDC_NAME` | its host | what the button of that provider says |
| `SIMSA_DEBUG` | `0` | `1` shows errors in full; never on a public address |
| `SIMSA_STATIC` | `collected` | `source` serves style sheets and scripts from where they are written |
| `SIMSA_SMTP` | none: mail is printed | `smtp://USER:PASSWORD@HOST:587` (STARTTLS) or `smtps://...:465` |
| `SIMSA_MAIL_FROM` | `simsa@` and the host of `SIMSA_URL` | sender of mail |
| `SIMSA_LOG` | `INFO` | least level that is logged to standard error |
| `SIMSA_THREADS` | `8` | requests served at the same time by one process |
| `SIMSA_AFFINITY` | none: by words | dotted name of a function that says how alike texts of entries and reviewers are |
| `SIMSA_WEATHER` | `live` with a key, else `off` | weather strip: `live`, `recorded` (a day of 2024), `off` |
| `SIMSA_KMA_KEY` | none | key of the KMA's API hub; without one `live` asks the public weather map |
| `SIMSA_KMA_HUB` | `kma_sfctm2` at apihub.kma.go.kr | address of the hub's hourly observations |
| `SIMSA_KMA_MAP` | `sfc_web_map.xml` at www.kma.go.kr | address of the public weather map, asked when the hub fails |

SQLite runs with WAL, synchronous=FULL and IMMEDIATE transactions: a commit that was answered survives a power cut, and
a transaction that reads before it writes cannot fail half way for a lock.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from simsa.web import rooms_with
from simsa.web.site import environment

# --- where things are -------------------------------------------------------------------------------------------------

HERE = Path(__file__).resolve().parent
HOME = environment.private_folder(Path(os.environ.get("SIMSA_HOME") or "var").absolute())
DATABASES = {"default": environment.database(os.environ.get("DATABASE_URL", "").strip(), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIMESTAMP_SERVER = os.environ.get("SIMSA_TIMESTAMPS", "").strip()
TIMESTAMP_CERTIFICATES = Path(os.environ.get("SIMSA_TIMESTAMP_CERTIFICATES") or HOME / "timestamps.pem").absolute()
if TIMESTAMP_SERVER and not TIMESTAMP_CERTIFICATES.is_file():
    raise ImproperlyConfigured(
        f"SIMSA_TIMESTAMPS asks {TIMESTAMP_SERVER}, and its certificates are not in {TIMESTAMP_CERTIFICATES}; "
        "SIMSA_TIMESTAMP_CERTIFICATES names the file (PEM)"
    )
WITNESSES = environment.policy(os.environ.get("SIMSA_WITNESSES", ""))
KEYS = Path(os.environ.get("SIMSA_KEYS") or HOME / "keys").absolute()
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"
UPLOADS = environment.private_folder(Path(os.environ.get("SIMSA_UPLOADS") or HOME / "uploads").absolute())
# What a form brings is as private as any other upload, and on the disk whose room is watched.
FILE_UPLOAD_TEMP_DIR = UPLOADS
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STATIC_ROOT = HOME / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]

# --- who may come in, and how -----------------------------------------------------------------------------------------

DEBUG = environment.flag("SIMSA_DEBUG")
SECRET_KEY = os.environ.get("SIMSA_SECRET_KEY") or environment.secret_key(HOME / "secret-key")
PUBLIC_URL = os.environ.get("SIMSA_URL", "http://127.0.0.1:8000").rstrip("/")
if urlsplit(PUBLIC_URL).scheme not in {"http", "https"} or not urlsplit(PUBLIC_URL).hostname:
    raise ImproperlyConfigured(f"SIMSA_URL={PUBLIC_URL!r} is not an address such as https://simsa.example.kr")
_HOST = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("SIMSA_HOSTS", "").split(",") if host.strip()] or [
    *dict.fromkeys(["127.0.0.1", "localhost", "[::1]", f"[{_HOST}]" if ":" in _HOST else _HOST])
]
FILES_URL = environment.origin("SIMSA_FILES_URL")
if FILES_URL and urlsplit(FILES_URL).hostname == _HOST:
    raise ImproperlyConfigured("SIMSA_FILES_URL must have another host name than SIMSA_URL: it keeps files apart")
if FILES_URL:
    ALLOWED_HOSTS.append(urlsplit(FILES_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "simsa.web.site.views.stale_form"

_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# Longer than the 20 hours of WCAG 2.2.1, so that it needs no warning and no extension.
SESSION_COOKIE_AGE = 24 * 60 * 60
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("SIMSA_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The verifier is one page with everything in it; its own policy, which holds beside this one, allows no other script.
# The editors' rooms of Wagtail carry inline scripts and show a preview in a frame; the public site has neither. It
# frames the players of films in articles (simsa.web.newsroom.blocks.telling.FRAMES), once a reader has asked for one.
_FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
CONTENT_SECURITY_POLICY = {
    # What others wrote does nothing, wherever it is opened.
    "/evidence/": _FILE_POLICY,
    "/files/": _FILE_POLICY,
    "": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'; frame-src https://www.youtube-nocookie.com https://player.vimeo.com",
    "/verify/": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "/cms/": "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
}

AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "simsa.web.accounts.sessions"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "simsa.web.accounts.sessions.Accounts",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "office:home"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "/"
SECOND_FACTOR = environment.one_of("SIMSA_SECOND_FACTOR", "required", "optional")
ACCOUNT_ADAPTER = "simsa.web.accounts.adapters.ByInvitation"
SOCIALACCOUNT_ADAPTER = "simsa.web.accounts.adapters.KnownByAddress"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_FORMS = {"reset_password": "simsa.web.accounts.forms.ResetForm"}
# Who tries too often is known by their own address, not by that of the proxy in front of everybody.
ALLAUTH_TRUSTED_PROXY_COUNT = int(environment.flag("SIMSA_PROXY"))
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "simsa"
MFA_FORMS = {"add_webauthn": "simsa.web.accounts.forms.AddKeyForm"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "simsa.web.accounts.openid.Provider",
        "APPS": environment.openid(
            os.environ.get("SIMSA_OIDC", "").strip(), os.environ.get("SIMSA_OIDC_NAME", "").strip()
        ),
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]

# --- parts ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "simsa.web.site",
    *rooms_with("apps"),
    "simsa.web.newsroom.search",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rules",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "simsa.web.site.middleware.ContentSecurityPolicy",
    "simsa.web.site.middleware.WithoutNul",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "simsa.web.site.page_cache.PageCache",
    "simsa.web.site.middleware.PublicCompression",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "simsa.web.site.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "simsa.web.site.middleware.BoundedForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simsa.web.site.middleware.DeniedByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
ROOT_URLCONF = "simsa.web.site.urls"
WSGI_APPLICATION = "simsa.web.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "simsa.web.site.forms.Renderer"
# Wagtail's page editor sends one field per block and relation.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# What costs much to make (pictures of results, renditions, files for the press) is not thrown out by whoever asks for
# many pages. The default of 300 entries would throw them out before they are old.
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": entries},
    }
    for name, entries in (("default", 2000), ("pages", 1000))
} | {"shared": {"BACKEND": "simsa.web.accounts.counting.SharedCache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
THREADS = environment.count("SIMSA_THREADS", 8)

CLAMAV = environment.scanner(os.environ.get("SIMSA_CLAMAV", "").strip())
EVIDENCE_LARGEST = environment.count("SIMSA_EVIDENCE_MB", 200) * 1024 * 1024
STORAGES = {
    "evidence": environment.evidence_store(os.environ.get("SIMSA_S3", "").strip(), HOME / "evidence"),
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG or environment.one_of("SIMSA_STATIC", "collected", "source") == "source":
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

# --- language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "ko"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# --- weather ----------------------------------------------------------------------------------------------------------

# A function that says how alike texts of entries and reviewers are (`simsa.web.panel.affinities.texts`); "": by words.
AFFINITY = os.environ.get("SIMSA_AFFINITY", "").strip()
KMA_KEY = os.environ.get("SIMSA_KMA_KEY", "").strip()
WEATHER = environment.one_of("SIMSA_WEATHER", *(("live", "off") if KMA_KEY else ("off", "live")), "recorded")
KMA_HUB = environment.feed("SIMSA_KMA_HUB", "https://apihub.kma.go.kr/api/typ01/url/kma_sfctm2.php")
KMA_MAP = environment.feed("SIMSA_KMA_MAP", "https://www.kma.go.kr/XML/weather/sfc_web_map.xml")

# --- mail and log -----------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if os.environ.get("SIMSA_SMTP"):
    globals().update(environment.smtp(os.environ["SIMSA_SMTP"]))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("SIMSA_MAIL_FROM") or f"simsa@{_HOST}"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SIMSA_LOG", "INFO").upper()},
    "loggers": {
        # Django's own handlers would say the same line twice or mail it.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # A line for every page that is indexed is no news.
        **{name: {"level": "WARNING"} for name in ("django_tasks", "django_tasks_db", "wagtail", "modelsearch")},
        # Its lines hold whole addresses, and one of them a key.
        "urllib3": {"level": "WARNING"},
    },
}

# --- Wagtail ----------------------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "심사·simsa"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
# One way in for everyone: the site's own.
WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "/cms/login/"
WAGTAIL_FINISH_WORKFLOW_ACTION = "simsa.web.newsroom.approval.publish_approved"
WAGTAIL_PASSWORD_RESET_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_I18N_ENABLED = True
WAGTAILIMAGES_IMAGE_MODEL = "newsroom.NewsPicture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "simsa.web.newsroom.forms.PictureForm"
# A GIF moves or is better as PNG; an SVG can hold scripts.
WAGTAILIMAGES_EXTENSIONS = ["avif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 25 * 1024 * 1024
# Each pixel takes three bytes of memory, or four, while a picture is read.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 64_000_000
WAGTAILIMAGES_AVIF_QUALITY = 55
WAGTAILIMAGES_WEBP_QUALITY = 75
WAGTAILIMAGES_JPEG_QUALITY = 80
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_PASSWORD_REQUIRED_TEMPLATE = "wagtailcore/password_required.html"  # noqa: S105 (a template)
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "hwp", "hwpx", "json", "pdf", "pptx", "txt", "xlsx", "zip"]
# Nothing about the site or its editors is told to anyone outside.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
