"""Where an article can be shared to. A link asks nothing of any service before it is followed.

KakaoTalk has no address that shares a link: that takes a script of its own and a key of the site. Its button opens the
device's share sheet, where KakaoTalk stands beside the other apps; where a device has none it copies the link.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Service:
    """A service and the address that shares with it."""

    name: str
    url: str


def services(address: str, headline: str) -> list[Service]:
    """Services with an address for sharing, for the article at the public `address`."""
    return [
        Service(_("Naver"), f"https://share.naver.com/web/shareView?{urlencode({'url': address, 'title': headline})}"),
        Service("X", f"https://x.com/intent/post?{urlencode({'url': address, 'text': headline})}"),
    ]
