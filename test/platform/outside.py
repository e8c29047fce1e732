"""Checks a deployment from outside, with the clients that other teams use and nothing of ours.

Reads one JSON object on stdin (see outside.ts), prints one: {"live": .., "rows": .., "facts": .., "problems": [..]}.
The formulas are those of the contract with exr-inspector and SpaceHarbor, written a second time on purpose.
"""
import hashlib
import io
import json
import subprocess
import sys
import urllib.parse
import urllib.request

import boto3
import botocore.config
import confluent_kafka
import fastavro
import PIL.Image
import trino

CANVAS = (256, 256)
PROXY = (1920, 1080)
# JPEG at quality 85 and 4:2:0 H.264 at CRF 23, of one flat colour.
THUMBNAIL_TOLERANCE = 4
PROXY_TOLERANCE = 6

plan = json.load(sys.stdin)
problems = []


def check(holds, says):
    if not holds:
        problems.append(says)


def store():
    at = plan["s3"]
    return boto3.client(
        "s3",
        endpoint_url=at["endpoint"],
        region_name=at["region"],
        aws_access_key_id=at["accessKey"],
        aws_secret_access_key=at["secretKey"],
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )


def listed(s3):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=plan["bucket"])
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def rows_of(sql):
    at = urllib.parse.urlsplit(plan["trino"])
    connection = trino.dbapi.connect(host=at.hostname, port=at.port, user="oiio")
    cursor = connection.cursor()
    cursor.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def file_id_of(key, head):
    path_md5 = hashlib.md5(key.encode()).hexdigest()
    mtime = head["LastModified"].strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return hashlib.sha256((key + mtime + path_md5).encode()).hexdigest()[:16]


def near(found, wanted, tolerance):
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted))


