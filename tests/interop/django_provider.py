"""django-oauth-toolkit as a server of its own: its stock addresses and pages, and a tiny API of our bearer dialect.

Run as ``python django_provider.py FOLDER`` with the clients' secrets in SECRETS; one line on stdout says where all is.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]
from django.core.management import call_command  # type: ignore[import-untyped]
from django.core.servers import basehttp  # type: ignore[import-untyped]
from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]
from django.http import HttpRequest, JsonResponse  # type: ignore[import-untyped]
from django.urls import include, path  # type: ignore[import-untyped]

PERSON, PASSWORD = "ana", "correct horse"
SHORT = 2
LOGIN = '<form method="post">{% csrf_token %}{{ form.as_p }}<button type="submit">Log in</button></form>'
urlpatterns: list[Any] = []  # Django looks here; filled once the settings stand
CONTENTS = [{"id": "c1", "name": "Which plan fits you?", "type": "Quiz", "status": "Live", "leads_count": 3}]
# one switch a recommendation of RFC 9700; all on is what the next major version does by itself
STRICT = ("PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS", "TOKEN_STORAGE", "PASSWORD_GRANT")


def lifetime(request: Any) -> int:
    """Seconds an access token lives."""
    return SHORT if request.client_id == "short-lived" else 600


def configure(folder: Path) -> None:
    """Django's settings: a database in `folder`, the provider's strict rules, no log lines."""
    contrib = ("auth", "contenttypes", "sessions")
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db", "OPTIONS": {"timeout": 20}}
        },
        INSTALLED_APPS=[
            *(f"django.contrib.{name}" for name in contrib),
            "django.contrib.staticfiles",
            "oauth2_provider",
        ],
        LOGGING_CONFIG=None,
        LOGIN_URL="/accounts/login/",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        MIGRATION_MODULES=dict.fromkeys(
            (*contrib, "oauth2_provider"), None
        ),  # the tables at once, not version by version
        OAUTH2_PROVIDER={
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
            "EXTRA_SERVER_KWARGS": {"token_expires_in": lifetime},
            "PKCE_REQUIRED": True,
            "REFRESH_TOKEN_REUSE_PROTECTION": True,
            "ROTATE_REFRESH_TOKEN": True,
            **{f"COMPLIANT_BCP_RFC9700_{name}": True for name in STRICT},
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # a fast one: nobody attacks this server
        ROOT_URLCONF=__name__,
        SECRET_KEY=os.urandom(32).hex(),
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ]
                },
            }
        ],
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def register() -> None:
    """One person, and the applications: the confidential one may use either way of client authentication."""
    from django.contrib.auth import get_user_model  # type: ignore[import-untyped]
    from oauth2_provider.models import get_application_model  # type: ignore[import-untyped]

    secrets: dict[str, str] = json.loads(os.environ["SECRETS"])
    get_user_model().objects.create_user(PERSON, f"{PERSON}@example.com", PASSWORD)
    for name in (*secrets, "public"):
        get_application_model().objects.create(
            name=name,
            client_id=name,
            client_secret=secrets.get(name, ""),
            client_type="confidential" if name in secrets else "public",
            authorization_grant_type="authorization-code",
            redirect_uris="http://127.0.0.1/callback",
        )


def me(request: HttpRequest) -> JsonResponse:
    """Whose token it is."""
    owner = request.resource_owner
    account = {"id": str(owner.pk), "email": owner.email, "name": "Ana", "company": "Acme"}
    return JsonResponse({"success": True, "data": account})


def calculator(request: HttpRequest) -> JsonResponse:
    """The contents."""
    return JsonResponse({"success": True, "data": CONTENTS})


def routes() -> list[Any]:
    """The provider's stock addresses below ``/o/``, Django's login page, and the API behind the provider's check."""
    from oauth2_provider.decorators import protected_resource_metadata  # type: ignore[import-untyped]

    return [
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        path("accounts/", include("django.contrib.auth.urls")),
        path("api/v1/me", protected_resource_metadata()(me)),
        path("api/v1/calculator", protected_resource_metadata()(calculator)),
    ]


class Quiet(basehttp.WSGIRequestHandler):  # type: ignore[misc]
    """Request lines hold codes and states."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def main() -> None:
    """Serves until it is ended."""
    configure(Path(sys.argv[1]))
    register()
    urlpatterns.extend(routes())
    server = basehttp.ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    base = f"http://127.0.0.1:{server.server_port}"
    told = {
        "issuer": f"{base}/o",
        "base_url": base,
        "authorize_url": f"{base}/o/authorize/",
        "token_url": f"{base}/o/token/",
        "revoke_url": f"{base}/o/revoke_token/",
        "scope": "read",
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
