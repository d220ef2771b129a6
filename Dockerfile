# The page in a container; docs/deploy.md says how to build and run it.
#
# On a CPU the network runs in OpenVINO, and torch, which brings CUDA and 5 GB, is left out. For NVIDIA's GPUs:
# --build-arg TORCH=cuda.

ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS packages
ARG TORCH=cpu
WORKDIR /build
COPY requirements.txt constraints.txt ./
RUN if [ "$TORCH" = cpu ]; then sed -i '/^torch/d' requirements.txt; fi \
 && python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --constraint constraints.txt --requirement requirements.txt

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin aerial \
 && install --directory --owner=aerial --group=aerial --mode=0700 /cache
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY app.py LICENSE NOTICE README.md ./
COPY assets ./assets
COPY examples ./examples
COPY retrieval ./retrieval
COPY ui ./ui
RUN /opt/venv/bin/python -m compileall -q /app
# What may be written: /cache (downloads) and /tmp (uploads).
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    AERIAL_CACHE=/cache \
    HF_HOME=/cache/huggingface \
    GRADIO_TEMP_DIR=/tmp/uploads \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
VOLUME /cache
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-c", "from urllib.request import *; build_opener(ProxyHandler({})).open('http://127.0.0.1:7860/healthz', timeout=4)"]
USER 10001
ENTRYPOINT ["python", "app.py"]
