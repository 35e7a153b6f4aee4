package dev.thaw.runner.job;

import java.security.SecureRandom;
import java.util.regex.Pattern;

/** The name of one job: fit for a file name, a host name and a line of a log. */
public record JobId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int RANDOM_CHARACTERS = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    public JobId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("job id must match " + FORM + ", got: " + value);
        }
    }

    /** An id that nobody has used before: 60 random bits. */
    public static JobId random() {
        var id = new StringBuilder("j");
        for (int i = 0; i < RANDOM_CHARACTERS; i++) {
            id.append(BASE32.charAt(RANDOM.nextInt(BASE32.length())));
        }
        return new JobId(id.toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
