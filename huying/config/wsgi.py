"""The web application as granian serves it."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from huying.config.processes import end_with_parent
from huying.config.turns import OneWriterAtATime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
end_with_parent()
application = OneWriterAtATime(get_wsgi_application(), Path(settings.HOME) / "turn.lock")
