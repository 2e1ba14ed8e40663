package io.lsmbd.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The repository as the house rules see it: its modules, their classes and every text file. */
record SourceTree(Path root) {

    private static final Set<String> SKIPPED_FOLDERS = Set.of("target", "lsmbd-data");
    private static final Set<String> HIDDEN_BUT_OURS = Set.of(".ci", ".github");
    private static final Set<String> TEXT_SUFFIXES =
            Set.of(
                    "java",
                    "xml",
                    "md",
                    "txt",
                    "toml",
                    "yaml",
                    "yml",
                    "json",
                    "properties",
                    "sh",
                    "service",
                    "options",
                    "html",
                    "css",
                    "js",
                    "sql",
                    "fio");

    /** Tests run in their module's folder, which lies directly under the root. */
    static SourceTree here() {
        var module = Path.of("").toAbsolutePath();
        var root = module.getParent();
        if (root == null || !Files.exists(root.resolve("dev"))) {
            throw new IllegalStateException("not in a module of lsmbd: " + module);
        }
        return new SourceTree(root);
    }

    /** Folders that hold a module. */
    List<String> modules() {
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(child -> Files.exists(child.resolve("pom.xml")))
                    .map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folders of compiled main classes, of those modules that have any. */
    List<Path> classFolders() {
        return modules().stream()
                .map(module -> root.resolve(module).resolve("target/classes"))
                .filter(Files::isDirectory)
                .toList();
    }

    /** Names of the packages that a module's main sources declare. */
    Set<String> packagesOf(String module) {
        var sources = root.resolve(module).resolve("src/main/java");
        var packages = new TreeSet<String>();
        for (var file : files()) {
            var path = root.resolve(file.path());
            if (path.startsWith(sources) && file.isJava()) {
                var folder = sources.relativize(path.getParent());
                packages.add(folder.toString().replace('/', '.'));
            }
        }
        return packages;
    }

    /** Every text file that is, or could be, committed. */
    List<SourceFile> files() {
        var files = new ArrayList<SourceFile>();
        try {
            Files.walkFileTree(root, new TextFiles(files));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private final class TextFiles extends SimpleFileVisitor<Path> {
        private final List<SourceFile> found;

        TextFiles(List<SourceFile> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            var name = folder.getFileName().toString();
            var hidden = name.startsWith(".") && !HIDDEN_BUT_OURS.contains(name);
            var skipped = !folder.equals(root) && (hidden || SKIPPED_FOLDERS.contains(name));
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            if (attributes.isRegularFile() && isText(file)) {
                var path = root.relativize(file).toString();
                found.add(new SourceFile(path, Files.readString(file)));
            }
            return FileVisitResult.CONTINUE;
        }

        /** Scripts have no suffix here; they are told by their first line. */
        private static boolean isText(Path file) throws IOException {
            var name = file.getFileName().toString();
            var dot = name.lastIndexOf('.');
            if (dot >= 0) {
                return TEXT_SUFFIXES.contains(name.substring(dot + 1));
            }
            try (var in = Files.newInputStream(file)) {
                return new String(in.readNBytes(2), StandardCharsets.US_ASCII).equals("#!");
            }
        }
    }
}
