-- Males of 18 and older: their names, age and place.
INSERT INTO DESTINATION_USER_DATA
SELECT first, last, age, gender, latitude, longitude
FROM SOURCE_SQL_STREAM_001
WHERE gender = 'male' AND age >= 18
