# SageMaker Studio, simulated by moto, as an image for the suite on kind. Its context is made by
# images.py: the package studio_simulator and its pinned requirements.
ARG BASE=python:3.11-slim
FROM ${BASE}

COPY simulator-requirements.txt /simulator/
RUN python3 -m venv --without-pip /simulator/environment \
    && python3 -m pip --python /simulator/environment/bin/python install --no-cache-dir \
        --disable-pip-version-check --require-hashes --only-binary=:all: \
        --requirement /simulator/simulator-requirements.txt

COPY studio_simulator /simulator/studio_simulator
# The root file system is read-only where it runs, so the bytecode is made here.
RUN /simulator/environment/bin/python -m compileall -q /simulator/studio_simulator

ENV PYTHONPATH=/simulator
USER 65532:65532
EXPOSE 5000
ENTRYPOINT ["/simulator/environment/bin/python", "-m", "studio_simulator", "--host", "0.0.0.0", "--port", "5000"]
