# One image for web, worker, puller, beat and node; compose.yaml says which it is.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    MALLOC_ARENA_MAX=1 \
    PADDOCK_DATA=/data PADDOCK_STATIC=/app/collected PADDOCK_HOST=0.0.0.0 \
    PADDOCK_ENGINE=off

WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-deps --require-hashes --only-binary=:all: -r requirements/base.txt

COPY . .
# The key of the build is thrown away; the processes read theirs from a secret.
RUN python -m compileall -q dashboard models_app chat \
    && PADDOCK_DATA=/opt/build PADDOCK_SECRET_KEY=build \
       python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /opt/build \
    && useradd --system --uid 10001 --no-create-home paddock \
    && install -d -o paddock -g paddock -m 0700 /data

USER paddock
VOLUME /data
EXPOSE 8420
CMD ["python", "manage.py", "web"]
