// SPDX-License-Identifier: Apache-2.0
package userstream;

import java.util.ArrayList;
import java.util.List;

/** Cuts an SQL script into its statements: at semicolons that stand in no quotes and no comment. */
final class Statements {
    private Statements() {}

    /** The statements without their semicolons; what is only white space and comments is none. */
    static List<String> of(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        boolean empty = true;
        int at = 0;

        while (at < script.length()) {
            int end = tokenEnd(script, at);
            char first = script.charAt(at);
            boolean comment = script.startsWith("--", at) || script.startsWith("/*", at);
            if (first == ';') {
                add(statements, statement, empty);
                empty = true;
            } else {
                statement.append(script, at, end);
                empty = empty && (comment || Character.isWhitespace(first));
            }
            at = end;
        }
        add(statements, statement, empty);
        return statements;
    }

    private static void add(List<String> statements, StringBuilder statement, boolean empty) {
        if (!empty) {
            statements.add(statement.toString().strip());
        }
        statement.setLength(0);
    }

    /** Behind the comment, the quoted text or the single character that begins at {@code at}. */
    private static int tokenEnd(String script, int at) {
        char first = script.charAt(at);

        if (script.startsWith("--", at)) {
            return endOf(script, "\n", at);
        }
        if (script.startsWith("/*", at)) {
            return endOf(script, "*/", at + 2);
        }
        // A doubled quote inside is two quoted texts in a row, which is the same for finding semicolons.
        if (first == '\'' || first == '"' || first == '`') {
            return endOf(script, String.valueOf(first), at + 1);
        }
        return at + 1;
    }

    private static int endOf(String script, String closing, int from) {
        int found = script.indexOf(closing, from);
        return found < 0 ? script.length() : found + closing.length();
    }
}
