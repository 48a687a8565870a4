"""The real engine, for the tests beside this file."""

from tests.engine import engine as engine  # a fixture
