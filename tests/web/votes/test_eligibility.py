"""Who may vote and by which way: by link, by account, through a provider of OpenID Connect; and once, by whichever."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client

from simsa.record.commitments import new_secret
from simsa.web.programmes.models import Round
from simsa.web.votes.identities import of_address, of_provided
from simsa.web.votes.models import Ballot, Participation, Vote
from simsa.web.votes.providers import SESSION
from simsa.web.votes.services import close_vote, invite_voters
from tests.web.accounts.provider import Provider
from tests.web.accounts.test_openid import through
from tests.web.people import account, signed_in
from tests.web.votes.rounds import AFTER, DURING, RULES, at, opened
from tests.web.votes.test_pages import keys, link_to

pytestmark = pytest.mark.django_db
OWN, PROVIDED = "/ko/votes/small/own/", "/ko/votes/small/provided/"


@pytest.fixture
def during() -> Iterator[None]:
    with at(DURING):
        yield


def sent(client: Client, provider: Provider) -> str:
    """Where somebody ends up who goes to their ballot by way of the provider."""
    return through(client, provider, f"&next={OWN}").url


def casts(client: Client, vote: Vote, path: str, *codes: str) -> bool:
    """Whether the ballot was taken."""
    before = Ballot.objects.count()
    filled = {"chosen": [keys(vote)[code] for code in codes or ("a1",)], "secret": new_secret().hex(), "do": "cast"}
    answer = client.post(path, filled)
    assert answer.status_code == 200, path
    taken = Ballot.objects.count() > before
    assert taken != ("이미 투표" in answer.content.decode())
    return taken


def test_whom_a_provider_knows_votes_without_an_account_and_is_not_signed_in(during: None, provider: Provider) -> None:
    vote, client = opened(), Client()
    assert "행정망" in client.get("/ko/votes/small/").content.decode()
    assert client.get(PROVIDED).status_code == 404
    assert sent(client, provider) == PROVIDED
    assert SESSION_KEY not in client.session
    assert not SocialAccount.objects.exists()
    page = client.get(PROVIDED)
    assert "기관 a1" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert "기관 a1" in client.get(f"{PROVIDED}{keys(vote)['a1']}/").content.decode()
    assert client.get("/ko/account/").status_code == 302  # signed in nowhere
    assert casts(client, vote, PROVIDED)
    assert "이미 투표" in client.get(PROVIDED).content.decode()
    mail = of_address(vote, "kim@example.kr")
    identities = [mail, Participation.objects.exclude(identity=mail).get().identity]
    assert client.session[SESSION] == {str(vote.pk): identities}
    assert "kim" not in str(client.session.items())


def test_one_vote_for_one_person_by_whichever_provider_link_or_account(during: None, provider: Provider) -> None:
    vote, first = opened(), Client()
    link = link_to(vote, "Kim+vote@example.kr")
    sent(first, provider)
    assert casts(first, vote, PROVIDED)
    assert not casts(Client(), vote, link)
    other = Provider(person={"sub": "another", "email": "kim@example.kr", "email_verified": True})
    try:
        provider.url, kept = other.url, provider.url  # the site is told of another provider
        from django.conf import settings

        [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        app["settings"]["server_url"] = other.url
        second = Client()
        assert sent(second, other) == PROVIDED
        assert not casts(second, vote, PROVIDED)
        other.person = {"sub": "own", "email": "lee@example.kr", "email_verified": True}
        third = Client()
        sent(third, other)
        assert casts(third, vote, PROVIDED)
        app["settings"]["server_url"] = provider.url = kept
    finally:
        other.stop()
    renamed = Client()  # another address at the first provider: the same person there
    provider.person["email"] = "kim.new@example.kr"
    sent(renamed, provider)
    assert not casts(renamed, vote, PROVIDED)
    assert not casts(signed_in(account("kim")), vote, OWN)
    assert not casts(signed_in(account("lee")), vote, OWN)
    assert Ballot.objects.count() == 2


def test_who_has_an_account_signs_in_and_spends_all_that_they_are_called(during: None, provider: Provider) -> None:
    vote, client, person = opened(), Client(), account("kim")
    assert sent(client, provider) == OWN
    assert int(client.session[SESSION_KEY]) == person.pk
    assert casts(client, vote, OWN)
    uid = SocialAccount.objects.get().uid
    assert Participation.objects.filter(identity=of_provided(vote, "oidc", uid)).exists()
    assert Participation.objects.count() == 2


@pytest.mark.parametrize(
    "person", [{"email_verified": False}, {"email": ""}, {"email_verified": "false"}, {"email": "+x@"}], ids=str
)
def test_an_address_of_which_nobody_is_sure_votes_by_link_alone(during: None, provider: Provider, person: dict) -> None:
    opened()
    provider.person.update(person)
    client = Client()
    assert sent(client, provider) == "/ko/votes/small/"
    assert "링크를 받으십시오" in client.get("/ko/votes/small/").content.decode()
    assert client.get(PROVIDED).status_code == 404
    assert SESSION not in client.session


def test_a_provider_lets_in_only_who_is_invited_where_people_are(during: None, provider: Provider) -> None:
    vote = opened(RULES.replace('voters = "public"', 'voters = "invited"'))
    stranger = Client()
    assert sent(stranger, provider) == "/ko/votes/small/"
    invite_voters(vote.round, ["KIM@example.kr"], actor="person/1")
    invited = Client()
    assert sent(invited, provider) == PROVIDED
    assert casts(invited, vote, PROVIDED)


def test_a_provider_leads_to_no_ballot_of_a_vote_that_is_hidden_or_over(during: None, provider: Provider) -> None:
    vote = opened()
    Round.objects.update(published_at=None)
    assert sent(Client(), provider) == "/ko/votes/small/"
    Round.objects.update(published_at=DURING)
    early = Client()
    sent(early, provider)
    with at(AFTER):
        close_vote(vote.round)
        assert sent(Client(), provider) == "/ko/votes/small/"
    with at(AFTER):
        assert "chosen" not in early.get(PROVIDED).content.decode()
    elsewhere = through(Client(), provider, "&next=/ko/account/")
    assert "계정은 초대" in elsewhere.content.decode()


@pytest.mark.django_db(transaction=True)
def test_one_person_in_many_tabs_and_by_two_providers_at_once_votes_once() -> None:
    """Real transactions: by link, by account and by what two providers say, all of one person, in the same moment."""
    with at(DURING):
        vote, person = opened(), account("kim")
        for provider, uid in (("oidc", "one"), ("second", "two")):
            SocialAccount.objects.create(user=person, provider=provider, uid=uid)
        link, mail = link_to(vote), of_address(vote, "kim@example.kr")
        links: list[tuple[Client, str]] = [(Client(), link), (Client(), link)]
        ways = [*links, (signed_in(person), OWN), (signed_in(person), OWN)]
        for provider, uid in (("oidc", "one"), ("second", "two"), ("third", "three")):
            client = Client()
            session = client.session
            session[SESSION] = {str(vote.pk): [mail, of_provided(vote, provider, uid)]}
            session.save()
            client.cookies["sessionid"] = session.session_key
            ways.append((client, PROVIDED))
        ways += [(Client(), link_to(vote, f"other{n}@example.kr")) for n in range(4)]  # they do nothing to others
        filled = {"chosen": [keys(vote)["a1"]], "do": "cast"}
        start, answers = threading.Barrier(len(ways)), []

        def go(client: Client, path: str) -> None:
            try:
                start.wait()
                answers.append(client.post(path, {**filled, "secret": new_secret().hex()}).status_code)
            finally:
                connection.close()

        threads = [threading.Thread(target=go, args=way) for way in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * len(ways)
    assert Ballot.objects.count() == 1 + 4
    assert Participation.objects.filter(identity=mail).count() == 1
