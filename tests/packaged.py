"""What is built is whole: the wheel and the sdist hold every tracked file that they should.

    python tests/packaged.py dist

is a step of `make package`, which then installs both in environments of their own.
"""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path


def tracked(*folders: str) -> set[str]:
    """Files that git knows, below folders of the project."""
    command = ["git", "ls-files", "--", *folders]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def main(folder: Path) -> None:
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    packed = {f"src/{name}" for name in zipfile.ZipFile(wheel).namelist()}
    with tarfile.open(sdist) as archive:
        sources = {name.split("/", 1)[-1] for name in archive.getnames()}
    expected = tracked("src", "tests", "benchmarks", "examples", "docs")
    for what, missing in (
        (wheel.name, tracked("src") - packed),
        (sdist.name, expected - sources),
    ):
        if missing:
            sys.exit(f"{what} lacks {', '.join(sorted(missing))}")
        print(f"{what} is whole")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
