// SPDX-License-Identifier: Apache-2.0
package userstream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;

/**
 * Runs SQL scripts as one Flink job. The scripts are files, or resources of this jar: those that the property group "sql"
 * names under "scripts", with commas between them, by default this project's schema and statement. Property groups are
 * substituted in them, but for the group "config": that is Flink's own options, such as table.exec.state.ttl. Every INSERT
 * becomes part of one statement set.
 *
 * <p>Usage: SqlRunner [file with the property groups]; without it, where Managed Service for Apache Flink lays it down.
 */
public final class SqlRunner {
    static final String PROPERTIES = "/etc/flink/application_properties.json";
    static final String SCRIPTS = "sql/schema.flink.sql,sql/users.sql";

    private SqlRunner() {}

    public static void main(String[] args) throws Exception {
        ApplicationProperties properties = ApplicationProperties.read(Path.of(args.length > 0 ? args[0] : PROPERTIES));
        Configuration options = Configuration.fromMap(properties.group("config"));
        TableEnvironment tables = TableEnvironment.create(
                EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(options).build());
        TableResult result = submit(tables, properties);

        // A cluster goes on by itself; in this process the job would end with main().
        if (tables.getConfig().get(DeploymentOptions.TARGET) == null
                || tables.getConfig().get(DeploymentOptions.TARGET).equals("local")) {
            result.await();
        }
    }

    static TableResult submit(TableEnvironment tables, ApplicationProperties properties) throws IOException {
        StatementSet inserts = tables.createStatementSet();
        int count = 0;

        for (String name : properties.group("sql").getOrDefault("scripts", SCRIPTS).split(",")) {
            for (String statement : Statements.of(properties.substitute(read(name.strip())))) {
                if (isInsert(statement)) {
                    inserts.addInsertSql(statement);
                    count++;
                } else {
                    tables.executeSql(statement);
                }
            }
        }
        if (count == 0) {
            throw new IllegalArgumentException("there is no INSERT in the scripts");
        }
        return inserts.execute();
    }

    static boolean isInsert(String statement) {
        String bare = statement.replaceAll("(?s)^(\\s|--[^\\n]*(\\n|$)|/\\*.*?\\*/)+", "");
        return bare.toUpperCase(Locale.ROOT).startsWith("INSERT");
    }

    static String read(String name) throws IOException {
        Path file = Path.of(name);

        if (Files.isRegularFile(file)) {
            return Files.readString(file);
        }
        try (InputStream resource = SqlRunner.class.getClassLoader().getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalArgumentException("there is no script " + name + ", neither as a file nor in this jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
