"""Reads one fact topic from elsewhere: fastavro, kafka-python and the registry's own HTTP interface, nothing of ours.

What nobody can decode is named on standard error and does not stop it; what comes again is dropped.

    pip install fastavro kafka-python
    python3 examples/read_topic.py localhost:9092 http://localhost:8081/apis/ccompat/v7 oiio.proxy-made
"""
import io
import json
import struct
import sys
import urllib.error
import urllib.request

import fastavro
import kafka

brokers, registry, topic = sys.argv[1:4]


class Undecodable(Exception):
    """No fact: a tombstone, another wire format, a schema that the registry does not know, bytes that do not fit it."""


schemas = {}


def schema_of(writer):
    if writer not in schemas:
        try:
            with urllib.request.urlopen(f"{registry}/schemas/ids/{writer}", timeout=5) as answer:
                schemas[writer] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        except urllib.error.HTTPError as error:
            # Anything else means that the registry is in trouble: that must stop us, the record may be a fact.
            if error.code == 404:
                raise Undecodable(f"the registry knows no schema {writer}") from error
            raise
    return schemas[writer]


def fact_of(value):
    if value is None or len(value) < 5 or value[0] != 0:
        raise Undecodable("a tombstone, or not in Confluent's wire format")
    (writer,) = struct.unpack(">I", value[1:5])
    schema = schema_of(writer)
    try:
        return fastavro.schemaless_reader(io.BytesIO(value[5:]), schema)
    except (EOFError, IndexError, KeyError, OverflowError, UnicodeDecodeError, ValueError) as error:
        raise Undecodable(f"the bytes do not fit schema {writer}: {error!r}") from error


seen = set()
for message in kafka.KafkaConsumer(topic, bootstrap_servers=brokers, auto_offset_reset="earliest", consumer_timeout_ms=5000):
    try:
        fact = fact_of(message.value)
    except Undecodable as error:
        print(f"put aside: {topic}, partition {message.partition}, offset {message.offset}: {error}", file=sys.stderr)
        continue
    # Facts come at least once. A service that runs for years remembers the last ones, or keys its table by what a fact is about.
    if fact["factId"] in seen:
        continue
    seen.add(fact["factId"])
    print(json.dumps({"offset": message.offset, "factId": fact["factId"], "key": fact["element"]["key"]}))
