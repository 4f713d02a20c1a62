"""Addresses of the office."""

from django.urls import path

from simsa.web import converters  # noqa: F401 (knows `key`)
from simsa.web.programmes.office import beginning, drafting, drafts, forgetting, letters, people, rounds, views

app_name = "office"
urlpatterns = [
    path("office/", views.home, name="home"),
    path("office/invitations/<str:secret>/", people.invitation, name="invitation"),
    path("office/roles/<int:pk>/hand-over/", people.hand_over_own, name="hand_over"),
    path("office/programmes/<str:programme>/people/", people.of_programme, name="programme_people"),
    path("office/rounds/<str:slug>/people/", people.of_round, name="people"),
    path("office/people/<int:pk>/end/", people.end, name="end_role"),
    path("office/invitations/<int:pk>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("office/accounts/", forgetting.accounts, name="accounts"),
    path("office/accounts/<key:pk>/", forgetting.forget_one, name="forget"),
    path("office/programmes/", beginning.programmes, name="programmes"),
    path("office/programmes/<str:programme>/", rounds.programme, name="programme"),
    path("office/programmes/<str:programme>/drafts/new/", beginning.new_draft, name="new_draft"),
    path("office/rounds/<str:slug>/", rounds.of_round, name="round"),
    path("office/rounds/<str:slug>/clone/", beginning.clone, name="clone"),
    path("office/rounds/<str:slug>/amend/", beginning.amend, name="amend"),
    path("office/rounds/<str:slug>/letters/", letters.of_round, name="letters"),
    path("office/rounds/<str:slug>/letters.<str:ending>", letters.round_file, name="letters_file"),
    path("office/rounds/<str:slug>/letters/again/", letters.all_again, name="letters_again"),
    path("office/letters/", letters.of_all, name="all_letters"),
    path("office/letters.<str:ending>", letters.all_file, name="all_letters_file"),
    path("office/letters/<key:pk>/again/", letters.again, name="letter_again"),
    path("office/letters/<key:pk>/stop/", letters.stop, name="stop_letter"),
    path("office/letters/<key:pk>/address/", letters.address, name="letter_address"),
    path("office/drafts/<key:pk>/", drafts.check, name="draft"),
    path("office/drafts/<key:pk>/text/", drafting.text, name="draft_text"),
    path("office/drafts/<key:pk>/forms/<slug:section>/", drafting.section, name="draft_section"),
    path("office/drafts/<key:pk>/criteria/<int:number>/", drafting.criterion, name="draft_criterion"),
    path("office/drafts/<key:pk>/versions/", drafts.versions, name="draft_versions"),
    path("office/drafts/<key:pk>/restore/", drafts.restore, name="restore_draft"),
    path("office/drafts/<key:pk>/propose/", drafts.propose, name="propose_draft"),
    path("office/drafts/<key:pk>/approve/", drafts.approve, name="approve_draft"),
    path("office/drafts/<key:pk>/withdraw/", drafts.withdraw, name="withdraw_draft"),
    path("office/drafts/<key:pk>/discard/", drafts.discard, name="discard_draft"),
    path("office/drafts/<key:pk>/take-up/", drafts.take_up, name="take_up_draft"),
]
