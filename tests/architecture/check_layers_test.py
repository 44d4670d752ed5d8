# SPDX-License-Identifier: Apache-2.0
"""The layer check itself: it must find what it is there to find."""
import pathlib
import tempfile
import unittest

import check_layers

LAYERS = "core core: \nnn nn: core\nnn engine: core nn\nplanner planner: core\n"


class CheckLayers(unittest.TestCase):
    def found(self, file, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / file
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return list(check_layers.violations(pathlib.Path(folder), check_layers.read_layers(LAYERS)))

    def test_lets_a_named_dependency_pass(self):
        self.assertEqual(self.found("planner/a.cpp", '#include "core/error.hpp"\n#include <map>\n'), [])
        self.assertEqual(self.found("nn/kernels/a.cpp", '#include "nn/graph.hpp"\n'), [])

    def test_names_file_and_line_of_a_forbidden_one(self):
        self.assertEqual(self.found("planner/a.hpp", '\n#include "nn/graph.hpp"\n'),
                         ["planner/a.hpp:2: planner may not include nn"])

    def test_names_a_header_of_no_library(self):
        self.assertEqual(self.found("core/a.cpp", '#include "elsewhere/x.hpp"\n'),
                         ["core/a.cpp:1: elsewhere/x.hpp is in no library"])


if __name__ == "__main__":
    unittest.main()
