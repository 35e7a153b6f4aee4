package dev.thaw.runner.execution;

import dev.thaw.runner.guest.GuestSession;
import dev.thaw.runner.vm.MicroVm;

/**
 * A guest that is somebody of its own: restored, connected, its identity confirmed.
 *
 * @param vm the machine
 * @param session the conversation with its guestd
 */
public record Guest(MicroVm vm, GuestSession session) implements AutoCloseable {
    @Override
    public void close() {
        // The machine first: a session that is hung up in order would have the guest power off by itself, which takes
        // longer than killing it and leaves nothing else behind.
        vm.kill();
        session.close();
        vm.close();
    }
}
