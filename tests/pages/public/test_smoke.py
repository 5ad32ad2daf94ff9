import pytest
from django.test import Client
from huying.cases.rulebooks import put_in_force
from huying.people.models import Post
from huying.rules.access import Actor
from tests.builders import *
from tests.pages.reading import words
from huying.directory.models import ContactPoint

@pytest.mark.django_db
def test_it(monkeypatch):
    import datetime
    from huying.cases.clock import now
    v=version(); put_in_force(v, date(2026,1,5), at(1,5), Actor.system())
    unit(); 
    ContactPoint.objects.create(post=post(), kind="phone_mobile", value="0500-555 0101", hours="工作日")
    ContactPoint.objects.create(line="公开电话办公室", kind="phone_office", value="0500-555 0100", hours="工作日", answer_mode="operator")
    c=Client()
    for p in ("/","/directory/","/report/","/track/"):
        r=c.get(p); assert r.status_code==200; print(p, words(r.content.decode())[:600]); print()
    d={"text":"电梯坏了","phone":PHONE,"token":"a"*32}
    for go in ("whom","you","check","send"):
        r=c.post("/report/",{**d,"go":go,"agree":"on","post":str(post().id)}); print(go, r.status_code, words(r.content.decode())[-1500:]); print()
    import re
    s=r.content.decode()
    num=re.search(r"YC?-?[A-Z]*-\d{4}-\d{6}|HY-\d{4}-\d{6}",s)[0]; code=re.search(r"\d{4} \d{4}",words(s))[0]
    r=c.post("/track/",{"number":num,"code":code,"digits":"0001"}); print(words(r.content.decode()))
    r=c.post("/track/",{"number":num,"code":code,"digits":"0002"}); print(words(r.content.decode())[:500])
