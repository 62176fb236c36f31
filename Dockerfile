# syntax=docker/dockerfile:1
# The images of app and opsctl, for those who have a Docker daemon; `opsctl image build` makes them without one.
#
#   docker build --target app    --build-arg RUST=rust:1.95.0-slim-bookworm@sha256:… --build-arg REVISION="$(git rev-parse HEAD)" .
#   docker build --target opsctl …
#   docker build --target opsctl-export --build-arg POSTGRES=postgres:15-bookworm@sha256:… …
#
# The base is pinned by its digest, in the one place below. No digest stands here yet: whoever first builds with a registry at hand
# writes it down (docker buildx imagetools inspect rust:1.95.0-slim-bookworm), and until then a build must be given one: it refuses a
# base that a registry could exchange. Nothing of the base is in the images: they are made from scratch.
ARG RUST=rust:1.95.0-slim-bookworm

# PostgreSQL's own programs, of the version that the database runs, for exports.
ARG POSTGRES=postgres:15-bookworm

FROM ${RUST} AS build
ARG RUST
RUN case "$RUST" in *@sha256:*) ;; *) echo "give --build-arg RUST=$RUST@sha256:<digest>" >&2; exit 2 ;; esac
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates clang cmake make \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Static, so that the image needs no other file: an explicit target keeps macros, which cannot be static, out of it.
# The toolchain is the base's: what rust-toolchain.toml adds for those who write code is not needed here.
ENV RUSTUP_TOOLCHAIN=1.95.0 RUSTFLAGS="-C target-feature=+crt-static" CARGO_TERM_COLOR=never
# What each image holds beside its program: who nobody is, whom to trust, and that names of the machine's own file come first.
RUN mkdir -p /root-of-image/etc/ssl/certs /root-of-image/usr/bin /root-of-image/tmp \
 && chmod 1777 /root-of-image/tmp \
 && cp /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ \
 && echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' > /root-of-image/etc/passwd \
 && echo 'nonroot:x:65532:' > /root-of-image/etc/group \
 && echo 'hosts: files dns' > /root-of-image/etc/nsswitch.conf
COPY . .

# Cargo keeps what it compiled in the cache mounts: a change of our code compiles our code, a change of Cargo.lock what it changes.
FROM build AS build-app
ARG TARGETARCH
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target,id=target-${TARGETARCH},sharing=locked \
    target="$(rustc -vV | sed -n 's/^host: //p')" \
 && cargo build --release --locked --package app --bin app --target "$target" \
 && cp -a /root-of-image /image && cp "target/$target/release/app" /image/usr/bin/app

FROM build AS build-opsctl
ARG TARGETARCH
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target,id=target-${TARGETARCH},sharing=locked \
    target="$(rustc -vV | sed -n 's/^host: //p')" \
 && cargo build --release --locked --package opsctl --bin opsctl --target "$target" \
 && cp -a /root-of-image /image && cp "target/$target/release/opsctl" /image/usr/bin/opsctl

# opsctl with PostgreSQL's own programs: `backup export` dumps with them, `backup verify` restores with them.
FROM ${POSTGRES} AS opsctl-export
ARG POSTGRES
RUN case "$POSTGRES" in *@sha256:*) ;; *) echo "give --build-arg POSTGRES=$POSTGRES@sha256:<digest>" >&2; exit 2 ;; esac \
 && echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' >> /etc/passwd && echo 'nonroot:x:65532:' >> /etc/group
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="opsctl-export" org.opencontainers.image.revision="${REVISION}" org.opencontainers.image.version="${VERSION}"
ENV PG_BIN=/usr/lib/postgresql/15/bin
COPY --from=build-opsctl /image/usr/bin/opsctl /usr/bin/opsctl
USER 65532:65532
ENTRYPOINT ["/usr/bin/opsctl"]

# Migrations are inside the program. PostgreSQL's programs are not here: opsctl starts them for the environment `local-postgres` alone,
# whose server runs on the operator's machine.
FROM scratch AS opsctl
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="opsctl" org.opencontainers.image.revision="${REVISION}" org.opencontainers.image.version="${VERSION}"
COPY --from=build-opsctl /image/ /
USER 65532:65532
ENTRYPOINT ["/usr/bin/opsctl"]

FROM scratch AS app
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="app" org.opencontainers.image.revision="${REVISION}" org.opencontainers.image.version="${VERSION}"
COPY --from=build-app /image/ /
USER 65532:65532
EXPOSE 8000 9000
ENTRYPOINT ["/usr/bin/app"]
