"""Pages of entries."""

from django.urls import path

from simsa.web.entries.lists import views

app_name = "entries"
urlpatterns = [
    path("office/rounds/<str:slug>/lists/<str:kind>/", views.index, name="lists"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<int:pk>/", views.draft, name="list_draft"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<int:pk>/columns/", views.columns, name="list_columns"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<int:pk>/confirm/", views.confirm, name="list_confirm"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<int:pk>/drop/", views.drop, name="list_drop"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<int:pk>/faults.<str:ending>", views.faults, name="list_faults"),
    path("office/rounds/<str:slug>/lists/<str:kind>/done/<int:pk>/undo/", views.undo, name="list_undo"),
]
