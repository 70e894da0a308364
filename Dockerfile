# One image for every service of ours; the lock decides what is in it.
FROM python:3.11-slim-bookworm AS environment
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
WORKDIR /opt/xianjie
COPY requirements.txt ./
RUN uv venv /opt/venv && uv pip install --python /opt/venv/bin/python --no-cache -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    VIRTUAL_ENV=/opt/venv \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/xianjie/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/xianjie/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    XIANJIE_HOME=/var/lib/xianjie/home \
    XIANJIE_OUT_DIR=/var/lib/xianjie/out \
    XIANJIE_LANDING_URL=file:///var/lib/xianjie/landing \
    GX_ANALYTICS_ENABLED=false \
    PYTHONUNBUFFERED=1 \
    TZ=Asia/Shanghai
RUN useradd --create-home --uid 50000 --gid 0 xianjie \
    && mkdir -p /opt/airflow/logs /var/lib/xianjie/home /var/lib/xianjie/out /var/lib/xianjie/landing \
    && chown -R xianjie:0 /opt/airflow /var/lib/xianjie
COPY --from=environment /opt/venv /opt/venv
COPY --from=environment /usr/local/bin/uv /usr/local/bin/uv
WORKDIR /opt/xianjie
COPY pyproject.toml README.md LICENSE ./
COPY dags dags
COPY plugins plugins
COPY include include
COPY demo demo
RUN uv pip install --python /opt/venv/bin/python --no-cache --no-deps -e . && rm /usr/local/bin/uv
USER xianjie
CMD ["xianjie", "--help"]
