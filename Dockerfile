FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY service service
COPY cypher cypher
RUN python -m venv /opt/customer-graph \
 && /opt/customer-graph/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home customer-graph
COPY --from=build /opt/customer-graph /opt/customer-graph
ENV PATH=/opt/customer-graph/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s \
  CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=3); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["customer-graph"]
CMD ["serve", "--host", "0.0.0.0"]
