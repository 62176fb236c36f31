#!/bin/sh
# Tells Elasticsearch who may what and how long logs stay, and Kibana what to show. May be run again: every request sets what it sets.
set -eu
ask() {
    method=$1 url=$2; shift 2
    curl --fail-with-body --silent --show-error --cacert /etc/setup/tls/ca.crt --netrc-file /etc/setup/secrets/netrc \
        --retry 30 --retry-all-errors --retry-delay 10 --request "$method" "$url" "$@"
}
json='content-type: application/json'
elasticsearch=https://elasticsearch.monitoring.svc:9200
kibana=https://kibana.monitoring.svc:5601
# By stdin: whatever stands in a command line is seen by everybody.
secret() {
    printf '%s' "$3" | ask "$1" "$2" --header "$json" --data @-
}
cd /etc/setup/files
for user in logstash jaeger; do
    ask PUT "$elasticsearch/_security/role/$user" --header "$json" --data "@role-$user.json"
    secret PUT "$elasticsearch/_security/user/$user" "{\"password\": \"$(cat /etc/setup/secrets/$user)\", \"roles\": [\"$user\"]}"
done
secret POST "$elasticsearch/_security/user/kibana_system/_password" "{\"password\": \"$(cat /etc/setup/secrets/kibana_system)\"}"
ask PUT "$elasticsearch/_snapshot/archive" --header "$json" --data "{\"type\": \"s3\", \"settings\": {\"bucket\": \"$ARCHIVE_BUCKET\", \"base_path\": \"logs\"}}"
ask PUT "$elasticsearch/_slm/policy/archive" --header "$json" --data @archive.json
ask PUT "$elasticsearch/_ilm/policy/platform-logs" --header "$json" --data @lifecycle.json
ask PUT "$elasticsearch/_index_template/platform" --header "$json" --data @template.json
ask POST "$kibana/api/saved_objects/_import?overwrite=true" --header 'kbn-xsrf: true' --form file=@saved-objects.ndjson
