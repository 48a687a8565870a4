"""Paddock's composition, and the kernel that the other packages stand on."""

from dashboard.celery import app as celery_app

__all__ = ["celery_app"]
