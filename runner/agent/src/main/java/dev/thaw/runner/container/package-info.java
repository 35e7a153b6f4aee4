/** The container that a job's steps run in, made and used through the API of the guest's Docker daemon. */
@NullMarked
package dev.thaw.runner.container;

import org.jspecify.annotations.NullMarked;
