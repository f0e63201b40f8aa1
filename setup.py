"""What pyproject.toml cannot say: how to compile the kernels. Where that fails, wellfit installs without them."""

import shutil
from multiprocessing.pool import ThreadPool
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext

SOURCE = Path("src/wellfit/native/source")
COMPILE = (
    "-O3 -std=c++20 -fPIC -fvisibility=hidden -fno-math-errno -fno-trapping-math -ffp-contract=fast -Wno-psabi -pthread"
    " -g0 -fno-wrapv"  # what Python was compiled with stands before these
)


class Anew(build):
    """Build into an empty folder: what an earlier build left there would go into the wheel."""

    def run(self) -> None:
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


class Kernels(build_ext):
    """Compile the files side by side. No failure counts: ``optional`` alone forgives only those it knows."""

    def build_extension(self, ext: Extension) -> None:
        one_by_one = self.compiler.compile

        def side_by_side(sources: list[str], **options: object) -> list[str]:
            with ThreadPool() as pool:
                return pool.map(lambda source: one_by_one([source], **options)[0], sources)

        self.compiler.compile = side_by_side
        try:
            super().build_extension(ext)
        except Exception as error:
            self.warn(f"wellfit will do without its compiled kernels: {error}")
            self.extensions = []  # editable_mode=strict would look for the file
            if self.editable_mode:  # where an older library would stay
                Path("src", self.get_ext_filename(ext.name)).unlink(missing_ok=True)


KERNELS = Extension(
    "wellfit.native.source._kernels",
    sorted(map(str, SOURCE.glob("*.cpp"))),
    depends=["setup.py", *sorted(map(str, [*SOURCE.glob("*.h"), *SOURCE.glob("*.inc")]))],
    extra_compile_args=COMPILE.split(),
    extra_link_args=["-pthread"],
    language="c++",
    optional=True,
)

setup(ext_modules=[KERNELS], cmdclass={"build": Anew, "build_ext": Kernels})
