#!/usr/bin/env python
"""The command line of Paddock: `manage.py up` runs it, `manage.py help` lists the rest."""

import os
import sys

from django.core.management import execute_from_command_line

from dashboard.runner.ground import prepare_ground, prepare_node
from dashboard.runner.house_commands import house_for

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    if sys.argv[1:2] == ["up"]:
        # Reading the settings already needs the data folder.
        prepare_ground()
    if sys.argv[1:2] == ["node"]:
        prepare_node()
    with house_for(sys.argv[1:]):
        execute_from_command_line(sys.argv)
