"""The public notices as an Atom feed, for whoever wants to hear of the next impostor."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext

from huying.directory.models import PublicNotice
from huying.pages.access import public
from huying.people.models import Office

from .frame import in_language

MOST = 50


@public
def notices_feed(request: HttpRequest) -> HttpResponse:
    """The latest notices, ended ones too: what was warned of stays true."""
    office = Office.objects.first()
    home = request.build_absolute_uri(reverse("front"))
    feed = Atom1Feed(
        title=gettext("{office}的提醒").format(office=office.name if office else ""),
        link=home,
        description="",
        author_name=office.name if office else "",
        feed_url=request.build_absolute_uri(),
    )
    for one in PublicNotice.objects.order_by("-at", "-id")[:MOST]:
        text = in_language(one)
        feed.add_item(
            title=text[:60],
            link=home,
            description=escape(text),  # the feed calls it HTML
            pubdate=one.at,
            updateddate=one.at,
            unique_id=f"{home}#{one.id}",
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
