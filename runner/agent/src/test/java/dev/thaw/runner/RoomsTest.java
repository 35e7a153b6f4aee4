package dev.thaw.runner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The table of rooms and arrows. A new arrow is a change here, argued in an ADR. */
class RoomsTest {
    private static final String BASE = "dev.thaw.runner";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(BASE);

    /** Room → what it may use. */
    private static final Map<String, Set<String>> MAY_USE = table("""
            fault:
            job: fault
            workspace: job fault
            client: job workspace fault
            os: fault
            admission: job fault
            template: job os fault
            vm: template job os fault
            guest: job os fault
            egress: guest job os fault
            artifact: guest job os fault
            container: guest job fault
            execution: admission template vm guest container egress artifact workspace job os fault
            shell: execution guest job os fault
            warming: template vm guest egress job os fault
            records: job fault
            api: execution records workspace job fault
            agent: api execution warming records admission template workspace job os fault
            doctor: template vm guest execution warming job os fault
            bench: client template vm guest execution warming workspace job os fault
            cli: fault job workspace client os admission template vm guest container egress artifact execution shell warming \
            records agent doctor bench
            """);

    @Test
    void everyRoomUsesOnlyTheRoomsOfItsLineInTheTable() {
        Architectures.LayeredArchitecture house =
                Architectures.layeredArchitecture().consideringOnlyDependenciesInAnyPackage(BASE + "..");
        for (String room : MAY_USE.keySet()) {
            house = house.optionalLayer(room).definedBy(BASE + "." + room + "..");
        }
        house = house.layer("main").definedBy(BASE);
        for (var line : MAY_USE.entrySet()) {
            house = line.getValue().isEmpty()
                    ? house.whereLayer(line.getKey()).mayNotAccessAnyLayer()
                    : house.whereLayer(line.getKey())
                            .mayOnlyAccessLayers(line.getValue().toArray(String[]::new));
        }
        house.whereLayer("main").mayNotBeAccessedByAnyLayer().check(CLASSES);
    }

    @Test
    void everyPackageIsARoomOfTheTable() {
        var rooms = new TreeSet<String>();
        CLASSES.forEach(type -> rooms.add(type.getPackageName()));
        List<String> allowed =
                MAY_USE.keySet().stream().map(room -> BASE + "." + room).toList();
        var known = new ArrayList<>(allowed);
        known.add(BASE);
        assertThat(rooms).isSubsetOf(known).contains(BASE, BASE + ".fault", BASE + ".job", BASE + ".workspace");
    }

    @Test
    void roomsFormNoCycles() {
        slices().matching(BASE + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyOsStartsProcesses() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + ".os..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .check(CLASSES);
        noClasses().should().callMethod(Runtime.class, "exec", String.class).check(CLASSES);
        noClasses().should().callMethod(Runtime.class, "exec", String[].class).check(CLASSES);
    }

    @Test
    void onlyMainExits() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Main.class)
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandLineKnowsPicocli() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE, BASE + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(CLASSES);
    }

    private static Map<String, Set<String>> table(String text) {
        var table = new LinkedHashMap<String, Set<String>>();
        text.lines().forEach(line -> {
            String[] sides = line.split(":", 2);
            table.put(
                    sides[0],
                    sides[1].isBlank() ? Set.of() : Set.of(sides[1].strip().split("\\s+", -1)));
        });
        return table;
    }
}
