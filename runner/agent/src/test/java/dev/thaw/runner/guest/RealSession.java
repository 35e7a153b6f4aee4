package dev.thaw.runner.guest;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A session with the real guestd, which is built once for a class and started for each of its tests. */
@SuppressWarnings("NullAway.Init")
public final class RealSession implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
    private Path program;
    private RealGuestd guestd;
    private GuestSession session;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        program = RealGuestd.build();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        guestd = RealGuestd.start(program);
        session = GuestSession.open(guestd.socket(), FakeGuest.soon());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        session.close();
        guestd.close();
    }

    /** A host that hung up and connects again. */
    void comeBack() throws Exception {
        session = GuestSession.open(guestd.socket(), FakeGuest.soon());
    }

    RealGuestd guestd() {
        return guestd;
    }

    /** Begun, and without an identity yet. */
    public GuestSession session() {
        return session;
    }
}
