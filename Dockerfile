# Built by `docker compose build`; not built where this project is tested (no container engine there). The picture tools
# come from the script that CI runs, too, so that the image and the tests use the same.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages packages
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY schemas schemas
COPY src src
COPY topology topology
COPY scripts/rolldown.config.ts scripts/build-page.mjs scripts/
COPY scripts/licences scripts/licences
RUN npm run build && npm run --silent sbom >dist/sbom.cdx.json && npm prune --omit=dev --ignore-scripts && rm -f node_modules/oiio-proxy-generator-events

FROM node:24.21.0-bookworm-slim AS tools
WORKDIR /app
COPY scripts/setup scripts/picture-tools.txt scripts/build-native scripts/build-openexr scripts/
COPY native native
RUN scripts/setup --tools-only
# What the native library was compiled of; the licences of its sources stay.
RUN rm -rf vendor/native/objects && find vendor/native/openexr -type f -not -name 'LICENSE*' -not -name COPYING -delete

FROM node:24.21.0-bookworm-slim
# prlimit and setpriv put limits on the picture tools; the others are what the native library needs to start.
RUN apt-get update && apt-get install -y --no-install-recommends util-linux libstdc++6 zlib1g libtiff6 libjpeg62-turbo \
  libx264-164 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=tools /app/vendor vendor
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY bin bin
COPY schemas schemas
COPY docs docs
COPY src/picture/proxy.ocio src/picture/proxy.ocio
COPY src/picture/review/fonts src/picture/review/fonts
COPY package.json LICENSE NOTICE ./
USER node
ENTRYPOINT ["/app/bin/oiio-proxy-generator"]
CMD ["--help"]
