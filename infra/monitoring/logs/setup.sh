#!/bin/sh
# Tells Elasticsearch how long logs stay and Kibana what to show. May be run again: every request sets what it sets.
set -eu
ask() {
    method=$1 url=$2; shift 2
    curl --fail-with-body --silent --show-error --cacert /etc/setup/tls/ca.crt --netrc-file /etc/setup/secrets/netrc \
        --retry 30 --retry-all-errors --retry-delay 10 --request "$method" "$url" "$@"
}
json='content-type: application/json'
elasticsearch=https://elasticsearch.monitoring.svc:9200
cd /etc/setup/files
ask PUT "$elasticsearch/_snapshot/archive" --header "$json" --data "{\"type\": \"s3\", \"settings\": {\"bucket\": \"$ARCHIVE_BUCKET\", \"base_path\": \"logs\"}}"
ask PUT "$elasticsearch/_slm/policy/archive" --header "$json" --data @archive.json
ask PUT "$elasticsearch/_ilm/policy/logs" --header "$json" --data @lifecycle.json
ask PUT "$elasticsearch/_index_template/platform" --header "$json" --data @template.json
ask POST "https://kibana.monitoring.svc:5601/api/saved_objects/_import?overwrite=true" --header 'kbn-xsrf: true' --form file=@saved-objects.ndjson
