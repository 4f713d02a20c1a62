"""Signing in and out, and passwords: Django's own views in the site's look."""

from __future__ import annotations

from django.contrib.auth import views
from django.urls import path

from simsa.web.public import public_page

urlpatterns = [
    path("login/", views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", views.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("password/reset/", views.PasswordResetView.as_view(), name="password_reset"),
    path("password/reset/sent/", public_page(views.PasswordResetDoneView.as_view()), name="password_reset_done"),
    path("password/reset/<uidb64>/<token>/", views.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
    path(
        "password/reset/done/",
        public_page(views.PasswordResetCompleteView.as_view()),
        name="password_reset_complete",
    ),
]
