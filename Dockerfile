# gamelift-stub, a stub endpoint of Amazon GameLift Servers for tests:
#
#	docker build -t gamelift-stub .
#	docker run --rm -p 127.0.0.1:9270:9270 gamelift-stub
#
# Flags follow the image's name: docker run ... gamelift-stub -quotas.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/gamelift-stub ./cmd/gamelift-stub && mkdir /out/tmp

FROM scratch
COPY --from=build /out/gamelift-stub /gamelift-stub
# The certificate of -tls is written to /tmp.
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
EXPOSE 9270
HEALTHCHECK --interval=5s --timeout=6s CMD ["/gamelift-stub", "-health"]
ENTRYPOINT ["/gamelift-stub", "-addr", "0.0.0.0:9270"]
