-- What failed for good and nobody dismissed: by code, with how many, since when, and a frame to look at.
SELECT failure_code,
       count(*) AS frames,
       min(from_unixtime(changed_at_ms / 1000e0)) AS first_seen,
       min_by(bucket || '/' || key, changed_at_ms) AS first_frame
FROM vast."renders/exr_metadata".elements
WHERE state = 'failed' AND failure_kind = 'permanent'
GROUP BY failure_code
ORDER BY frames DESC
