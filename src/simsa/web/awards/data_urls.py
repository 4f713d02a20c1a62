"""Files of rounds for machines; their addresses have no language and stay as they are."""

from django.urls import path

from simsa.web.awards import views

app_name = "awards_data"
urlpatterns = [
    path("rounds/<str:slug>/rules.toml", views.rules_file, {"ending": "toml"}, name="rules_toml"),
    path("rounds/<str:slug>/rules.json", views.rules_file, {"ending": "json"}, name="rules_json"),
    path("rounds/<str:slug>/results.csv", views.result_file, {"ending": "csv"}, name="csv"),
    path("rounds/<str:slug>/results.json", views.result_file, {"ending": "json"}, name="json"),
    path("rounds/<str:slug>/results.xlsx", views.result_file, {"ending": "xlsx"}, name="xlsx"),
]
