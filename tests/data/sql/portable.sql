-- What docs/sql.md calls portable, all of it.
INSERT INTO DESTINATION_USER_DATA
SELECT UPPER(gender) || '-' || COALESCE(first, 'none') || '''',
       CASE WHEN last LIKE 'V%' THEN SUBSTR(last, 2, 3)
            WHEN last IS NULL THEN TRIM('  x ')
            ELSE NULLIF(last, 'a/b') END,
       ABS(age) - 3 * 2 + 1,
       LOWER(UPPER(gender)),
       latitude * 2 - 1,
       -longitude
FROM (SELECT first, last, age, gender, latitude, longitude FROM SOURCE_SQL_STREAM_001) AS users
WHERE NOT (age < 18) AND gender IN ('male', 'female') AND (latitude BETWEEN -90 AND 90 OR latitude IS NULL)
  AND (first <> 'x' OR first IS NULL)
UNION ALL
SELECT first, last, age, gender, latitude, longitude
FROM SOURCE_SQL_STREAM_001
WHERE last IS NOT NULL AND `last` NOT LIKE 'v%' AND gender = 'male' AND age <= 30 AND age > -3
