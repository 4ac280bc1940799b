// SPDX-License-Identifier: Apache-2.0
package userstream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatementsTest {
    @Test
    void semicolonsEndStatementsAndTheLastNeedsNone() {
        assertEquals(List.of("SELECT 1", "SELECT 2"), Statements.of("SELECT 1;\n;\n  SELECT 2\n"));
    }

    @Test
    void semicolonsInQuotesAndCommentsDoNot() {
        String one = "SELECT ';', 'it''s;', `a;b`, \"c;d\" -- not; here\n /* nor; here */ FROM t";
        assertEquals(List.of(one), Statements.of(one + ";"));
    }

    @Test
    void commentsAloneAreNoStatement() {
        assertEquals(List.of(), Statements.of("-- nothing\n; /* nothing; */ ;\n"));
        assertEquals(List.of(), Statements.of(""));
    }

    @Test
    void commentsBeforeAStatementStayWithIt() {
        assertEquals(List.of("-- why\nSELECT 1"), Statements.of("-- why\nSELECT 1;"));
    }

    @Test
    void whatIsNotClosedReachesToTheEnd() {
        assertEquals(List.of("SELECT 'a; b"), Statements.of("SELECT 'a; b"));
        assertEquals(List.of(), Statements.of("/* a; b"));
    }
}
