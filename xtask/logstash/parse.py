# A pipeline of Logstash as JSON, by a grammar that others keep beside Logstash's own.
import json
import sys

from logstash_pipeline_parser import Pipeline

with open(sys.argv[1], encoding="utf-8") as file:
    json.dump(Pipeline(file.read()).parse(), sys.stdout, default=str)
