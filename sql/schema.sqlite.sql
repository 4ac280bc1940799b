-- The tables that sql/users.sql works with when it runs in the service `analytics`.
--
-- kinesis_json shows the stream's records: a column's name, its SQL type, and where in the record's JSON its
-- value is. What is not there is NULL. The randomuser.me API sends latitude and longitude as strings; a
-- numeric column reads them as numbers, and a record with something else there goes to the error table
-- (analytics --errors). Text longer than VARCHAR(n) is cut to n characters.
CREATE VIRTUAL TABLE SOURCE_SQL_STREAM_001 USING kinesis_json(
    first     VARCHAR(64) '$.name.first',
    last      VARCHAR(64) '$.name.last',
    age       INTEGER     '$.dob.age',
    gender    VARCHAR(16) '$.gender',
    latitude  DOUBLE      '$.location.coordinates.latitude',
    longitude DOUBLE      '$.location.coordinates.longitude'
);

-- firehose_json turns every row inserted into a JSON object with these keys, in this order, for a delivery
-- stream. FIREHOSE_STREAM says which one.
CREATE VIRTUAL TABLE DESTINATION_USER_DATA USING firehose_json(
    first,
    last,
    age,
    gender,
    latitude,
    longitude
);
