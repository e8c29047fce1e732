"""What a run has made, failed and missed, by DuckDB over the lines of JSON that the command prints; also kept as Parquet.

    pip install duckdb
    oiio-proxy-generator outputs shots/ --all --json > outputs.ndjson
    oiio-proxy-generator sequences shots/ --json > sequences.ndjson
    oiio-proxy-generator failures list shots/ --json > failures.ndjson
    python3 examples/duckdb_report.py .

Nothing is downloaded: readers of JSON and Parquet are in the package.
"""
import pathlib
import sys

import duckdb

folder = pathlib.Path(sys.argv[1])

# DuckDB fetches extensions by itself where it is let; everything here is within the package.
database = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})

for name, columns in {
    # Named, so that a listing without a single line is an empty table and no error.
    "outputs": "{s3_bucket: 'VARCHAR', s3_key: 'VARCHAR', source_colorspace: 'VARCHAR', source_size_bytes: 'BIGINT', "
    "thumbnail_size_bytes: 'BIGINT', proxy_size_bytes: 'BIGINT', processing_time_seconds: 'DOUBLE', "
    "generated_timestamp: 'TIMESTAMPTZ'}",
    "sequences": "{bucket: 'VARCHAR', folder: 'VARCHAR', head: 'VARCHAR', tail: 'VARCHAR', frames_made: 'VARCHAR', "
    "frames_missing: 'VARCHAR', frames_failed: 'VARCHAR', movie_key: 'VARCHAR', is_sound: 'INTEGER'}",
    "failures": "{bucket: 'VARCHAR', key: 'VARCHAR', stage: 'VARCHAR', code: 'VARCHAR', says: 'VARCHAR'}",
}.items():
    lines = str(folder / f"{name}.ndjson").replace("'", "''")
    database.execute(
        f"CREATE VIEW {name} AS SELECT * FROM read_json('{lines}', format = 'newline_delimited', columns = {columns})"
    )

QUERIES = {
    "Colour spaces": """
        SELECT source_colorspace, count(*) AS frames, round(avg(processing_time_seconds), 2) AS seconds,
               round(sum(thumbnail_size_bytes + proxy_size_bytes) / sum(source_size_bytes), 3) AS outputs_over_sources
        FROM outputs GROUP BY ALL ORDER BY frames DESC""",
    "Shots that are not sound": """
        SELECT folder || head || '#' || tail AS shot, frames_made, frames_missing, frames_failed
        FROM sequences WHERE is_sound = 0 ORDER BY shot""",
    "Failures": """
        SELECT code, count(*) AS frames, min(key) AS one_of_them
        FROM failures GROUP BY ALL ORDER BY frames DESC""",
}
for title, sql in QUERIES.items():
    print(f"{title}:")
    print(database.sql(sql))

# For whoever reads no JSON: Spark, Trino, Pandas, another DuckDB.
parquet = str(folder / "outputs.parquet").replace("'", "''")
database.execute(f"COPY outputs TO '{parquet}' (FORMAT parquet)")
