package dev.thaw.runner.guest;

/** Rows and columns of a terminal; 0 means that nobody knows. */
public record TerminalSize(int rows, int columns) {
    private static final int LARGEST = 65535;

    public TerminalSize {
        if (rows < 0 || rows > LARGEST || columns < 0 || columns > LARGEST) {
            throw new IllegalArgumentException(
                    "a terminal has 0 to " + LARGEST + " rows and columns, got: " + rows + " and " + columns);
        }
    }
}
