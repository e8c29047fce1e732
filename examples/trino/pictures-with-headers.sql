-- Every picture that is shown, with what the header of its frame says: for a page, or for a join with your own tables by file_id.
SELECT f.file_path,
       f.frame_number,
       p.width,
       p.height,
       p.compression,
       o.source_colorspace,
       o.thumbnail_s3_key,
       o.proxy_s3_key
FROM vast."renders/exr_metadata".proxy_outputs_current AS o
JOIN vast."renders/exr_metadata".files AS f
  ON f.file_id = o.file_id AND f.s3_bucket = o.s3_bucket
JOIN vast."renders/exr_metadata".parts AS p
  ON p.file_id = f.file_id AND p.s3_bucket = f.s3_bucket AND p.part_index = 0
ORDER BY f.file_path
