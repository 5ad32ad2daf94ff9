"""The web application as granian serves it."""

import os

from django.core.wsgi import get_wsgi_application

from huying.config.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.config.settings")
end_with_parent()
application = get_wsgi_application()
