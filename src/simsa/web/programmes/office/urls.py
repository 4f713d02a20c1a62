"""Addresses of the office."""

from django.urls import path

from simsa.web.programmes.office import people, views

app_name = "office"
urlpatterns = [
    path("office/", views.home, name="home"),
    path("office/invitations/<str:secret>/", people.invitation, name="invitation"),
    path("office/roles/<int:pk>/hand-over/", people.hand_over_own, name="hand_over"),
    path("office/programmes/<str:programme>/people/", people.of_programme, name="programme_people"),
    path("office/rounds/<str:slug>/people/", people.of_round, name="people"),
    path("office/people/<int:pk>/end/", people.end, name="end_role"),
    path("office/invitations/<int:pk>/withdraw/", people.withdraw, name="withdraw_invitation"),
]
