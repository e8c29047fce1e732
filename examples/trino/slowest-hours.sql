-- Hours of render by the clock of the renderers, the slowest first: how many frames, how long each, how much is stored.
SELECT substr(generated_timestamp, 1, 13) AS hour,
       count(*) AS frames,
       approx_percentile(processing_time_seconds, 0.5) AS median_seconds,
       max(processing_time_seconds) AS longest_seconds,
       sum(thumbnail_size_bytes + proxy_size_bytes) AS bytes
FROM vast."renders/exr_metadata".proxy_outputs
GROUP BY substr(generated_timestamp, 1, 13)
ORDER BY median_seconds DESC
