package dev.thaw.runner.workspace;

import java.util.ArrayList;
import java.util.List;

/**
 * What went into an archive.
 *
 * @param files regular files and symbolic links
 * @param bytes content of the regular files, without holes
 * @param skipped sockets, FIFOs and devices, which an archive of a workspace cannot hold
 * @param gitRules whether files were left out, or looked at to be left out, by git's ignore rules
 * @param notes what a person may want to know: a sentence each
 */
public record PackedWorkspace(long files, long bytes, List<String> skipped, boolean gitRules, List<String> notes) {
    public PackedWorkspace {
        skipped = List.copyOf(skipped);
        notes = List.copyOf(notes);
    }

    /** All that a person may want to know, what was skipped included. */
    public List<String> remarks() {
        var remarks = new ArrayList<>(notes);
        if (!skipped.isEmpty()) {
            remarks.add("sockets, FIFOs and devices stay here: " + Shortlist.of(skipped));
        }
        return remarks;
    }
}
