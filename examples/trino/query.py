"""Runs a file of SQL on Trino and prints what it finds as CSV.

    pip install trino
    python3 examples/trino/query.py http://localhost:8080 examples/trino/failures-by-code.sql
"""
import csv
import pathlib
import sys
import urllib.parse

import trino

server, path = sys.argv[1:3]
address = urllib.parse.urlsplit(server)
connection = trino.dbapi.connect(
    host=address.hostname,
    port=address.port or (443 if address.scheme == "https" else 8080),
    http_scheme=address.scheme,
    user=address.username or "reader",
    auth=trino.auth.BasicAuthentication(address.username, address.password) if address.password else None,
)
cursor = connection.cursor()
cursor.execute(pathlib.Path(path).read_text())
rows = cursor.fetchall()
out = csv.writer(sys.stdout)
out.writerow(column.name for column in cursor.description)
out.writerows(rows)
