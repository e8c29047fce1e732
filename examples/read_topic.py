"""Reads one fact topic from elsewhere: fastavro, kafka-python and the registry's own HTTP interface, nothing of ours.

    pip install fastavro kafka-python
    python3 examples/read_topic.py localhost:9092 http://localhost:8081/apis/ccompat/v7 oiio.proxy-made
"""
import io
import json
import sys
import urllib.request

import fastavro
import kafka

brokers, registry, topic = sys.argv[1:4]
schemas = {}
for message in kafka.KafkaConsumer(topic, bootstrap_servers=brokers, auto_offset_reset="earliest", consumer_timeout_ms=5000):
    writer = int.from_bytes(message.value[1:5], "big")
    if writer not in schemas:
        with urllib.request.urlopen(f"{registry}/schemas/ids/{writer}", timeout=5) as answer:
            schemas[writer] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
    fact = fastavro.schemaless_reader(io.BytesIO(message.value[5:]), schemas[writer])
    print(json.dumps({"offset": message.offset, "factId": fact["factId"], "key": fact["element"]["key"]}))
