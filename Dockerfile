# One image for both roles: `app serve` (the default) and `app runner start`.
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY .ci ./.ci
RUN node --input-type=module -e 'import("/src/.ci/setup.mjs").then(({ setUp }) => setUp())'
COPY . .
RUN node .ci/build.mjs

FROM debian:bookworm-slim
# ca-certificates: public certificate authorities. tzdata: time zones inside Postgres. tini: reaps what is orphaned.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates tini tzdata \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --create-home --home-dir /var/lib/sallyport sallyport
COPY --from=build /src/dist/app /usr/local/bin/app
USER sallyport
WORKDIR /var/lib/sallyport
ENV APP_DATA_DIR=/var/lib/sallyport/data
VOLUME /var/lib/sallyport
EXPOSE 4600 9090
ENTRYPOINT ["tini", "--", "app"]
CMD ["serve", "--host", "0.0.0.0"]
