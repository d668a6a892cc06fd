"""Celery beat: the database of django-celery-beat, or a `beat_schedule` in Python or JSON."""
