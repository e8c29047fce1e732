-- Shots that are not sound: what is missing, failed, black or frozen (ranges, 1001-1040,1045), and the movie there is all the same.
SELECT folder || head || '#' || tail AS shot,
       frames_missing,
       frames_failed,
       frames_black,
       frames_frozen,
       drift,
       movie_key
FROM vast."renders/exr_metadata".sequences
WHERE is_sound = 0
ORDER BY shot
