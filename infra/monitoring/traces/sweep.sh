#!/bin/sh
# Deletes spans that are older than a week: Jaeger begins an index a day, and ends none. Of a second week too, since a run may be missed.
set -eu
now=$(date -u +%s)
for days in 8 9 10 11 12 13 14; do
    day=$(date -u -d "@$((now - days * 86400))" +%Y-%m-%d)
    curl --fail-with-body --silent --show-error --cacert /etc/setup/tls/ca.crt --netrc-file /etc/setup/secrets/netrc \
        --retry 5 --retry-all-errors --request DELETE \
        "https://elasticsearch.monitoring.svc:9200/traces-jaeger-span-$day,traces-jaeger-service-$day?ignore_unavailable=true"
done
