"""`python -m simsa.web.site ARGS` runs Django's management commands with this site's settings."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "simsa.web.site.settings")
    execute_from_command_line(["python -m simsa.web.site", *sys.argv[1:]])
