package dev.thaw.runner.os;

import java.util.Map;

/** A program that uses its terminal as the runner does: raw until a key is pressed, which says how it ends. */
final class TerminalProgram {
    private TerminalProgram() {}

    public static void main(String[] arguments) throws Exception {
        HostTerminal terminal = HostTerminal.at(0, new Subprocess(Map.of("PATH", "/usr/bin:/bin")))
                .orElseThrow();
        try (HostTerminal.Guard sizes =
                terminal.watch((rows, columns) -> System.out.print("size " + rows + "x" + columns + ";"))) {
            try (HostTerminal.Guard raw = terminal.raw()) {
                System.out.print("begun;");
                for (int key = System.in.read(); ; key = System.in.read()) {
                    switch (key) {
                        case 'q' -> {
                            return;
                        }
                        case 't' -> throw new IllegalStateException("thrown");
                        case 'h' -> Runtime.getRuntime().halt(9);
                        default -> System.out.print("key " + key + ";");
                    }
                }
            }
        } finally {
            System.out.print("closed;");
        }
    }
}
