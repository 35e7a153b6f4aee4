package dev.thaw.runner.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateKeyTest {
    private static Map<String, String> inputs() {
        var inputs = new LinkedHashMap<String, String>();
        TemplateKey.NAMES.forEach(name -> inputs.put(name, "value of " + name));
        return inputs;
    }

    @Test
    void theDigestIsOverLinesInAFixedOrder() {
        assertThat(new TemplateKey(inputs()).digest())
                .isEqualTo("1969b0a97d410629b853e5f870f1cd10c323767882c74b4c0abe47b804338006");
    }

    @Test
    void everyInputChangesTheDigest() {
        String digest = new TemplateKey(inputs()).digest();
        for (String name : TemplateKey.NAMES) {
            Map<String, String> changed = inputs();
            changed.put(name, "another");
            assertThat(new TemplateKey(changed).digest()).describedAs(name).isNotEqualTo(digest);
        }
    }

    @Test
    void noInputCanBeForgotten() {
        Map<String, String> inputs = inputs();
        inputs.remove("host_cpu");
        assertThatThrownBy(() -> new TemplateKey(inputs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a template key is made of [guest_protocol, name, ");
    }

    @Test
    void peopleSeeTwelveDigits() {
        assertThat(TemplateKey.shortened("0123456789abcdef")).isEqualTo("0123456789ab");
    }
}
