// SPDX-License-Identifier: Apache-2.0
package userstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlRunnerTest {
    @TempDir
    private Path folder;

    private ApplicationProperties scripts(String... texts) throws IOException {
        List<String> names = new ArrayList<>();
        for (String text : texts) {
            Path file = folder.resolve(names.size() + ".sql");
            Files.writeString(file, text);
            names.add(file.toString());
        }
        return new ApplicationProperties(
                Map.of("sql", Map.of("scripts", String.join(" , ", names)), "sink", Map.of("connector", "filesystem",
                        "format", "json", "path", folder.resolve("out").toUri().toString())));
    }

    private static List<String> rows(TableEnvironment tables, String query) throws Exception {
        List<String> found = new ArrayList<>();
        CloseableIterator<Row> rows = tables.executeSql(query).collect();
        rows.forEachRemaining(row -> found.add(row.toString()));
        rows.close();
        found.sort(null);
        return found;
    }

    @Test
    void allInsertsOfAllScriptsAreOneJob() throws Exception {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inBatchMode());
        SqlRunner.submit(tables, scripts(
                        "CREATE TABLE numbers (n INT) WITH (${sink.*});",
                        "-- one\nINSERT INTO numbers VALUES (1);\n/* two */ insert into numbers VALUES (2)"))
                .await();
        assertEquals(List.of("+I[1]", "+I[2]"), rows(tables, "SELECT * FROM numbers"));
    }

    @Test
    void scriptsWithoutAnInsertAreRefused() {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inBatchMode());
        assertThrows(IllegalArgumentException.class, () -> SqlRunner.submit(tables, scripts("CREATE VIEW v AS SELECT 1")));
    }

    @Test
    void insertsAreKnownBehindComments() {
        assertTrue(SqlRunner.isInsert("-- a\n/* b\nc */ insert INTO t SELECT 1"));
        assertFalse(SqlRunner.isInsert("-- INSERT\nCREATE VIEW v AS SELECT 1"));
    }

    @Test
    void theProjectsScriptsAreInTheJar() throws IOException {
        for (String name : SqlRunner.SCRIPTS.split(",")) {
            assertFalse(SqlRunner.read(name).isEmpty());
        }
        assertThrows(IllegalArgumentException.class, () -> SqlRunner.read("sql/none.sql"));
    }
}
