"""Addresses. Pages live under a language (`/ko/...`, `/en/...`); machines and editors have no language prefix.

Every view asks for a login unless it is marked public (`login_not_required`).
"""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail import views as wagtail_views
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents.views.serve import authenticate_with_password

from simsa.web import rooms_with
from simsa.web.public import public_form, public_page
from simsa.web.site import background_pages, editors, views

urlpatterns = [
    path("", views.root, name="root"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("cms/login/", views.to_login, name="wagtailcore_login"),  # where closed pages send visitors, too
    *editors.urlpatterns,
    path("cms/", include(wagtailadmin_urls)),
    # By the names that Wagtail links them with; its own view serves a document to whoever has signed in.
    re_path(r"^documents/([0-9]{1,18})/([^/]+)$", views.document, name="wagtaildocs_serve"),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        public_form(authenticate_with_password),
        name="wagtaildocs_authenticate_with_password",
    ),
    *(path("", include(f"{room}.data_urls")) for room in rooms_with("data_urls")),
    path("media/images/<path:path>", views.picture, name="picture"),
    *i18n_patterns(
        path("method/", views.method, name="method"),
        path("office/background/", background_pages.background, name="background"),
        path("office/background/<uuid:pk>/again/", background_pages.again, name="background_again"),
        *(path("", include(f"{room}.urls")) for room in rooms_with("urls")),
        # The door of a page that editors have closed with a password.
        path(
            "_util/password/<int:page_view_restriction_id>/<int:page_id>/",
            public_form(wagtail_views.authenticate_with_password),
            name="wagtailcore_authenticate_with_password",
        ),
        re_path(wagtail_urls.serve_pattern, public_page(wagtail_views.serve), name="wagtail_serve"),
    ),
]

handler400 = "simsa.web.site.views.bad_request"
handler403 = "simsa.web.site.views.forbidden"
handler404 = "simsa.web.site.views.not_found"
handler500 = "simsa.web.site.views.broken"
