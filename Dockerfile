# The server, without TensorFlow: `docker build -t shortlist .`
#
#   docker run --read-only --tmpfs /tmp -p 50051:50051 -v "$PWD/bundles:/bundles:ro" shortlist

FROM python:3.11-slim AS build

WORKDIR /source
COPY . .
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --constraint constraints.txt build hatchling \
    && /opt/build/bin/python -m build --no-isolation --wheel --outdir /wheels
# pip compiles the bytecode here, since the running server never writes any.
RUN python -m venv /opt/shortlist \
    && /opt/shortlist/bin/pip install --no-cache-dir --constraint constraints.txt \
        "$(echo /wheels/shortlist-*.whl)[server]" \
    && /opt/shortlist/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim

LABEL org.opencontainers.image.title="Shortlist" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=build /opt/shortlist /opt/shortlist

# The health check asks at SHORTLIST_HEALTH_ADDRESS; a server on another port needs another one.
ENV PATH="/opt/shortlist/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    SHORTLIST_HEALTH_ADDRESS=127.0.0.1:50051

# A number, so that a cluster can see that it is not root. Nothing outside /tmp is ever written.
USER 10001:10001
WORKDIR /tmp
EXPOSE 50051

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, sys, shortlist_client; sys.exit(not shortlist_client.Client(os.environ['SHORTLIST_HEALTH_ADDRESS']).is_serving(timeout=3))"]

ENTRYPOINT ["shortlist"]
CMD ["serve", "--bundles", "/bundles", "--host", "0.0.0.0", "--port", "50051"]
