"""The privacy notice: what is asked for, why, who reads it. Its version is kept with each contact that agreed to it.

Whoever changes a sentence gives it a new version and the day from which it is shown; a test holds them together.
"""

from datetime import date

from django.utils.translation import gettext_lazy as _

VERSION = "2"
SINCE = date(2026, 11, 30)
SENTENCES = (
    _("您填的内容只用来办这件事、联系您和回访。"),
    _("看得到的人：公开电话办公室，和承办这件事的单位。不对外公开，除非您勾了“结果可以公开”。"),
    _("电话和姓名加密保存，页面上只显示一部分。"),
    _("保存多久：和这件事的办理记录一样久。"),
    _("凭编号和查询码，在“查进度”里看谁看过您的姓名和电话，下载您的记录，要求删除；要改，请找公开电话办公室。"),
)
