/** Template → running guest → nothing: QEMU, QMP, overlay, cage. */
@NullMarked
package dev.thaw.runner.vm;

import org.jspecify.annotations.NullMarked;
