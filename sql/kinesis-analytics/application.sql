-- The query of sql/users.sql as an application of the retired Amazon Kinesis Data Analytics for SQL has it. Its input
-- schema is input-schema.json beside it. `analytics` runs both as they are (docs/sql.md).
CREATE OR REPLACE STREAM "DESTINATION_USER_DATA" (
    "first"     VARCHAR(64),
    "last"      VARCHAR(64),
    "age"       INTEGER,
    "gender"    VARCHAR(16),
    "latitude"  DOUBLE,
    "longitude" DOUBLE
);

CREATE OR REPLACE PUMP "STREAM_PUMP" AS
INSERT INTO "DESTINATION_USER_DATA"
SELECT STREAM "first", "last", "age", "gender", "latitude", "longitude"
FROM "SOURCE_SQL_STREAM_001"
WHERE "gender" = 'male' AND "age" >= 18;
