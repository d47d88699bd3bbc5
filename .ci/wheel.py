"""Looks into the wheel in a folder: the files that the service reads are there, and nothing else is."""

import sys
import zipfile
from pathlib import Path

(wheel,) = Path(sys.argv[1]).glob("*.whl")
names = zipfile.ZipFile(wheel).namelist()
for needed in ("service/_cypher/graph/lock.cypher", "service/api/static/graphiql/graphiql.js"):
    assert needed in names, f"the wheel lacks {needed}"
unwanted = [name for name in names if "/build/" in name or name.startswith("tests/")]
assert not unwanted, f"the wheel has {unwanted}"
