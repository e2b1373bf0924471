# docker build -t usock-lint . && docker run --rm -v "$PWD:/src" usock-lint
# With --user "$(id -u)" before the name it can write too: docker run ... --user "$(id -u)" usock-lint --fix .
FROM python:3.13-slim AS build
COPY . /usock-lint
RUN pip wheel --no-cache-dir --wheel-dir /wheels /usock-lint

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir --no-index --find-links /wheels usock-lint
USER nobody
WORKDIR /src
ENTRYPOINT ["usock-lint", "--no-cache"]
CMD ["."]
