# The operator's image. Builds with the plain docker builder: docker build -t studio-operator:0.1.0 .
#
# Any image with Python 3.11 or newer, its venv module and useradd can be the base. Both stages use
# the same one, for a virtual environment refers to the Python it was made with.
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
WORKDIR /build
# The tools stay in this stage; what they install goes into an environment that has no pip.
RUN python3 -m venv tools && python3 -m venv --without-pip /opt/studio-operator

COPY constraints-image.txt ./
RUN tools/bin/pip --python /opt/studio-operator/bin/python install --no-cache-dir \
        --disable-pip-version-check --require-hashes --only-binary=:all: -r constraints-image.txt

COPY constraints-sbom.txt ./
RUN tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --only-binary=:all: -r constraints-sbom.txt

# What builds the package is pinned and hashed too, among what the tests need.
COPY constraints.txt ./
RUN sed -n '/^setuptools==/,/^ *#/p' constraints.txt > constraints-build.txt \
    && tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --only-binary=:all: -r constraints-build.txt

# pyproject.toml names the simulator's folder as well. It is for tests, and left out.
COPY pyproject.toml README.md LICENSE ./
COPY operator operator
RUN mkdir simulator \
    && tools/bin/pip wheel --no-cache-dir --disable-pip-version-check --no-deps \
        --no-build-isolation --wheel-dir wheels . \
    && tools/bin/pip --python /opt/studio-operator/bin/python install --no-cache-dir \
        --disable-pip-version-check --no-deps wheels/*.whl

# The software bill of materials: every distribution of the environment, from its own metadata.
RUN mkdir -p /opt/studio-operator/share \
    && tools/bin/cyclonedx-py environment /opt/studio-operator/bin/python --pyproject pyproject.toml \
        --mc-type application --output-reproducible --validate --output-format JSON \
        --output-file /opt/studio-operator/share/sbom.cdx.json


FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Studio Operator" \
      org.opencontainers.image.description="Keeps Amazon SageMaker Studio domains, user profiles and spaces as declared in YAML" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A number, so that Kubernetes can see that it isn't root.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin studio-operator
COPY --from=build /opt/studio-operator /opt/studio-operator
# LOGNAME: kopf asks for the user's name, which a user id that a cluster makes up hasn't got.
ENV PATH=/opt/studio-operator/bin:$PATH \
    LOGNAME=studio-operator \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8080 8081
ENTRYPOINT ["studio-operator"]
CMD ["run", "--log-format", "json"]
