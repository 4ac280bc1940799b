// SPDX-License-Identifier: Apache-2.0
package userstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApplicationPropertiesTest {
    private static ApplicationProperties properties() {
        return new ApplicationProperties(Map.of(
                "source", Map.of("connector", "kinesis"), "sink", Map.of("delivery-stream", "it's $1\\")));
    }

    @Test
    void propertyGroupsAreReadAsTheServiceWritesThem() throws IOException {
        ApplicationProperties properties = ApplicationProperties.parse(
                "[{\"PropertyGroupId\":\"source\",\"PropertyMap\":{\"stream\":\"users\",\"aws.region\":\"eu-west-1\"}}]", "file");
        assertEquals(Map.of("stream", "users", "aws.region", "eu-west-1"), properties.group("source"));
        assertEquals(Map.of(), properties.group("sink"));
    }

    @Test
    void whatIsNoListOfGroupsIsRefused() {
        for (String json : new String[] {"{}", "[1]", "[{\"PropertyGroupId\":\"a\"}]", "[{\"PropertyMap\":{}}]"}) {
            assertThrows(IllegalArgumentException.class, () -> ApplicationProperties.parse(json, "file"), json);
        }
        assertThrows(IOException.class, () -> ApplicationProperties.parse("[", "file"));
    }

    @Test
    void oneValueIsSubstitutedWithItsQuotesDoubled() {
        assertEquals("'it''s $1\\'", properties().substitute("'${sink.delivery-stream}'"));
    }

    @Test
    void aGroupIsSubstitutedAsOptionsInOrder() throws IOException {
        ApplicationProperties properties = ApplicationProperties.parse(
                "[{\"PropertyGroupId\":\"t\",\"PropertyMap\":{\"path\":\"a'b\",\"format\":\"json\"}}]", "file");
        assertEquals("WITH ('format' = 'json',\n    'path' = 'a''b')", properties.substitute("WITH (${t.*})"));
    }

    @Test
    void anUnknownGroupOrKeyIsNamed() {
        assertEquals(
                "there is no property group 'sauce'; there are [sink, source]",
                assertThrows(IllegalArgumentException.class, () -> properties().substitute("${sauce.*}")).getMessage()
                        .replace("[source, sink]", "[sink, source]"));
        assertEquals(
                "property group 'source' has no 'stream'",
                assertThrows(IllegalArgumentException.class, () -> properties().substitute("${source.stream}"))
                        .getMessage());
    }

    @Test
    void otherDollarsStay() {
        assertEquals("'$.name' ${x} $1", properties().substitute("'$.name' ${x} $1"));
    }
}
