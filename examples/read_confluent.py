"""Reads one fact topic with confluent-kafka and its AvroDeserializer, nothing of ours.

What nobody can decode is named on standard error and does not stop it; what comes again is dropped; offsets are committed
when the work is done, and it ends when it has read what there is.

    pip install "confluent-kafka[avro,schemaregistry]"
    python3 examples/read_confluent.py localhost:9092 http://localhost:8081/apis/ccompat/v7 oiio.proxy-made my-group
"""
import json
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

brokers, registry, topic, group = sys.argv[1:5]


class Undecodable(Exception):
    """No fact: a tombstone, another wire format, a schema that the registry does not know, bytes that do not fit it."""


deserializer = AvroDeserializer(SchemaRegistryClient({"url": registry}))


def fact_of(value):
    # The deserializer hands on a tombstone as None, as if it were a fact without a value.
    if value is None:
        raise Undecodable("a tombstone")
    try:
        return deserializer(value, SerializationContext(topic, MessageField.VALUE))
    except SchemaRegistryError as error:
        # Anything else means that the registry is in trouble: that must stop us, the record may be a fact.
        if error.http_status_code == 404:
            raise Undecodable(error.error_message) from error
        raise
    except (SerializationError, EOFError, IndexError, KeyError, OverflowError, ValueError) as error:
        raise Undecodable(repr(error)) from error


def main():
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    seen, ended = set(), set()
    partitions = set(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
    consumer.subscribe([topic])
    while ended != partitions:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())
            ended.add(message.partition())
            continue
        try:
            fact = fact_of(message.value())
        except Undecodable as error:
            place = f"{topic}, partition {message.partition()}, offset {message.offset()}"
            print(f"put aside: {place}: {error}", file=sys.stderr)
        else:
            # Facts come at least once. A service that runs for years writes under a key so that a repeat changes nothing.
            if fact["factId"] not in seen:
                seen.add(fact["factId"])
                print(json.dumps({"offset": message.offset(), "factId": fact["factId"], "key": fact["element"]["key"]}))
        consumer.commit(message)
    consumer.close()


main()
