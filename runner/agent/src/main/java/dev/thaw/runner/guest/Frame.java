package dev.thaw.runner.guest;

/** The numbers of yamux, version 0, and the limits the guest protocol adds. */
final class Frame {
    static final int HEADER_BYTES = 12;
    static final int MAX_PAYLOAD = 256 * 1024;
    static final int FIRST_WINDOW = 256 * 1024;
    static final int MAX_WINDOW = 16 * 1024 * 1024;
    static final int MAX_STREAMS = 1024;

    static final int DATA = 0;
    static final int WINDOW = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;
    static final int ALL_FLAGS = SYN | ACK | FIN | RST;

    /** The go-away code for a breach of the protocol. */
    static final int PROTOCOL_ERROR = 1;

    private Frame() {}
}
