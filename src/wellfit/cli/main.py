"""The command line: one command, one function; the work is the library's, here it is read, called and printed.

Nothing heavy is imported before a command runs: ``wellfit --help`` needs neither JAX nor scikit-learn. Exit codes: 0
fine, 1 the data or the model cannot be used, 2 an option is wrong, 130 Ctrl-C.
"""

import atexit
import contextlib
import functools
import gc
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from wellfit.core.errors import MissingExtraError
from wellfit.core.extras import need

need("typer", "cli", "the command line")
need("rich", "cli", "the command line")

import typer  # noqa: E402

from wellfit.cli import cache, fitting, measuring, picture, predicting, show, tracing, warming  # noqa: E402
from wellfit.cli.options import WrongUse  # noqa: E402

# click's class, or that of the copy which later versions of typer carry inside
UsageError: Any = typer.BadParameter.__mro__[1]

UNUSABLE, WRONG_USE, STOPPED = 1, 2, 130

app = typer.Typer(
    help="Neural networks for tables: say what the target is, get a fitted network, its figures and the reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Stopped(Exception):
    """Ctrl-C in a command, which typer would turn into a number without a word."""


def _telling(command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except KeyboardInterrupt:
            raise Stopped from None

    return run


for command in (fitting.fit, predicting.predict, measuring.evaluate, measuring.explain, tracing.trace, warming.warm):
    app.command()(_telling(command))
app.add_typer(picture.app, name="show")
app.add_typer(cache.app, name="cache")


def _version(asked: bool) -> None:
    if asked:
        import wellfit

        typer.echo(f"wellfit {wellfit.__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Neural networks for tables: say what the target is, get a fitted network, its figures and the reasons."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Whatever is wrong is one sentence on standard error."""
    if argv is None:  # the process is ours, and ends: collecting what is left would take a third of a second
        atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that knows few characters
    with warnings.catch_warnings():
        warnings.showwarning = show.notes()
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    try:
        result = typer.main.get_command(app).main(args=list(argv) if argv is not None else None, standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as leaving:
        return leaving.exit_code
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stdout.write(error.format_message() + "\n")
            return WRONG_USE
        return _error(error.format_message(), WRONG_USE)
    except WrongUse as error:
        return _error(error, WRONG_USE)
    except (Stopped, typer.Abort, KeyboardInterrupt):
        return _error("stopped; nothing was saved.", STOPPED)
    except (ValueError, TypeError, OSError, MissingExtraError, MemoryError) as error:
        return _error(error or type(error).__name__)
    except Exception as error:
        if os.environ.get("WELLFIT_TRACEBACK"):
            raise
        return _error(
            f"{type(error).__name__}: {error}: this should not happen; WELLFIT_TRACEBACK=1 shows where it does."
        )
    return result if isinstance(result, int) else 0


def _error(message: Any, code: int = UNUSABLE) -> int:
    sys.stderr.write(f"wellfit: {' '.join(str(message).split())}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
