package dev.thaw.runner.guest;

import java.time.Duration;

/**
 * What a guest said when it had taken its identity: the nonce that its snapshot was frozen with (empty in a guest that
 * was booted), the release of its kernel, and how far its clock was ahead of the host's (behind when negative).
 */
public record GuestIdentity(String bootNonce, String kernel, Duration clockError) {}
