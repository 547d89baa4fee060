# Pana as a container: docker compose up -d --build (see docs/operating.md).

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /pana
# requirements-scale.txt holds the extras for several replicas, too (compose.scale.yaml).
ARG LOCK=requirements.txt
COPY ${LOCK} requirements.txt
# Bytecode is judged by no date ("unchecked"): it stays good whatever copying does to the files' times.
RUN python -m venv --without-pip /venv \
    && python -m pip --python /venv/bin/python install --no-compile --require-hashes -r requirements.txt \
    && python -m compileall -q --invalidation-mode unchecked-hash /venv/lib \
    && printf '#!/bin/sh\nexec /venv/bin/python -m bot "$@"\n' > /venv/bin/pana \
    && chmod 755 /venv/bin/pana
COPY bot bot
COPY faq faq
COPY locales locales
RUN python -m compileall -q --invalidation-mode unchecked-hash bot \
    && rm requirements.txt \
    && chmod -R u=rwX,go=rX /pana

FROM python:3.13-slim
# A fixed number, so that the owner of a token's file on the host can be set to it.
RUN useradd --uid 10001 --user-group --home-dir /state --no-create-home --shell /usr/sbin/nologin pana \
    && install --directory --owner pana --group pana --mode 0700 /state
COPY --from=build /venv /venv
COPY --from=build /pana /pana
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 STATE_DIR=/state PANA_CONTAINER=1
WORKDIR /pana
USER 10001:10001
VOLUME /state
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
