-- The tables that sql/users.sql works with when it runs on Apache Flink.
--
-- The options of the two tables are property groups of the application ("source" and "sink", see aws/flink/): the
-- stream, the delivery stream, where to begin, credentials. What is done with a record is what schema.sqlite.sql does:
-- what is not there is NULL; a numeric column reads a number in a string; text longer than VARCHAR(n) is cut. A record
-- that is no JSON, or has something else than a number where one belongs, is left out; here nobody counts them.
CREATE TABLE KINESIS_RECORDS (
    gender   STRING,
    name     ROW<`first` STRING, `last` STRING>,
    dob      ROW<age STRING>,
    location ROW<coordinates ROW<latitude STRING, longitude STRING>>
) WITH (
    ${source.*}
);

CREATE TEMPORARY VIEW KINESIS_TEXTS AS
SELECT
    SUBSTRING(name.`first`, 1, 64) AS `first`,
    SUBSTRING(name.`last`, 1, 64) AS `last`,
    dob.age AS age,
    SUBSTRING(gender, 1, 16) AS gender,
    location.coordinates.latitude AS latitude,
    location.coordinates.longitude AS longitude
FROM KINESIS_RECORDS;

CREATE TEMPORARY VIEW KINESIS_NUMBERS AS
SELECT
    `first`, `last`, TRY_CAST(age AS DOUBLE) AS age, gender,
    TRY_CAST(latitude AS DOUBLE) AS latitude, TRY_CAST(longitude AS DOUBLE) AS longitude,
    age AS age_text, latitude AS latitude_text, longitude AS longitude_text
FROM KINESIS_TEXTS;

-- The casts also take what only Java calls a number: 1d, 1f, 0x1p3, Infinity.
CREATE TEMPORARY VIEW SOURCE_SQL_STREAM_001 AS
SELECT `first`, `last`, CAST(age AS INT) AS age, gender, latitude, longitude
FROM KINESIS_NUMBERS
WHERE (age_text IS NULL OR age = FLOOR(age) AND age BETWEEN -2147483648 AND 2147483647)
  AND (latitude_text IS NULL OR ABS(latitude) <= 1.7976931348623157E308)
  AND (longitude_text IS NULL OR ABS(longitude) <= 1.7976931348623157E308)
  AND NOT REGEXP(CONCAT_WS(' ', age_text, latitude_text, longitude_text), '[DdFfXx]');

CREATE TABLE DESTINATION_USER_DATA (
    `first`   STRING,
    `last`    STRING,
    age       INT,
    gender    STRING,
    latitude  DOUBLE,
    longitude DOUBLE
) WITH (
    ${sink.*}
);