def thumbnail_colour(data):
    with PIL.Image.open(io.BytesIO(data)) as picture:
        return picture.size, picture.convert("RGB").getpixel((CANVAS[0] // 2, CANVAS[1] // 2))


def proxy_colour(data):
    """Size in the header of the stream, and the colour in the middle of its only frame, by Rec.709's own matrix."""
    command = [plan["ffmpeg"], "-v", "error", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "yuv444p", "pipe:1"]
    planes = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
    area = PROXY[0] * PROXY[1]
    if len(planes) != 3 * area:
        return None, (0, 0, 0)
    middle = PROXY[0] * (PROXY[1] // 2) + PROXY[0] // 2
    luma = (planes[middle] - 16) / 219
    blue, red = [(planes[plane * area + middle] - 128) / 224 for plane in (1, 2)]
    r = luma + 1.5748 * red
    b = luma + 1.8556 * blue
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    return PROXY, tuple(round(255 * value) for value in (r, g, b))


def body(s3, key):
    return s3.get_object(Bucket=plan["bucket"], Key=key)["Body"].read()


def check_outputs(s3, key, row, keys):
    """The outputs that the row names are there, are of the size that it says, and show the source's colour."""
    with PIL.Image.open(io.BytesIO(body(s3, key))) as source:
        wanted = source.convert("RGB").getpixel((0, 0))
    for which, colour_of, size, tolerance in (
        ("thumbnail", thumbnail_colour, CANVAS, THUMBNAIL_TOLERANCE),
        ("proxy", proxy_colour, PROXY, PROXY_TOLERANCE),
    ):
        output = row[f"{which}_s3_key"]
        if output not in keys:
            problems.append(f"{key}: its {which} {output} is not in the bucket")
            continue
        data = body(s3, output)
        check(len(data) == row[f"{which}_size_bytes"], f"{key}: the row says {row[f'{which}_size_bytes']} bytes of {output}, it has {len(data)}")
        found_size, found = colour_of(data)
        check(found_size == size, f"{key}: {output} is {found_size}, not {size}")
        check(near(found, wanted, tolerance), f"{key}: {output} shows {found}, its source is {wanted}")


def check_live(s3, live, keys):
    tables = plan["tables"]
    current = rows_of(f"SELECT * FROM {tables}.proxy_outputs_current WHERE s3_bucket = '{plan['bucket']}'")
    by_key = {}
    for row in current:
        by_key.setdefault(row["s3_key"], []).append(row)
    for key in live:
        rows = by_key.pop(key, [])
        check(len(rows) == 1, f"{key}: {len(rows)} current rows")
        if len(rows) != 1:
            continue
        head = s3.head_object(Bucket=plan["bucket"], Key=key)
        wanted = file_id_of(key, head)
        check(rows[0]["file_id"] == wanted, f"{key}: file_id {rows[0]['file_id']}, not {wanted}")
        check(rows[0]["source_size_bytes"] == head["ContentLength"], f"{key}: the row speaks of another size")
        check_outputs(s3, key, rows[0], keys)
    for key in by_key:
        problems.append(f"{key}: is gone and has a current row")
    return current


def check_history():
    """Whatever came twice, no row is there twice."""
    tables, bucket = plan["tables"], plan["bucket"]
    for column in ("proxy_id", "file_id"):
        doubled = rows_of(
            f"SELECT {column} FROM {tables}.proxy_outputs WHERE s3_bucket = '{bucket}' GROUP BY {column} HAVING count(*) > 1"
        )
        check(not doubled, f"proxy_outputs has {column} twice: {doubled}")


def records(topic):
    """Every record of a topic, from its start to where it ended when this began."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": plan["kafka"], "group.id": "outside", "enable.auto.commit": False, "isolation.level": "read_uncommitted"}
    )
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    ends = {}
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, partition), timeout=30)
        if high > low:
            ends[partition] = high
    consumer.assign([confluent_kafka.TopicPartition(topic, partition, confluent_kafka.OFFSET_BEGINNING) for partition in ends])
    while ends:
        message = consumer.poll(30)
        if message is None or message.error():
            raise SystemExit(f"{topic} cannot be read: {message and message.error()}")
        if message.offset() + 1 >= ends.get(message.partition(), 0):
            ends.pop(message.partition(), None)
        yield message
    consumer.close()


def facts(topic, schemas={}):
    for message in records(plan["prefix"] + topic):
        data = message.value()
        writer = int.from_bytes(data[1:5], "big")
        if writer not in schemas:
            with urllib.request.urlopen(f"{plan['registry']}/schemas/ids/{writer}", timeout=30) as answer:
                schemas[writer] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        yield fastavro.schemaless_reader(io.BytesIO(data[5:]), schemas[writer])


def check_facts(current):
    """A fact that was repeated says the same; and every current row stands in a fact."""
    made = {}
    count = 0
    for fact in facts("proxy-made"):
        count += 1
        said = (fact["element"]["key"], fact["source"]["fileId"], fact["renderKey"], fact["generatedAtUs"], fact["thumbnail"]["sizeBytes"])
        check(made.setdefault(fact["factId"], said) == said, f"fact {fact['factId']} says two things")
    stated = {(key, file_id, size) for key, file_id, _, _, size in made.values()}
    for row in current:
        check((row["s3_key"], row["file_id"], row["thumbnail_size_bytes"]) in stated, f"{row['s3_key']}: its row stands in no fact")
    return count


def check_movies(s3, live, keys):
    """Every sequence of at least two live frames has one row, which lists exactly these, and the movie of its revision."""
    wanted = {}
    for key in live:
        folder, name = key.rsplit("/", 1)
        wanted.setdefault(folder + "/", set()).add(int(name.split(".")[1]))
    named = set()
    for row in rows_of(f"SELECT * FROM {plan['tables']}.sequences WHERE bucket = '{plan['bucket']}'"):
        name = row["folder"] + row["head"]
        frames = {frame for part in row["frames_made"].split(",") if part for frame in frames_of(part)}
        check(frames == wanted.pop(row["folder"], set()), f"{name}: its row has {len(frames)} frames of others")
        check((row["state"] == "made") == (len(frames) > 1), f"{name}: {row['state']} with {len(frames)} frames")
        named |= {row[f"{which}_key"] for which in ("movie", "manifest", "poster", "sprites", "sprites_vtt")}
        if row["movie_key"] in keys:
            metadata = s3.head_object(Bucket=plan["bucket"], Key=row["movie_key"])["Metadata"]
            check(metadata["revision"] == row["revision"], f"{name}: its movie is of another revision")
        else:
            check(row["state"] != "made", f"{name}: its movie is not in the bucket")
    check(not any(len(frames) > 1 for frames in wanted.values()), f"{sorted(wanted)}: sequences without a row")
    return named


def frames_of(part):
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def check_notifications(live):
    """Every live object was told of at least once, on both topics, at an id that says one thing."""
    told = {json.loads(message.value())["thumbnail_uri"] for message in records(plan["topic"])}
    completed, movies = {}, {}
    for message in records(plan["completionTopic"]):
        event = json.loads(message.value())
        data = event["data"]
        if event["type"] == "sequence.generated":
            said = (data["movie_uri"], data["revision"])
            check(movies.setdefault(event["id"], said) == said, f"movie {event['id']} says two things")
            continue
        said = (data["s3_key"], data["success"])
        check(completed.setdefault(event["id"], said) == said, f"completion {event['id']} says two things")
    succeeded = {key for key, success in completed.values() if success}
    for key in live:
        stem = key.rsplit("/", 1)
        uri = f"s3://{plan['bucket']}/{stem[0]}/.proxies/{stem[1].rsplit('.', 1)[0]}_thumb.jpg"
        check(uri in told, f"{key}: proxy.generated was not told")
        check(key in succeeded, f"{key}: its completion was not told")


s3 = store()
keys = set(listed(s3))
live = sorted(key for key in keys if "/.proxies/" not in key)
check(live == sorted(plan["live"]), f"the bucket holds {len(live)} sources, {len(plan['live'])} were left there")
current = check_live(s3, live, keys)
check_history()
movies = check_movies(s3, live, keys)
count = check_facts(current)
check_notifications(live)
orphans = sorted(key for key in keys if "/.proxies/" in key and key not in movies and key not in {row[f"{which}_s3_key"] for row in current for which in ("thumbnail", "proxy")})
print(json.dumps({"live": len(live), "rows": len(current), "facts": count, "orphans": len(orphans), "problems": problems}))
