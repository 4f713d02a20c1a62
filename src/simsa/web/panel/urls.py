"""Pages of the panel."""

from django.urls import path

from simsa.web.panel.adaptive import views as adaptive
from simsa.web.panel.affinities import views as affinities
from simsa.web.panel.conference import views as conference
from simsa.web.panel.conflicts import office, views
from simsa.web.panel.meetings import office as meetings_office
from simsa.web.panel.meetings import views as meetings
from simsa.web.panel.planning import views as planning
from simsa.web.panel.profiles import views as profiles
from simsa.web.panel.scoring import entrant
from simsa.web.panel.scoring import views as scoring

app_name = "panel"
urlpatterns = [
    path("reviewers/<key:pk>/", profiles.profile, name="profile"),
    path("reviewers/<key:pk>/bids/", profiles.bids, name="bids"),
    path("office/rounds/<str:slug>/panel/bids/", profiles.ask, name="ask_for_bids"),
    path("office/rounds/<str:slug>/assignment/", planning.desk, name="assignment"),
    path("office/rounds/<str:slug>/assignment/progress/", planning.progress, name="assignment_progress"),
    path("office/rounds/<str:slug>/assignment/pairs/", planning.pairs, name="fixed_pairs"),
    path("office/rounds/<str:slug>/assignment/<key:number>/", planning.alternative, name="alternative"),
    path("office/rounds/<str:slug>/assignment/<key:number>/adopt/", planning.adopt_it, name="adopt"),
    path("office/rounds/<str:slug>/assignment/<key:number>/pairs.csv", planning.pairs_file, name="pairs_file"),
    path("office/rounds/<str:slug>/reviews/", adaptive.desk, name="next_reviews"),
    path("office/rounds/<str:slug>/reviews/progress/", adaptive.progress, name="next_reviews_progress"),
    path("office/rounds/<str:slug>/reviews/<key:number>/", adaptive.batch, name="review_batch"),
    path("office/rounds/<str:slug>/reviews/<key:number>/give/", adaptive.give, name="give_reviews"),
    path("office/rounds/<str:slug>/reviews/<key:number>/keep-apart/", adaptive.keep_apart, name="keep_apart"),
    path("office/rounds/<str:slug>/reviews/<key:number>/why.<str:ending>", adaptive.why, name="review_batch_file"),
    path("office/rounds/<str:slug>/affinities/", affinities.index, name="affinities"),
    path("office/rounds/<str:slug>/affinities/progress/", affinities.progress, name="affinity_progress"),
    path("office/rounds/<str:slug>/affinities/<key:pk>/", affinities.draft, name="affinity_draft"),
    path("office/rounds/<str:slug>/affinities/<key:pk>/confirm/", affinities.confirm, name="affinity_confirm"),
    path("reviewers/<key:pk>/conflicts/", views.declaration, name="declaration"),
    path("entries/<key:pk>/panel/", views.challenges, name="challenges"),
    path("entries/<key:pk>/sheets/", entrant.sheets, name="entry_sheets"),
    path("office/rounds/<str:slug>/panel/", office.panel, name="members"),
    path("office/rounds/<str:slug>/panel/disclose/", office.disclose, name="disclose"),
    path("office/rounds/<str:slug>/panel/remind/", office.remind, name="remind"),
    path("office/rounds/<str:slug>/conflicts/", office.conflicts, name="conflicts"),
    path("office/rounds/<str:slug>/conflicts/<key:pk>/", office.decide_on, name="decide"),
    path("office/rounds/<str:slug>/replacements/", office.replacements, name="replacements"),
    path("office/rounds/<str:slug>/conference/", conference.index, name="conference"),
    path("office/rounds/<str:slug>/conference/<key:pk>/", conference.draft, name="conference_draft"),
    path("office/rounds/<str:slug>/conference/<key:pk>/confirm/", conference.confirm, name="conference_confirm"),
    path("office/rounds/<str:slug>/meetings/", meetings_office.index, name="meetings"),
    path("office/rounds/<str:slug>/meetings/<key:number>/", meetings_office.minutes, name="minutes"),
    path(
        "office/rounds/<str:slug>/meetings/<key:number>/minutes.txt", meetings_office.minutes_file, name="minutes_file"
    ),
    path("office/rounds/<str:slug>/meetings/<key:number>/agenda/", meetings_office.rearrange, name="agenda"),
    path("panel/rounds/<str:slug>/meetings/", meetings.own, name="own_meetings"),
    path("panel/meetings/<key:pk>/", meetings.room, name="meeting"),
    path("panel/meetings/<key:pk>/live/", meetings.live, name="meeting_live"),
    path("panel/meetings/<key:pk>/stream/", meetings.stream, name="meeting_stream"),
    path("panel/meetings/<key:pk>/attend/", meetings.come_or_go, name="attend"),
    path("panel/meetings/<key:pk>/turn/", meetings.turn, name="meeting_turn"),
    path("panel/meetings/<key:pk>/void/", meetings.void_it, name="void_meeting"),
    path("panel/items/<key:pk>/lead/", meetings.lead, name="lead_item"),
    path("panel/items/<key:pk>/note/", meetings.note, name="note_item"),
    path("panel/items/<key:pk>/sheet/", meetings.change, name="change_sheet"),
    path("panel/items/<key:pk>/dissent/", meetings.dissenting, name="dissent"),
    path("panel/items/<key:pk>/leader/", meetings.leading, name="name_lead"),
    path("panel/worker.js", scoring.worker, name="worker"),
    path("panel/rounds/<str:slug>/", scoring.own, name="own"),
    path("panel/rounds/<str:slug>/sign/", scoring.sign, name="sign"),
    path("panel/sheets/<str:name>/", scoring.sheet, name="sheet"),
    path("panel/sheets/<str:name>/draft/", scoring.draft, name="draft"),
    path("panel/sheets/<str:name>/withdraw/", views.withdraw_from, name="withdraw"),
    path("panel/sheets/<str:name>/submit/", scoring.submit, name="submit"),
    path("panel/sheets/<str:name>/receipt.txt", scoring.receipt_of, {"ending": "txt"}, name="receipt"),
    path("panel/sheets/<str:name>/receipt.svg", scoring.receipt_of, {"ending": "svg"}, name="receipt_picture"),
]
