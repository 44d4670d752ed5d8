#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares every #include with what the folder's DEPENDS names: check_layers.py ROOT LAYERS."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def read_layers(text):
    """One line a library: 'folder name: depends...'. Libraries of one folder may include each other."""
    folder_of, allowed = {}, {}
    for line in text.splitlines():
        head, depends = line.split(":")
        folder, name = head.split()
        folder_of[name] = folder
        allowed.setdefault(folder, {folder}).update(depends.split())
    return {folder: {folder_of.get(name, name) for name in names} for folder, names in allowed.items()}


def folder_of_file(file, folders):
    parents = [str(parent) for parent in file.parents]
    return next((parent for parent in parents if parent in folders), None)


def violations(root, allowed):
    for folder in sorted(allowed):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            file = path.relative_to(root)
            own = folder_of_file(file, allowed)
            if own != folder:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                target = match and folder_of_file(pathlib.Path(match.group(1)), allowed)
                if match and target is None:
                    yield f"{file}:{number}: {match.group(1)} is in no library"
                elif match and target not in allowed[own]:
                    yield f"{file}:{number}: {own} may not include {target}"


def main():
    root, layers = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    found = list(violations(root, read_layers(layers.read_text())))
    print("\n".join(found) or "every include is covered by DEPENDS")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
